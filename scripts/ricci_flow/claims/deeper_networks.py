"""Claim 2 of Hehl et al. 2025: local coefficients are more negative in deeper networks."""

from ricci_flow.claims.base import Claim, Quantity, below, no_quantities, register
from ricci_flow.claims.estimates import ShareOfCells
from ricci_flow.claims.point_measures import PointMeasures
from ricci_flow.claims.verdicts import Rule


def _more_negative(cell: PointMeasures, _: str) -> tuple[float]:
    return (below(cell.deeper),)


CLAIM = register(
    Claim(
        key="deeper_networks",
        number=2,
        paper="hehl2025",
        text="Local coefficients are more negative in deeper networks",
        quantity_text=(
            "cells with a lower mean local coefficient than networks of the same data set and "
            "width with fewer layers"
        ),
        title="cells below shallower ones",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("deeper", _more_negative, ShareOfCells()),
        as_in_paper=no_quantities,
    )
)
