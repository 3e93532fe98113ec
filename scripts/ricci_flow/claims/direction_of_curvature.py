"""Claim 3: along the layers curvature falls on synthetic data and rises on images."""

from collections.abc import Iterator
from typing import Any

from ricci_flow.analysis.inference import rank_correlation
from ricci_flow.claims.base import (
    GROUPS,
    Claim,
    Quantity,
    Row,
    StudyView,
    below,
    register,
    share_of,
)
from ricci_flow.claims.cell_measures import CellMeasures
from ricci_flow.claims.estimates import LeastShare
from ricci_flow.claims.verdicts import Rule
from ricci_flow.tables.keys import CELL

# Which way curvature goes along the layers.
DIRECTION = {"synthetic": -1.0, "real": 1.0}
_VERBS = {"synthetic": "falls", "real": "rises"}


def _as_claimed(cell: CellMeasures, group: str) -> Row:
    return (below(-DIRECTION[group] * cell.trend),)


def _as_in_paper(study: StudyView, condition: str, measure: str) -> Iterator[dict[str, Any]]:
    """Count the cells whose mean curvature at k* goes as claimed."""
    trends: dict[str, list[float]] = {group: [] for group in GROUPS}
    layers = study.of("layers", condition, measure)
    for (data_set, _), cell in layers.sort("layer").group_by(CELL, maintain_order=True):
        found = rank_correlation(cell["layer"].to_numpy(), cell["curvature"].to_numpy())
        if found is not None:
            trends[study.groups[str(data_set)]].append(found[0])
    for group, verb in _VERBS.items():
        hits = sum(DIRECTION[group] * trend > 0 for trend in trends[group])
        yield {
            "quantity": f"cells whose curvature {verb} along the layers, {study.words[group]}",
            **share_of(hits, len(trends[group])),
        }


CLAIM = register(
    Claim(
        key="direction_of_curvature",
        number=3,
        paper="baptista2024",
        text="Along the layers curvature falls on synthetic data and rises on images",
        quantity_text="cells whose curvature goes as claimed, in the group with the smaller share",
        title="cells as claimed",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("3", _as_claimed, LeastShare()),
        as_in_paper=_as_in_paper,
        choices_of_k=("k_star", "fixed"),
    )
)
