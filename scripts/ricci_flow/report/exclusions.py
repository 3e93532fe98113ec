"""What was left out and why; ties and dead units."""

import re

import polars as pl

from ricci_flow.report.tables import NO_REASON, label
from ricci_flow.report.text import escape, number, pipe_table, ranges

NOBODY = "No network was excluded."


def _with_kind(excluded: pl.DataFrame) -> pl.DataFrame:
    """Add `kind`: the reason without the layers or numbers that differ between networks."""
    kinds = []
    for reason in excluded["reason"]:
        first = re.split(r" at layer| \(", reason or NO_REASON, maxsplit=1)[0]
        kinds.append(re.sub(r"above [\d.]+", "above the threshold", first))
    return excluded.with_columns(kind=pl.Series(kinds, dtype=pl.String))


def excluded_summary(excluded: pl.DataFrame) -> str:
    """Return how many networks of how many cells were left out for each reason."""
    rows = []
    keys = ["condition", "measure", "kind"]
    for names, group in _with_kind(excluded).sort(keys).group_by(keys, maintain_order=True):
        cells = group.select("data_set", "architecture").unique().height
        networks = group.select("data_set", "architecture", "network").unique().height
        rows.append([escape(name) for name in names] + [str(networks), str(cells)])
    headings = ["condition", "measure", "reason", "networks", "cells"]
    return pipe_table(headings, rows, left=3, empty=NOBODY)


def excluded_table(excluded: pl.DataFrame) -> str:
    """Name every network that was left out, by cell and reason."""
    rows = []
    keys = ["condition", "measure", "data_set", "architecture", "k", "reason"]
    for names, group in excluded.group_by(keys, maintain_order=True):
        condition, measure, data_set, architecture, k, reason = names
        rows.append(
            [
                *map(escape, (condition, measure, data_set)),
                label(str(architecture)),
                "any" if k is None else str(k),
                escape(reason or NO_REASON),
                ranges(group["network"].to_list()),
            ]
        )
    headings = ["condition", "measure", "data set", "architecture", "*k*", "reason"]
    return pipe_table([*headings, "networks"], rows, left=7, empty=NOBODY)


def ties_table(ties: pl.DataFrame) -> str:
    """Return ties and dead units by ensemble: means over its networks and layers."""
    columns = ["dead_units", "duplicate_points", "tied_points", "extra_neighbours"]
    rows = []
    keys = ["condition", "data_set", "architecture"]
    for names, group in ties.group_by(keys, maintain_order=True):
        condition, data_set, architecture = (str(name) for name in names)
        means = [float(group[name].cast(pl.Float64).mean() or 0.0) for name in columns]  # type: ignore[arg-type]
        touched = group.filter(pl.any_horizontal(pl.col(columns) > 0)).height
        rows.append(
            [escape(condition), escape(data_set), label(architecture)]
            + [f"{touched} of {group.height}"]
            + [number(mean) for mean in means]
        )
    headings = ["condition", "data set", "architecture", "layers with any", "dead units"]
    headings += ["duplicate points", "tied points", "extra neighbours"]
    return pipe_table(headings, rows, left=3, empty="No layer was examined.")
