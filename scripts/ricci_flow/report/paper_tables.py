"""Tables that compare the study with the paper: the claims, the cells, and how near they are."""

from collections.abc import Callable
from typing import Any

import polars as pl

from ricci_flow.claims.base import Claim
from ricci_flow.claims.registry import claim_of
from ricci_flow.report.tables import NO_REASON, label
from ricci_flow.report.text import count, escape, number, percent, pipe_table, signed

NOTHING_PUBLISHED = "The paper has no cell of this study, or the study does not name its values."


def claims_table(claims: pl.DataFrame, measure: str) -> str:
    """Return one row per quantity behind a claim: published, and in every condition."""
    chosen = claims.filter(pl.col("measure") == measure)
    conditions = chosen["condition"].unique(maintain_order=True).to_list()
    rows = []
    for (key, quantity), group in chosen.group_by(["key", "quantity"], maintain_order=True):
        claim = claim_of(str(key))
        cells = {row["condition"]: row for row in group.iter_rows(named=True)}
        first = group.row(0, named=True)
        rows.append(
            [
                f"({claim.number}) {claim.text}",
                escape(quantity),
                _published(claim, first),
                *(
                    _measured(claim, cells[name]) if name in cells else "no fit"
                    for name in conditions
                ),
            ]
        )
    headings = ["claim", "quantity", "paper", *map(escape, conditions)]
    return pipe_table(headings, rows, left=2, empty="No claim could be looked at.")


def _published(claim: Claim, row: dict[str, Any]) -> str:
    value = row["published"]
    if value is None:
        return "not given"
    return signed(value) if claim.unit_in_paper == "t" else percent(value)


def _measured(claim: Claim, row: dict[str, Any]) -> str:
    """Return a quantity with what it was counted or taken over."""
    value = row["value"]
    if value is None:
        return f"not defined (of {row['of']})"
    if claim.unit_in_paper == "t":
        return f"{signed(value)} (*N* = {row['of']})"
    if row["hits"] is None:  # a median
        return f"{percent(value)} ({percent(row['low'])} to {percent(row['high'])})"
    return f"{percent(value)} ({row['hits']} of {row['of']})"


def nulls_table(nulls: pl.DataFrame, measure: str) -> str:
    """Return what is observed and what layer orders give, by condition and depth."""
    rows = [
        [
            escape(row["condition"]),
            str(row["depth"]),
            str(row["networks"]),
            _three(number, row, "rho", "null_mean", "coupling_mean"),
            _three(percent, row, "negative", "null_negative", "coupling_negative"),
            _three(_near_chance, row, "significant", "significant_orders", "significant_coupling"),
            _three(percent, row, "fixed_negative", "fixed_null_negative"),
            f"{_near_chance(row['fixed_significant_orders'])} of {row['fixed_networks'] or 0}",
            *(number(row[name]) for name in ("coupling", "rho_detrended", "spearman", "rho_next")),
        ]
        for row in nulls.filter(pl.col("measure") == measure).iter_rows(named=True)
    ]
    headings = ["condition", "depth", "networks", "mean ρ: observed / orders / coupled"]
    headings += ["negative: observed / orders / coupled"]
    headings += ["*p* ≤ 0.05: pairings / orders / coupled"]
    headings += ["at a tenth of *n*, negative: observed / orders"]
    headings += ["at a tenth of *n*, *p* ≤ 0.05: orders"]
    headings += ["coupling", "ρ detrended", "Spearman", "ρ with next layer"]
    return pipe_table(headings, rows, left=1, empty="No network has a coefficient.")


def _near_chance(share: float | None) -> str:
    """Return a share of tests at the 5 % level, which is 5 % by chance alone."""
    return percent(share, apart=(0.05,))


def _fixed(row: dict[str, Any]) -> str:
    """Return the coefficient at the k fixed beforehand, with its band."""
    if row["rho_fixed"] is None:
        return f"not defined (*k* = {row['k_fixed'] or 'none'})"
    band = f"{signed(row['fixed_low'])} to {signed(row['fixed_high'])}"
    band = "no band" if row["fixed_low"] is None else band
    return f"{signed(row['rho_fixed'])} ({band}; *k* = {row['k_fixed']})"


def _three(write: Callable[[float | None], str], row: dict[str, Any], *names: str) -> str:
    return " / ".join(write(row[name]) for name in names)


def held_out_table(held_out: pl.DataFrame, condition: str, measure: str) -> str:
    """Return what choosing k on one half of a cell's networks gives on the other."""
    chosen = held_out.filter(condition=condition, measure=measure)
    rows = []
    for row in chosen.iter_rows(named=True):
        why = f"none: {escape(row['reason'] or NO_REASON)}"
        interval = f" ({signed(row['low'])} to {signed(row['high'])})"
        rows.append(
            [
                escape(row["data_set"]),
                label(row["architecture"]),
                str(row["networks"]),
                signed(row["rho_chosen"]),
                why if row["rho_held_out"] is None else signed(row["rho_held_out"]) + interval,
                percent(row["negative"]),
                _fixed(row),
            ]
        )
    headings = ["data set", "architecture", "kept", "ρ on the choosing half"]
    headings += ["ρ on the other half", "splits below 0", "ρ at a tenth of *n*"]
    return pipe_table(headings, rows, left=2, empty="No cell was split.")


