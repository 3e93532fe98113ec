"""Claim 2: k* is a small share of n on synthetic data, a large one on images."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.claims.base import GROUPS, Claim, Quantity, StudyView, register
from ricci_flow.claims.estimates import RatioOfGroups
from ricci_flow.claims.verdicts import Rule


def _as_in_paper(study: StudyView, condition: str, measure: str) -> Iterator[dict[str, Any]]:
    """Take the median of k*/n over the cells of each group."""
    stars = study.of("cells", condition, measure).filter("is_k_star")
    printed = study.published["cells"] if study.published else {}
    for group in GROUPS:
        shares = [
            k / study.points[data_set]
            for data_set, k in stars.select("data_set", "k").iter_rows()
            if study.groups[data_set] == group
        ]
        theirs = [
            k / study.points[data_set]
            for data_set, row in printed.items()
            if study.groups.get(data_set) == group
            for k, _ in row.values()
        ]
        yield {
            "quantity": f"median k*/n on {study.words[group]}",
            "published": float(np.median(theirs)) if theirs else None,
            "value": float(np.median(shares)) if shares else None,
            "low": min(shares, default=None),
            "high": max(shares, default=None),
            "of": len(shares),
        }


def _published(study: StudyView) -> float | None:
    """Return k*/n on real over synthetic data, over that of a blind choice from the study's grids.

    Over the cells that the paper and the study both have.
    """
    if study.published is None:
        return None
    shifts: dict[str, list[float]] = {group: [] for group in GROUPS}
    grids = study.tables["cells"].group_by("data_set").agg(pl.col("k").unique())
    for data_set, grid in grids.iter_rows():
        blind = np.log(np.array(grid) / study.points[data_set]).mean()
        for k, _ in study.published["cells"].get(data_set, {}).values():
            shifts[study.groups[data_set]].append(float(np.log(k / study.points[data_set]) - blind))
    if not all(shifts.values()):
        return None
    return float(np.exp(np.mean(shifts["real"]) - np.mean(shifts["synthetic"])))


CLAIM = register(
    Claim(
        key="size_of_k_star",
        number=2,
        paper="baptista2024",
        text="*k*\\* is a small share of *n* on synthetic data, a large one on images",
        quantity_text=(
            "*k*\\*/*n* on images and tables over synthetic data, as a multiple of a blind choice "
            "from the grid"
        ),
        title="k*/n, others over synthetic",
        unit="ratio",
        rule=Rule(null=1.0, side=1, margin=1.5, null_difference=1.0),
        quantity=Quantity("2", lambda cell, _: (cell.k_share,), RatioOfGroups()),
        published=_published,
        as_in_paper=_as_in_paper,
    )
)
