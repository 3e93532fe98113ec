"""Claim 7 of Hehl et al. 2025: with residual connections, layer coefficients fall monotonically."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from ricci_flow.claims.base import Claim, Quantity, StudyView, register, share_of
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.point_measures import PointMeasures, residual_width
from ricci_flow.claims.verdicts import Rule


def _as_in_paper(study: StudyView, condition: str, measure: str) -> Iterator[dict[str, Any]]:
    """Count networks whose layer coefficients fall from each layer to the next."""
    if "layer_coefficients" not in study.tables:
        return
    layers = study.of("layer_coefficients", condition, measure).drop_nulls("layer_rho")
    residual = {
        name: (depth, own)
        for name, (depth, width) in study.shapes.items()
        if (own := residual_width(width)) is not None
    }
    plain = [name for name, shape in study.shapes.items() if shape in residual.values()]
    for architectures, what in ((list(residual), "residual"), (plain, "plain")):
        falls = (
            layers.filter(pl.col("architecture").is_in(architectures))
            .sort("layer")
            .group_by("data_set", "architecture", "network")
            .agg(falls=(pl.col("layer_rho").diff().drop_nulls() < 0).all())["falls"]
        )
        yield {
            "quantity": f"{what} networks whose layer coefficient falls at every layer",
            **share_of(int(falls.sum()), len(falls)),
        }


def _falls(cell: PointMeasures, _: str) -> tuple[float]:
    return (cell.residual_falls,)


def _in_orders(cell: PointMeasures, _: str) -> tuple[float]:
    return (cell.orders_fall,)


def _plain(cell: PointMeasures, _: str) -> tuple[float]:
    return (cell.plain_falls,)


CLAIM = register(
    Claim(
        key="residual_monotone",
        number=7,
        paper="hehl2025",
        text="Layer coefficients of residual networks fall along the layers",
        quantity_text=(
            "residual networks whose layer coefficients fall (negative rank correlation with the "
            "layer)"
        ),
        title="falling in residual",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("residual", _falls, MeanShare()),
        in_layer_orders=Quantity("residual orders", _in_orders, MeanShare()),
        comparisons=(("plain networks", Quantity("residual plain", _plain, MeanShare())),),
        as_in_paper=_as_in_paper,
    )
)
