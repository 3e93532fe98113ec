"""Claim 1 of Hehl et al. 2025: local coefficients are negative at most points."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from ricci_flow.claims.base import Claim, Quantity, StudyView, register
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.point_measures import PointMeasures
from ricci_flow.claims.verdicts import Rule
from ricci_flow.tables.keys import CELL


def _published(study: StudyView) -> float | None:
    """Return the mean of the published shares over the cells that paper and study both have."""
    if study.published is None:
        return None
    cells = study.tables["cells"].select(CELL).unique()
    printed = study.published["coefficients"].filter(quantity="local", condition="trained")
    shares = printed.join(cells, on=CELL, how="semi")["negative"].drop_nulls()
    return float(shares.sum() / len(shares)) if len(shares) else None


def _as_in_paper(study: StudyView, condition: str, measure: str) -> Iterator[dict[str, Any]]:
    """Count points, all networks and data sets together."""
    if "further" not in study.tables:
        return
    local = study.of("further", condition, measure).filter(
        pl.col("local_points").is_not_null(), setting="with_input_and_output"
    )
    points = int(local["local_points"].sum())
    hits = (local["local_points"] * local["local_negative"].fill_null(0.0)).sum()
    yield {
        "quantity": "points with a negative local coefficient",
        "published": _published(study) if condition == "trained" else None,
        "value": float(hits / points) if points else None,
        "hits": round(hits),
        "of": points,
    }


def _negative(cell: PointMeasures, _: str) -> tuple[float]:
    return (cell.negative,)


def _in_orders(cell: PointMeasures, _: str) -> tuple[float]:
    return (cell.orders_negative,)


CLAIM = register(
    Claim(
        key="local_negative",
        number=1,
        paper="hehl2025",
        text="Local coefficients are negative at most points",
        quantity_text="points with a negative local coefficient, mean over networks",
        title="negative points",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6, training=True),
        quantity=Quantity("local negative", _negative, MeanShare()),
        in_layer_orders=Quantity("local negative orders", _in_orders, MeanShare()),
        published=_published,
        published_text="{} of points, trained networks",
        as_in_paper=_as_in_paper,
    )
)
