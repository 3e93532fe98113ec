"""Fang et al. 2021: the layers of wide mean-field networks come to one kernel each.

Features are within one over the root of the width of their limit, and so is the kernel of a layer,
the products of its points. A number of the kernel stands for it: the share of its trace that lies
along the classes.
"""

import numpy as np

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanRatio
from ricci_flow.claims.label_spike import ALIGNMENT
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule


def _spread(cell: LayerCell) -> float:
    """Return the standard deviation over networks, root mean square over layers; nan of one."""
    found = cell.total(ALIGNMENT)
    return float(np.sqrt(found.var(axis=0, ddof=1).mean())) if len(found) > 1 else np.nan


def _fall(cell: LayerCell, _: str) -> tuple[float]:
    return (cell.for_fourfold_width(_spread),)


CLAIM = register(
    Claim(
        key="kernels_converge",
        number=3,
        paper="fang2021",
        evidence=EVIDENCE,
        needs=ALIGNMENT,
        text="Kernels of layers differ less between networks, the wider they are",
        quantity_text=(
            "what the standard deviation, over networks, of the share of a layer's variance that "
            "lies between classes is multiplied by where layers are four times as wide"
        ),
        title="kernels converge",
        unit="ratio",
        rule=Rule(null=1.0, side=-1, margin=0.7, null_difference=1.0),
        quantity=Quantity("kernels converge", _fall, MeanRatio()),
        published=lambda _: 0.5,
        published_text="{} by theory",
        as_in_paper=no_quantities,
    )
)
