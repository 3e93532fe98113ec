"""Claim 5 of Hehl et al. 2025: the curvature gap between classes rises along the layers."""

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.point_measures import PointMeasures
from ricci_flow.claims.verdicts import Rule


def _rises(cell: PointMeasures, _: str) -> tuple[float]:
    return (cell.gap_rises,)


CLAIM = register(
    Claim(
        key="rising_gap",
        number=5,
        paper="hehl2025",
        text="The curvature gap between classes rises along the layers",
        quantity_text="networks whose gap rises (positive rank correlation with the layer)",
        title="rising gap",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("gap", _rises, MeanShare()),
        as_in_paper=no_quantities,
    )
)
