"""The result tables: funnel, cells, regression and correlations inside the cells."""

from collections.abc import Callable
from typing import Any

import polars as pl

from ricci_flow.report.text import escape, number, p_cell, pipe_table, signed, significant

NO_REASON = "no reason was recorded"


def label(architecture: str) -> str:
    """Return an architecture's title, held on one line where it is short."""
    return escape(architecture.replace(" ", "\u00a0") if len(architecture) < 20 else architecture)


def funnel_table(funnel: pl.DataFrame, compared: bool) -> str:
    """Return how many networks are left after each step.

    compared: whether the study names published values; their numbers come last.
    """
    steps = funnel["step"].unique(maintain_order=True).to_list()
    rows = []
    for keys, group in funnel.group_by(["condition", "measure"], maintain_order=True):
        counts = group.group_by("step").agg(pl.col("networks").sum())
        by_step = dict(zip(counts["step"], counts["networks"], strict=True))
        rows.append(
            [*map(escape, keys), *(str(by_step.get(step, "not counted")) for step in steps)]
        )
    given = dict(funnel.select("step", "published").iter_rows())
    if compared and any(count is not None for count in given.values()):
        paper = ["not given" if given[step] is None else str(given[step]) for step in steps]
        rows.append(["published", "forman_directed", *paper])
    headings = ["condition", "measure", *map(escape, steps)]
    return pipe_table(headings, rows, left=2)


def _matrix(rows: pl.DataFrame, text: Callable[[dict[str, Any]], str], missing: str) -> str:
    """Return a table of data sets by architectures.

    text: makes the Markdown of a cell; missing: what is said of one that has no row.
    """
    architectures = rows["architecture"].unique(maintain_order=True).to_list()
    cells = {(row["data_set"], row["architecture"]): row for row in rows.iter_rows(named=True)}
    body = []
    for data_set in rows["data_set"].unique(maintain_order=True):
        line = [cells.get((data_set, name)) for name in architectures]
        body.append([escape(data_set), *(text(row) if row else missing for row in line)])
    headings = ["data set", *(label(name) for name in architectures)]
    return pipe_table(headings, body, empty="No cell was measured.")


def stars(cells: pl.DataFrame) -> pl.DataFrame:
    """Return one row per cell: the one at k*, or one that tells why there is none.

    Of a cell without k* the last k is taken: graphs are connected there if anywhere.
    """
    keys = ["data_set", "architecture", "condition", "measure"]
    return (
        cells.sort("is_k_star", "k", maintain_order=True)
        .group_by(keys, maintain_order=True)
        .last()
        .join(cells.select(keys).unique(maintain_order=True), on=keys, maintain_order="right")
    )


def k_star_table(cells: pl.DataFrame, condition: str, measure: str) -> str:
    """Return k* and the aggregated coefficient, data sets by architectures."""
    chosen = stars(cells).filter(condition=condition, measure=measure)

    def text(row: dict[str, Any]) -> str:
        if not row["is_k_star"]:
            return f"none: {escape(row['reason'] or NO_REASON)}"
        return f"{row['k']} ({signed(row['rho'])}; {row['connected']}/{row['kept']})"

    return _matrix(chosen, text, "not in this study")


def cells_table(cells: pl.DataFrame) -> str:
    """Return every cell of every condition and measure in full."""
    rows = []
    for row in stars(cells).iter_rows(named=True):
        star = row["is_k_star"]
        rows.append(
            [escape(row["condition"]), escape(row["measure"]), escape(row["data_set"])]
            + [label(row["architecture"])]
            + [str(row[name]) for name in ("networks", "kept")]
            + [str(row["connected"]) if star else "0", str(row["k"]) if star else "none"]
            + [signed(row["rho"]) if star else escape(row["reason"] or NO_REASON)]
        )
    headings = ["condition", "measure", "data set", "architecture", "trained"]
    headings += ["above threshold", "connected at *k*\\*", "*k*\\*", "aggregated ρ"]
    return pipe_table(headings, rows, left=4, empty="No cell was measured.")


def _why_no_fit(row: dict[str, Any]) -> str:
    return f"not defined: {escape(row['reason'] or NO_REASON)}"


def regression_table(regression: pl.DataFrame, condition: str, measure: str) -> str:
    """Return every term of the regression on the adjusted coefficient, or why there is none."""
    chosen = regression.filter(
        (pl.col("condition") == condition)
        & (pl.col("measure") == measure)
        & (pl.col("coefficient") == "z_printed")
    )
    rows = [
        [escape(row["term"] or "none"), significant(row["estimate"], 3, _why_no_fit(row))]
        + [significant(row[name], 3) for name in ("standard_error", "low", "high")]
        + [number(row["t"]), p_cell(row["p"]), str(row["observations"])]
        for row in chosen.iter_rows(named=True)
    ]
    headings = ["term", "estimate", "standard error", "low", "high", "*t*", "*p*", "*N*"]
    return pipe_table(headings, rows, empty="No regression was fitted.")


