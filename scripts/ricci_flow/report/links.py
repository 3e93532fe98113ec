"""Tables of what goes with accuracy: the coefficient by several methods, and simpler numbers."""

from typing import Any

import polars as pl

from ricci_flow.labels import BASELINE_QUANTITIES, METHODS, PREDICTORS
from ricci_flow.report.tables import NO_REASON
from ricci_flow.report.text import escape, p_cell, pipe_table, significant

TESTED = ["estimate", "interval", "*p*", "Holm", "Benjamini-Hochberg", "networks", "cells"]


def _tested(row: dict[str, Any]) -> list[str]:
    """Return the cells of a row below the headings `TESTED`."""
    why = f"none: {escape(row['reason'] or NO_REASON)}"
    interval = f"{significant(row['low'])} to {significant(row['high'])}"
    return [
        why if row["estimate"] is None else significant(row["estimate"]),
        "not defined" if row["estimate"] is None else interval,
        *(p_cell(row[n]) for n in ("p", "p_holm", "p_benjamini_hochberg")),
        str(row["networks"]),
        str(row["cells"]),
    ]


def accuracy_link_table(link: pl.DataFrame, condition: str, measure: str) -> str:
    """Return whether accuracy goes with the coefficient, by every method."""
    rows = []
    for row in link.filter(condition=condition, measure=measure).iter_rows(named=True):
        name = escape(METHODS[row["method"]])
        rows.append([f"**{name}** (primary)" if row["primary"] else name, *_tested(row)])
    return pipe_table(["method", *TESTED], rows, left=1, empty="No method was tried.")


def _compact(row: dict[str, Any] | None) -> str:
    """Return estimate, interval, p and corrected p in one cell."""
    if row is None:
        return "itself"
    if row["estimate"] is None:
        return f"none: {escape(row['reason'] or NO_REASON)}"
    low, high = significant(row["low"]), significant(row["high"])
    p, holm, hochberg = (p_cell(row[name]) for name in ("p", "p_holm", "p_benjamini_hochberg"))
    return f"{significant(row['estimate'])} ({low} to {high}); *p* {p} / {holm} / {hochberg}"


def baselines_table(baselines: pl.DataFrame, condition: str, measure: str) -> str:
    """Return one row per predictor, one column per quantity."""
    chosen = baselines.filter(condition=condition, measure=measure)
    found = {(row["quantity"], row["predictor"]): row for row in chosen.iter_rows(named=True)}
    quantities = chosen["quantity"].unique(maintain_order=True).to_list()
    rows = [
        [
            escape(PREDICTORS[name]),
            *(_compact(found.get((quantity, name))) for quantity in quantities),
        ]
        for name in chosen["predictor"].unique(maintain_order=True)
    ]
    headings = ["predictor", *(escape(BASELINE_QUANTITIES[name]) for name in quantities)]
    return pipe_table(headings, rows, left=1, empty="No baseline was looked at.")
