"""Mingard et al. 2025: networks of the ordered regime generalise better than chaotic ones.

The initial weights of both are multiples of each other, and so are compared network by network.
They show it by curves and print no number.
"""

import numpy as np

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.in_cell import share_above
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule

CHAOTIC = "chaotic"


def _better(cell: LayerCell, _: str) -> tuple[float]:
    """Return the share of networks that are more often right than their chaotic ones."""
    other = cell.others.get(CHAOTIC)
    if other is None:
        return (np.nan,)
    return (share_above((cell.numbers, cell.held_out), (other.numbers, other.held_out)),)


CLAIM = register(
    Claim(
        key="ordered_better",
        number=2,
        paper="mingard2025",
        evidence=EVIDENCE,
        of_accuracy=True,
        text="Networks that start ordered generalise better than those that start chaotic",
        quantity_text=(
            "networks with a lower error on the inputs held out than the same network from larger "
            "weights (condition `chaotic`)"
        ),
        title="better than chaotic",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("ordered better", _better, MeanShare()),
        as_in_paper=no_quantities,
    )
)
