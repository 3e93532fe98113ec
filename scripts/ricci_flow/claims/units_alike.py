"""Fang et al. 2021: independent weights make all units of a middle layer the same.

Where a unit is a mean over many before it, with independent weights, the units of a layer differ by
one over the root of the width. Their own weights, which reach features, are there to avoid it, and
are compared with it. The first layer sees the points themselves, and the units of the last one
differ by their weights to the output, so both are left out.
"""

import numpy as np

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanRatio
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule

# Conditions: the one that is judged, and the one whose units it is about.
FEATURES, INDEPENDENT = "features", "independent"
SPREAD = (("unit_spread", "knn"),)


def _spread(cell: LayerCell) -> float:
    """Return the mean spread of the units of middle layers, over networks and layers."""
    return float(cell.total(SPREAD)[:, 1:-1].mean()) if cell.depth > 2 else np.nan


def _independent(cell: LayerCell, _: str) -> tuple[float]:
    other = cell.others.get(INDEPENDENT)
    if other is None or FEATURES in cell.others:  # not asked of other conditions
        return (np.nan,)
    return (other.for_fourfold_width(_spread),)


def _features(cell: LayerCell, _: str) -> tuple[float]:
    return (np.nan if FEATURES in cell.others else cell.for_fourfold_width(_spread),)


CLAIM = register(
    Claim(
        key="units_alike",
        number=1,
        paper="fang2021",
        evidence=EVIDENCE,
        needs=SPREAD,
        text="With independent weights all units of a middle layer become the same with width",
        quantity_text=(
            "what the spread of the units is multiplied by where layers are four times as wide"
        ),
        title="units become alike",
        unit="ratio",
        # Half their power of the width, 1 / 4, is the least that counts: 0.7 for four times.
        rule=Rule(null=1.0, side=-1, margin=0.7, null_difference=1.0),
        quantity=Quantity("units alike, independent", _independent, MeanRatio()),
        comparisons=(("features", Quantity("units alike, features", _features, MeanRatio())),),
        published=lambda _: 0.5,
        published_text="{} by theory",
        as_in_paper=no_quantities,
    )
)
