"""The aggregated coefficient of every cell over k, under every condition, with bands."""

from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from ricci_flow.analysis.choice_of_k import FIXED_FRACTION
from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
    INK,
    MUTED,
    WIDTH,
    in_lines,
    legend_above,
    say_nothing_to_draw,
    series_colour,
    styled,
)

FIGURE = Declaration(
    caption="**The aggregated coefficient over *k*, by condition.** One row of panels per "
    "data set, one column per architecture; below zero is Ricci-flow-like. *k* is a "
    "share of the test points, on a logarithmic axis; the grey upright marks {{< "
    "var fixed_fraction >}} of the points, fixed before any curve was seen. Thick: "
    "{{< var scope.condition >}} networks, with the {{< var scope.confidence >}} "
    "band of a bootstrap over the kept networks of the cell ({{< var draws >}} "
    "draws, the same at every *k*; none below {{< var least >}} connected "
    "networks). Thin: the other conditions. Dashed, where the paper has the cell: "
    "the curve as published, at the same numbers of neighbours.",
    alt="Curves of the aggregated Ricci coefficient over k, a panel per cell, a line per "
    "condition.",
    tables={
        "k_curves": (),
        "published_curves": ("data_set", "architecture", "k", "share", "rho"),
    },
    select=("measure",),
    numbers={
        "fixed_fraction": "analysis.choice_of_k.FIXED_FRACTION",
        "draws": "analysis.choice_of_k.CURVE_DRAWS",
        "least": "analysis.choice_of_k.LEAST_FOR_BAND",
    },
)

_ROW_INCHES = 0.92
# Dashed and dark, behind the study's own curves.
_PUBLISHED: Any = {"color": INK, "linewidth": 1.0, "linestyle": (0, (2.2, 1.2))}
_DECADES = (0.001, 0.01, 0.1, 1.0)


@styled
def draw(table: pl.DataFrame, published: pl.DataFrame | None = None) -> Figure:
    """Return the curves: one row of panels per data set, one column per architecture.

    One line per condition.

    table: statistics/k_curves.parquet of one measure; published: published_curves.parquet, if
    any, drawn dashed behind the study's curves. x: k as a share of n, logarithmic. The first
    condition is drawn thick and with its band, the others thin. Grey: zero, and the share
    fixed beforehand.
    """
    if published is None:
        published = pl.DataFrame(schema=["data_set", "architecture", "k", "share", "rho"])
    defined = table.filter(pl.col("rho").is_not_null())
    if defined.is_empty():
        return say_nothing_to_draw("no cell has a coefficient at any k")
    conditions = table["condition"].unique(maintain_order=True).to_list()
    data_sets = table["data_set"].unique(maintain_order=True).to_list()
    architectures = table["architecture"].unique(maintain_order=True).to_list()
    figure = Figure(
        figsize=(WIDTH, _ROW_INCHES * len(data_sets) + 1.0),
        layout=ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0.02),
    )
    grid = figure.subplots(
        len(data_sets), len(architectures), squeeze=False, sharex=True, sharey=True
    )
    for row, data_set in enumerate(data_sets):
        for column, architecture in enumerate(architectures):
            axis = grid[row][column]
            cell = table.filter(
                (pl.col("data_set") == data_set) & (pl.col("architecture") == architecture)
            )
            _draw_cell(axis, cell, conditions)
            there = published.filter(
                (pl.col("data_set") == data_set) & (pl.col("architecture") == architecture)
            ).sort("k")
            if len(there):
                alone = "." if len(there) == 1 else None
                axis.plot(there["share"], there["rho"], zorder=1.5, marker=alone, **_PUBLISHED)
            if row == 0:
                axis.annotate(
                    in_lines(architecture, 11),
                    (0.5, 1.0), xytext=(0, 14), xycoords="axes fraction",
                    textcoords="offset points", ha="center", va="bottom", fontsize=8,
                )  # fmt: skip
        grid[row][0].set_title(data_set, fontsize=8.5, pad=2)
    _set_scales(grid[0][0], pl.concat([defined["share"], published["share"].cast(pl.Float64)]))
    figure.supxlabel("k, share of the test points", fontsize=8.5)
    figure.supylabel("aggregated coefficient", fontsize=8.5)
    legend_above(
        figure,
        [
            Line2D([], [], color=series_colour(i), linewidth=1.6 if i == 0 else 0.9,
                   label=condition)
            for i, condition in enumerate(conditions)
        ]
        + [Line2D([], [], label="as published", **_PUBLISHED)] * bool(len(published)),
    )  # fmt: skip
    return figure


def _draw_cell(axis: Axes, cell: pl.DataFrame, conditions: list[str]) -> None:
    axis.axhline(0, color=MUTED, linewidth=0.5, zorder=0)
    axis.axvline(FIXED_FRACTION, color=FAINT, linewidth=0.8, zorder=0)
    # The primary condition last, on top.
    for index, condition in reversed(list(enumerate(conditions))):
        rows = cell.filter(pl.col("condition") == condition).sort("k")
        colour, first = series_colour(index), index == 0
        share, rho, low, high = (
            rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
            for name in ("share", "rho", "low", "high")
        )
        if first:
            axis.fill_between(share, low, high, color=colour, alpha=0.25, linewidth=0)
        alone = np.isfinite(rho).sum() == 1  # a line of one point would not be seen
        axis.plot(
            share, rho, color=colour, linewidth=1.4 if first else 0.8, marker="." if alone else None
        )
    axis.tick_params(length=2, pad=2)


def _set_scales(axis: Axes, shares: pl.Series) -> None:
    """Set the scales that all panels share; shares: of all points that are drawn."""
    axis.set_xscale("log")
    ends = shares.to_numpy()
    low, high = ends.min() / 1.2, ends.max() * 1.2
    # A short grid may hold no power of ten.
    ticks = [share for share in _DECADES if low <= share <= high] or [ends.min(), ends.max()]
    axis.xaxis.set_major_locator(FixedLocator(ticks))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g} %"))
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.set_xlim(low, high)
    axis.set_ylim(-1.02, 1.02)
    axis.yaxis.set_major_locator(FixedLocator((-1, 0, 1)))
