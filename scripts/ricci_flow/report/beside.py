"""Tables that set the study beside the paper: the claims, the cells, and how near they are."""

from collections.abc import Callable
from typing import Any

import polars as pl

from ricci_flow.report.tables import NO_REASON, label
from ricci_flow.report.text import escape, number, percent, pipe_table

CLAIMS = {
    1: "Some *k* has a negative coefficient in every cell",
    2: "*k*\\* is a small share of *n* on synthetic data, a large one on images",
    3: "Along the layers curvature falls on synthetic data and rises on images",
    4: "A more negative coefficient goes with a higher accuracy",
    5: "Negative coefficients are a property of well-trained networks",
}
NOTHING_PUBLISHED = "The paper has no cell of this study, or the study does not name its values."


def claims_table(claims: pl.DataFrame, convention: str) -> str:
    """Return a row a quantity behind a claim: published, and in every condition."""
    chosen = claims.filter(pl.col("convention") == convention)
    conditions = chosen["condition"].unique(maintain_order=True).to_list()
    rows = []
    for (claim, quantity), group in chosen.group_by(["claim", "quantity"], maintain_order=True):
        cells = {row["condition"]: row for row in group.iter_rows(named=True)}
        first = group.row(0, named=True)
        rows.append(
            [
                f"({claim}) {CLAIMS[int(str(claim))]}",
                escape(quantity),
                _published(first),
                *(_measured(cells[name]) if name in cells else "no fit" for name in conditions),
            ]
        )
    headings = ["claim", "quantity", "paper", *map(escape, conditions)]
    return pipe_table(headings, rows, left=2, empty="No claim could be looked at.")


def _published(row: dict[str, Any]) -> str:
    value = row["published"]
    if value is None:
        return "not given"
    return number(value) if row["claim"] == 4 else percent(value)


def _measured(row: dict[str, Any]) -> str:
    """Return a quantity with what it was counted or taken over."""
    value = row["value"]
    if value is None:
        return f"not defined (of {row['of']})"
    if row["claim"] == 4:
        return f"{number(value)} (*N* = {row['of']})"
    if row["claim"] == 2:
        return f"{percent(value)} ({percent(row['low'])} to {percent(row['high'])})"
    return f"{percent(value)} ({row['hits']} of {row['of']})"


def nulls_table(nulls: pl.DataFrame, convention: str) -> str:
    """Return what is observed beside what layer orders give, by condition and depth."""
    rows = [
        [
            escape(row["condition"]),
            str(row["depth"]),
            str(row["networks"]),
            _three(number, row, "rho", "null_mean", "coupling_mean"),
            _three(percent, row, "negative", "null_negative", "coupling_negative"),
            _three(percent, row, "significant", "significant_orders", "significant_coupling"),
            _three(percent, row, "fixed_negative", "fixed_null_negative"),
            f"{percent(row['fixed_significant_orders'])} of {row['fixed_networks'] or 0}",
            *(number(row[name]) for name in ("coupling", "rho_detrended", "spearman", "rho_next")),
        ]
        for row in nulls.filter(pl.col("convention") == convention).iter_rows(named=True)
    ]
    headings = ["condition", "depth", "networks", "mean ρ: observed / orders / coupled"]
    headings += ["negative: observed / orders / coupled"]
    headings += ["*p* ≤ 0.05: pairings / orders / coupled"]
    headings += ["at a tenth of *n*, negative: observed / orders"]
    headings += ["at a tenth of *n*, *p* ≤ 0.05: orders"]
    headings += ["coupling", "ρ detrended", "Spearman", "ρ with next layer"]
    return pipe_table(headings, rows, left=1, empty="No network has a coefficient.")


def _fixed(row: dict[str, Any]) -> str:
    """Return the coefficient at the k fixed beforehand, with its band."""
    if row["rho_fixed"] is None:
        return f"not defined (*k* = {row['k_fixed'] or 'none'})"
    band = f"{number(row['fixed_low'])} to {number(row['fixed_high'])}"
    band = "no band" if row["fixed_low"] is None else band
    return f"{number(row['rho_fixed'])} ({band}; *k* = {row['k_fixed']})"


def _three(write: Callable[[float | None], str], row: dict[str, Any], *names: str) -> str:
    return " / ".join(write(row[name]) for name in names)


def held_out_table(held_out: pl.DataFrame, condition: str, convention: str) -> str:
    """Return what choosing k on one half of a cell's networks gives on the other."""
    chosen = held_out.filter(condition=condition, convention=convention)
    rows = []
    for row in chosen.iter_rows(named=True):
        why = f"none: {escape(row['reason'] or NO_REASON)}"
        interval = f" ({number(row['low'])} to {number(row['high'])})"
        rows.append(
            [
                escape(row["data_set"]),
                label(row["architecture"]),
                str(row["networks"]),
                number(row["rho_chosen"]),
                why if row["rho_held_out"] is None else number(row["rho_held_out"]) + interval,
                percent(row["negative"]),
                _fixed(row),
            ]
        )
    headings = ["data set", "architecture", "kept", "ρ on the choosing half"]
    headings += ["ρ on the other half", "splits below 0", "ρ at a tenth of *n*"]
    return pipe_table(headings, rows, left=2, empty="No cell was split.")


def comparison_table(comparison: pl.DataFrame, condition: str, convention: str) -> str:
    """Return every cell that the paper has too: its k* and coefficient, and ours."""
    chosen = comparison.filter(condition=condition, convention=convention)
    rows = []
    for row in chosen.iter_rows(named=True):
        why = f"none: {escape(row['reason'] or NO_REASON)}"
        rows.append(
            [
                escape(row["data_set"]),
                label(row["architecture"]),
                f"{row['published_k']}\u00a0({number(row['published_rho'])})",
                why if row["rho"] is None else f"{row['k']}\u00a0({number(row['rho'])})",
                number(row["rho_at_published_k"]),
            ]
        )
    headings = ["data set", "architecture", "paper: *k*\\* (ρ)", "here: *k*\\* (ρ)"]
    headings += ["here, ρ at the paper's *k*\\*"]
    return pipe_table(headings, rows, left=2, empty=NOTHING_PUBLISHED)


def fit_table(fit: pl.DataFrame) -> str:
    """Return how near every condition and convention comes to the paper's cells."""
    rows = [
        [
            escape(row["condition"]),
            escape(row["convention"]),
            str(row["cells"]),
            str(row["undefined"]),
            number(row["rms_difference"]),
            number(row["rms_difference_at_published_k"]),
            percent(row["same_sign"]),
            number(row["spearman"]),
            number(row["median_k_ratio"]),
        ]
        for row in fit.iter_rows(named=True)
    ]
    headings = ["condition", "convention", "cells", "undefined here", "rms difference of ρ"]
    headings += ["rms at the paper's *k*\\*", "same sign", "Spearman over cells"]
    headings += ["*k*\\* here / paper, median"]
    return pipe_table(headings, rows, left=2, empty=NOTHING_PUBLISHED)