def comparison_table(comparison: pl.DataFrame, condition: str, measure: str) -> str:
    """Return every cell that the paper has too: its k* and coefficient, and ours."""
    chosen = comparison.filter(condition=condition, measure=measure)
    rows = []
    for row in chosen.iter_rows(named=True):
        why = f"none: {escape(row['reason'] or NO_REASON)}"
        rows.append(
            [
                escape(row["data_set"]),
                label(row["architecture"]),
                f"{row['published_k']}\u00a0({signed(row['published_rho'])})",
                why if row["rho"] is None else f"{row['k']}\u00a0({signed(row['rho'])})",
                signed(row["rho_at_published_k"]),
            ]
        )
    headings = ["data set", "architecture", "paper: *k*\\* (ρ)", "here: *k*\\* (ρ)"]
    headings += ["here, ρ at the paper's *k*\\*"]
    return pipe_table(headings, rows, left=2, empty=NOTHING_PUBLISHED)


def fit_sentence(fit: pl.DataFrame, condition: str, measure: str) -> str:
    """Return in words how near the curves of one condition come to the paper's."""
    whole = fit.filter(pl.col("data_set").is_null(), measure=measure)
    rows = whole.filter(condition=condition).rows(named=True)
    if not rows or not rows[0]["values"]:
        return "No published curve has a value that this study defines.\n"
    (row,) = rows
    there = (
        f"Of {count(row['published_values'], 'published value')} {row['values']} are defined here"
    )
    if row["reasons"]:
        there += f" (of the others, {escape(row['reasons'])})"
    text = (
        f"{there}. Over these the curves of the {escape(condition)} networks are "
        f"{number(row['curve_rms'])} from the published ones (root mean square), and their "
        f"correlation with them is {number(row['curve_pearson'])}"
    )
    if row["strong"]:
        right = round(row["strong"] * row["strong_same_sign"])
        text += (
            f"; of the {count(row['strong'], 'value')} whose published size is above 0.3, {right} "
            f"({percent(right / row['strong'])}) have the published sign"
        )
    text += (
        f". *k*\\* is from half to twice the published one in {row['k_within_2']} of "
        f"{count(row['cells'], 'cell')}."
    )
    others = whole.filter(pl.col("condition") != condition).drop_nulls("curve_pearson")
    if len(others):
        best = others.sort("curve_pearson", descending=True).row(0, named=True)
        text += (
            f" Of the other conditions {escape(best['condition'])} has the highest correlation, "
            f"{number(best['curve_pearson'])}."
        )
    return text + "\n"


def fit_table(fit: pl.DataFrame, condition: str, measure: str) -> str:
    """Return how near the curves come to the paper's: of one condition, then of all others.

    The first, of the measure asked for, is shown for each of its data sets, too.
    """
    first = fit.filter(condition=condition, measure=measure)
    others = fit.filter(pl.col("data_set").is_null()).join(
        first.filter(pl.col("data_set").is_null()),
        on=["condition", "measure"],
        how="anti",
        maintain_order="left",
    )
    rows = [
        [
            _fitted(row),
            number(row["curve_rms"]),
            number(row["curve_pearson"]),
            _strong(row),
            f"{row['k_within_2']} of {row['cells']}",
            f"{row['values']} of {row['published_values']}",
        ]
        for part in (first, others)
        for row in part.iter_rows(named=True)
    ]
    headings = ["curves", "rms", "*r*", "sign right", "*k*\\* near", "values"]
    return pipe_table(headings, rows, empty=NOTHING_PUBLISHED)


def _fitted(row: dict[str, Any]) -> str:
    if row["data_set"] is not None:
        return escape(row["data_set"])
    return f"**{escape(row['condition'])}, {escape(row['measure'])}**"


def _strong(row: dict[str, Any]) -> str:
    return percent(row["strong_same_sign"]) + f" of {row['strong']}" * bool(row["strong"])


def fit_long_table(fit: pl.DataFrame) -> str:
    """Return how near every condition, measure and data set comes to the paper's cells."""
    rows = [
        [
            escape(row["condition"]),
            escape(row["measure"]),
            "all" if row["data_set"] is None else escape(row["data_set"]),
            number(row["curve_rms"]),
            number(row["curve_pearson"]),
            _strong(row),
            f"{row['values']} of {row['published_values']}",
            str(row["curve_cells"]),
            escape(row["reasons"] or "none is undefined"),
            str(row["k_within_2"]),
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
    headings = ["condition", "measure", "data set", "rms of the curves", "Pearson"]
    headings += ["sign right where \\|ρ\\| > 0.3", "values defined here", "cells with one"]
    headings += ["undefined here", "*k*\\* within a factor of 2", "cells", "cells without *k*\\*"]
    headings += ["rms at *k*\\*", "rms at the paper's *k*\\*", "same sign at *k*\\*"]
    headings += ["Spearman at *k*\\*", "*k*\\* here / paper, median"]
    return pipe_table(headings, rows, left=3, empty=NOTHING_PUBLISHED)
