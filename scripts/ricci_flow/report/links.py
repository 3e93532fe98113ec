"""Tables of what goes with accuracy: the coefficient by several roads, and simpler numbers."""

from typing import Any

import polars as pl

from ricci_flow.report.tables import NO_REASON
from ricci_flow.report.text import escape, p_value, pipe_table, significant

PREDICTORS = {
    "z_printed": "adjusted coefficient",
    "in_degree_variance": "Var(in-degree) / *k*² at *k*\\*, mean over layers",
    "in_degree_variance_change": "its change, last layer less first",
    "margin": "margin on the test set",
    "test_loss": "test loss",
    "weight_norm": "weight norm",
}
TESTED = ["estimate", "interval", "*p*", "Holm", "Benjamini-Hochberg", "networks", "cells"]


def _tested(row: dict[str, Any]) -> list[str]:
    """Return the cells of a row below the headings `TESTED`."""
    why = f"none: {escape(row['reason'] or NO_REASON)}"
    interval = f"{significant(row['low'])} to {significant(row['high'])}"
    return [
        why if row["estimate"] is None else significant(row["estimate"]),
        "not defined" if row["estimate"] is None else interval,
        *(p_value(row[n]).replace("<", "\\<") for n in ("p", "p_holm", "p_benjamini_hochberg")),
        str(row["networks"]),
        str(row["cells"]),
    ]


def accuracy_link_table(link: pl.DataFrame, condition: str, convention: str) -> str:
    """Return claim 4 by every road."""
    rows = []
    for row in link.filter(condition=condition, convention=convention).iter_rows(named=True):
        name = escape(row["method"])
        rows.append([f"**{name}** (primary)" if row["primary"] else name, *_tested(row)])
    return pipe_table(["method", *TESTED], rows, left=1, empty="No method was tried.")


def baselines_table(baselines: pl.DataFrame, condition: str, convention: str) -> str:
    """Return the coefficient beside the baselines, one block a quantity."""
    chosen = baselines.filter(condition=condition, convention=convention)
    rows = [
        [escape(row["quantity"]), PREDICTORS[row["predictor"]], *_tested(row)]
        for row in chosen.iter_rows(named=True)
    ]
    headings = ["quantity", "predictor", *TESTED]
    return pipe_table(headings, rows, left=2, empty="No baseline was looked at.")
