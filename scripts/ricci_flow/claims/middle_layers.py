"""Claim 4 of Hehl et al. 2025: layer coefficients are most negative in the middle."""

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.point_measures import PointMeasures
from ricci_flow.claims.verdicts import Rule


def _middle(cell: PointMeasures, _: str) -> tuple[float]:
    return (cell.middle,)


def _in_orders(cell: PointMeasures, _: str) -> tuple[float]:
    return (cell.orders_middle,)


CLAIM = register(
    Claim(
        key="middle_layers",
        number=4,
        paper="hehl2025",
        text="Layer coefficients are most negative in the middle",
        quantity_text="networks whose layer coefficients are lowest in the middle third of layers",
        title="lowest in the middle",
        unit="share",
        # By chance each third is the lowest one as often.
        rule=Rule(null=1 / 3, side=1, margin=0.45),
        quantity=Quantity("middle", _middle, MeanShare()),
        in_layer_orders=Quantity("middle orders", _in_orders, MeanShare()),
        as_in_paper=no_quantities,
    )
)
