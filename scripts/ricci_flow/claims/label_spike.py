"""Li and Sompolinsky 2021: what a deep linear network learns is a spike along the labels.

In their theory the kernel of a layer is that of the input and, added to it, a term along the labels
that is larger in every further layer. They show it by curves and print no share.
"""

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.in_cell import share_falling
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule

ALIGNMENT = (("label_alignment", "knn"),)


def _grows(cell: LayerCell, _: str) -> tuple[float]:
    return (share_falling(-cell.total(ALIGNMENT)),)


CLAIM = register(
    Claim(
        key="label_spike",
        number=1,
        paper="li2021",
        evidence=EVIDENCE,
        needs=ALIGNMENT,
        text="The share of a layer's variance along the labels grows with depth",
        quantity_text=(
            "networks in which the share of the variance between classes rises (positive rank "
            "correlation with the layer)"
        ),
        title="growing spike",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("label spike", _grows, MeanShare()),
        as_in_paper=no_quantities,
    )
)
