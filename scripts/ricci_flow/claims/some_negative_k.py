"""Claim 1: some k has a negative aggregated coefficient in every cell."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from ricci_flow.claims.base import Claim, Quantity, StudyView, below, register, share_of
from ricci_flow.claims.estimates import ShareOfCells
from ricci_flow.claims.verdicts import Rule
from ricci_flow.tables.keys import CELL


def _as_in_paper(study: StudyView, condition: str, measure: str) -> Iterator[dict[str, Any]]:
    """Count cells at the k that each chose itself, and at a tenth of n."""
    cells = study.of("cells", condition, measure)
    lowest = cells.group_by(CELL).agg(pl.col("rho").min())["rho"]
    yield {
        "quantity": "cells with a negative aggregated coefficient at some k",
        "published": 1.0 if study.published else None,
        **share_of(int((lowest < 0).sum()), len(lowest)),
    }
    fixed = study.of("k_curves", condition, measure).filter("fixed")["rho"].drop_nulls()
    yield {
        "quantity": "cells with a negative aggregated coefficient at a tenth of n",
        **share_of(int((fixed < 0).sum()), len(fixed)),
    }


CLAIM = register(
    Claim(
        key="some_negative_k",
        number=1,
        paper="baptista2024",
        text="Some *k* has a negative coefficient in every cell",
        quantity_text="cells with a negative coefficient at a *k* chosen on other networks",
        title="negative cells",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6, every=True),
        quantity=Quantity("1", lambda cell, _: (below(cell.held_out),), ShareOfCells()),
        at_fixed_k=Quantity("fixed", lambda cell, _: (below(cell.fixed),), ShareOfCells()),
        published=lambda study: 1.0 if study.published else None,
        published_text="{} of cells, *k* chosen on the same networks",
        as_in_paper=_as_in_paper,
        choices_of_k=("other_half", "k_star", "fixed"),
    )
)
