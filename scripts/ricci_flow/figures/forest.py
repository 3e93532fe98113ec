"""Does the coefficient go with accuracy? Every cell's correlation, and what they add up to."""

from typing import Any, NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from ricci_flow.analysis.baselines import ALONE, BASELINES, PARTIAL
from ricci_flow.errors import InputError
from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
    INK,
    MUTED,
    WIDTH,
    row_labels,
    say_nothing_to_draw,
    styled,
)
from ricci_flow.labels import META_ANALYSES, PREDICTORS, SLOPES

FIGURE = Declaration(
    caption="**Coefficient and accuracy inside the cells.** Squares: Spearman correlation "
    "of the adjusted coefficient and test accuracy inside each cell, the area in "
    "proportion to the networks (counted on the right), with {{< var "
    "scope.confidence >}} intervals on Fisher's z. Diamonds, as wide as their "
    "interval: the random-effects mean of all cells (in colour the primary test; "
    "cells that are not defined are left out), the same given a baseline, and "
    "baselines in place of the coefficient. Below: the slopes of the regressions, "
    "each divided by half its interval, so that one beyond ±1 excludes zero. Left "
    "of zero is the paper's claim.",
    alt="Forest plot of correlations by cell with pooled estimates, and standardised "
    "regression slopes.",
    tables={
        "within_cells": ("data_set", "architecture", "spearman", "low", "high", "networks"),
        "accuracy_link": ("method", "estimate", "low", "high", "networks"),
        "baselines": ("quantity", "predictor", "estimate", "low", "high", "networks"),
    },
    select=("condition", "measure"),
)

_ROW_INCHES = 0.145
_CELL, _POOLED, _PRIMARY = "#56b4e9", "#666666", "#d55e00"


class Row(NamedTuple):
    """A line of the plot: an estimate with its interval, or a heading (kind `heading`)."""

    kind: str
    label: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    networks: int = 0


def forest_rows(within: pl.DataFrame, link: pl.DataFrame, baselines: pl.DataFrame) -> list[Row]:
    """Return the rows on the scale of correlations, top to bottom.

    within, link, baselines: within_cells, accuracy_link and baselines.parquet of one condition and
    measure.
    """
    rows = [Row("heading", "adjusted coefficient")]
    labels = row_labels(list(within.select("data_set", "architecture").iter_rows()))
    for label, cell in zip(labels, within.iter_rows(named=True), strict=True):
        rows.append(_row("cell", label, cell, "spearman"))
    rows.append(Row("heading", "the same, pooled"))
    rows += _of(link, "method", META_ANALYSES, "primary")
    alone = {name: PREDICTORS[name] for name in BASELINES}
    held = {name: f"given {label}" for name, label in alone.items()}
    rows += _of(baselines.filter(pl.col("quantity") == PARTIAL), "predictor", held)
    rows.append(Row("heading", "in its place, pooled"))
    rows += _of(baselines.filter(pl.col("quantity") == ALONE), "predictor", alone)
    return rows


def slope_rows(link: pl.DataFrame) -> list[Row]:
    """Return the regressions' slopes in units of half their interval: beyond 1 it excludes zero."""
    rows = [Row("heading", "slopes of accuracy on it")]
    for row in _of(link, "method", SLOPES):
        if row.estimate is None or row.low is None or row.high is None:
            rows.append(row)
            continue
        half = (row.high - row.low) / 2
        low, high = row.low / half, row.high / half
        rows.append(row._replace(estimate=row.estimate / half, low=low, high=high))
    return rows


def _of(
    table: pl.DataFrame, column: str, names: dict[str, str], first: str = "pooled"
) -> list[Row]:
    """Return a row for each of `names`, the first of kind `first`; all are in the table, or none.

    Raises InputError where the table lacks one of them: a row must not vanish unseen.
    """
    found = {row[column]: row for row in table.iter_rows(named=True)}
    if missing := [name for name in names if found and name not in found]:
        raise InputError(
            f"the table has no {column} {', '.join(missing)}; delete it, it is then made again"
        )
    kinds = [first] + ["pooled"] * len(names)
    return [
        _row(kind, label, found[name], "estimate")
        for kind, (name, label) in zip(kinds, names.items(), strict=False)
        if found
    ]


def _row(kind: str, label: str, row: dict[str, Any], value: str) -> Row:
    return Row(kind, label, row[value], row["low"], row["high"], row["networks"])


@styled
def draw(within: pl.DataFrame, link: pl.DataFrame, baselines: pl.DataFrame) -> Figure:
    """Return the forest plot; see `forest_rows` and `slope_rows`.

    Squares: cells, their area in proportion to the networks, which are counted on the right; bars:
    intervals. Diamonds: pooled estimates, as wide as their interval, the primary one in colour.
    """
    if within.is_empty():
        return say_nothing_to_draw("no cell was measured under this condition and measure")
    parts = [forest_rows(within, link, baselines), slope_rows(link)]
    sizes = [len(rows) + 0.6 for rows in parts]
    figure = Figure(figsize=(WIDTH, _ROW_INCHES * sum(sizes) + 1.2), layout="constrained")
    axes = figure.subplots(2, 1, height_ratios=sizes)
    largest = max(row.networks for row in parts[0] if row.kind == "cell")
    for axis, rows in zip(axes, parts, strict=True):
        for place, row in enumerate(rows):
            _draw_row(axis, -place, row, largest)
        axis.axvline(0, color=MUTED, linewidth=0.7, zorder=0)
        labelled = [(-place, row.label) for place, row in enumerate(rows) if row.kind != "heading"]
        axis.set_yticks([y for y, _ in labelled], [label for _, label in labelled])
        axis.set_ylim(-len(rows) + 0.4, 0.6)
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
        axis.grid(axis="x", color=FAINT, linewidth=0.5)
        axis.set_axisbelow(True)
    axes[0].set_xlim(-1, 1)
    axes[0].set_xlabel("Spearman correlation with test accuracy")
    reach = 1.15 * max([1.0, *(abs(e) for row in parts[1] for e in (row.low, row.high) if e)])
    axes[1].set_xlim(-reach, reach)
    axes[1].set_xlabel("slope, in units of half its interval")
    return figure


def _draw_row(axis: Axes, y: float, row: Row, largest: int) -> None:
    margin = axis.get_yaxis_transform()
    if row.kind == "heading":
        axis.text(-0.02, y, row.label, transform=margin, ha="right", va="center",
                  fontsize=8, fontweight="bold")  # fmt: skip
        if y == 0:
            axis.text(1.01, y, "networks", transform=margin, va="center", fontsize=8, color=MUTED)
        return
    axis.text(1.01, y, str(row.networks), transform=margin, va="center", fontsize=8, color=MUTED)
    if row.estimate is None or row.low is None or row.high is None:
        axis.text(0.5, y, "not defined", transform=margin, ha="center", va="center", fontsize=8,
                  color=MUTED, backgroundcolor="white")  # fmt: skip
    elif row.kind == "cell":
        axis.plot([row.low, row.high], [y, y], color=_CELL, linewidth=1.1, solid_capstyle="butt")
        area = 22 * row.networks / largest
        axis.scatter([row.estimate], [y], s=area, marker="s", color=INK, linewidths=0, zorder=3)
    else:
        colour = _PRIMARY if row.kind == "primary" else _POOLED
        corners = [(row.low, y), (row.estimate, y + 0.36), (row.high, y), (row.estimate, y - 0.36)]
        axis.add_patch(Polygon(corners, closed=True, color=colour, linewidth=0, zorder=3))
