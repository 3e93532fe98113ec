"""Claim 1 of Naitzat, Zhitnikov and Lim 2020: the Betti numbers of the classes fall.

They show, by curves of networks that classify every point rightly, that pieces and holes of each
class get fewer from layer to layer, and print no number for it.
"""

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.in_cell import share_falling
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule

# Pieces and holes of both classes, from the input on.
BETTI = tuple(
    (measure, setting)
    for measure in ("betti_0", "betti_1")
    for setting in ("first_class", "second_class")
)


def _falls(cell: LayerCell, _: str) -> tuple[float]:
    return (share_falling(cell.total(BETTI)),)


CLAIM = register(
    Claim(
        key="betti_falls",
        number=1,
        paper="naitzat2020",
        evidence=EVIDENCE,
        needs=BETTI,
        text="The Betti numbers of the classes fall along the layers of trained networks",
        quantity_text=(
            "networks whose sum of the Betti numbers 0 and 1 of both classes falls (negative rank "
            "correlation with the layer)"
        ),
        title="falling Betti numbers",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("betti falls", _falls, MeanShare()),
        as_in_paper=no_quantities,
    )
)