def regressions_table(regression: pl.DataFrame) -> str:
    """Return every term of every regression, or why there is none."""
    rows = []
    for row in regression.iter_rows(named=True):
        numbers = [significant(row["estimate"], 3, _why_no_fit(row))]
        numbers += [significant(row[name], 3) for name in ("standard_error", "low", "high")]
        rows.append(
            [escape(row[name]) for name in ("condition", "measure", "coefficient")]
            + [escape(row["term"] or "none")]
            + numbers
            + [number(row["t"]), p_cell(row["p"]), str(row["observations"])]
        )
    headings = ["condition", "measure", "coefficient", "term", "estimate", "standard error"]
    headings += ["low", "high", "*t*", "*p*", "*N*"]
    return pipe_table(headings, rows, left=4, empty="No regression was fitted.")


def networks_table(networks: pl.DataFrame, condition: str, measure: str) -> str:
    """Return every network at the k* of its cell: accuracy, coefficient, exact p."""
    chosen = networks.filter(condition=condition, measure=measure)
    rows = []
    for row in chosen.iter_rows(named=True):
        why = escape(row["reason"] or NO_REASON)
        rows.append(
            [
                *(escape(row["data_set"]), label(row["architecture"]), str(row["network"])),
                *(number(row["test_accuracy"], 4), "yes" if row["kept"] else "no", str(row["k"])),
                why if row["rho"] is None else signed(row["rho"], 3),
                *(number(row["z_printed"], 3), number(row["z_standardised"], 3)),
                p_cell(row["p"]),
            ]
        )
    headings = ["data set", "architecture", "network", "accuracy", "kept", "*k*\\*", "ρ"]
    headings += ["z printed", "z standardised", "*p*"]
    return pipe_table(headings, rows, left=2, empty="No network has a *k*\\*.")


def _correlation(row: dict[str, Any]) -> str:
    if row["spearman"] is None:
        return f"none: {escape(row['reason'] or NO_REASON)}"
    return signed(row["spearman"])


def within_table(within: pl.DataFrame, condition: str, measure: str) -> str:
    """Return Spearman correlations inside the cells, data sets by architectures."""
    chosen = within.filter(condition=condition, measure=measure)
    return _matrix(chosen, _correlation, "none: no *k*\\*")


def within_long_table(within: pl.DataFrame) -> str:
    """Return every correlation inside a cell with its interval and its p, corrected too."""
    tests = ("p", "p_holm", "p_benjamini_hochberg")
    rows = [
        [
            *(escape(row[name]) for name in ("condition", "measure", "data_set")),
            *(label(row["architecture"]), str(row["networks"]), _correlation(row)),
            f"{signed(row['low'])} to {signed(row['high'])}" if row["p"] is not None else "none",
            *(p_cell(row[name]) for name in tests),
        ]
        for row in within.iter_rows(named=True)
    ]
    headings = ["condition", "measure", "data set", "architecture", "networks"]
    headings += ["Spearman's ρ", "interval", "*p*", "Holm", "Benjamini-Hochberg"]
    return pipe_table(headings, rows, left=4, empty="No cell was correlated.")


def fixed_k_table(fixed: pl.DataFrame, measure: str) -> str:
    """Return the coefficients at the k fixed beforehand, a row per cell, a column per condition.

    fixed: statistics/fixed_k.parquet.
    """
    chosen = fixed.filter(measure=measure)
    conditions = chosen["condition"].unique(maintain_order=True).to_list()
    cells = chosen.group_by("data_set", "architecture", "k", maintain_order=True)
    rows = []
    for (data_set, architecture, k), part in cells:
        found = {row["condition"]: row for row in part.iter_rows(named=True)}
        texts = [_coefficient(found[name]) if name in found else "not run" for name in conditions]
        rows.append([escape(data_set), label(architecture), str(k), *texts])
    headings = ["data set", "architecture", "*k*", *map(escape, conditions)]
    return pipe_table(headings, rows, left=2, empty="No network is kept.")


def _coefficient(row: dict[str, Any]) -> str:
    """Return the median of an ensemble, and how many of its networks it is of."""
    networks = f"{row['networks']} of {row['kept']}"
    return f"none ({networks})" if row["rho"] is None else f"{signed(row['rho'])} ({networks})"
