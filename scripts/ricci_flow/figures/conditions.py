"""The aggregated coefficient of every cell under every condition, next to the published one."""

import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
    INK,
    MUTED,
    in_lines,
    legend_above,
    panel_grid,
    say_nothing_to_draw,
    series_colour,
    series_marker,
    styled,
    title_inches,
)
from ricci_flow.labels import cut

FIGURE = Declaration(
    caption="**The aggregated coefficient by condition.** A mark is a cell under one "
    "condition, at the *k*\\* of that cell and condition. Open circles: what the "
    "paper published.",
    alt="Dots of the aggregated coefficient, a panel per data set, a row per architecture.",
    tables={
        "cells": ("data_set", "architecture", "condition", "measure", "is_k_star", "rho"),
        "comparison": ("data_set", "architecture", "condition", "measure", "published_rho"),
    },
    select=("measure",),
)


@styled
def draw(cells: pl.DataFrame, comparison: pl.DataFrame) -> Figure:
    """Return the aggregated coefficient at k*, a panel per data set, a row per architecture.

    cells: statistics/cells.parquet of one measure, all conditions; each condition at its own
    k*. comparison: statistics/comparison.parquet of the same measure, possibly empty: its
    published coefficients are drawn as open circles.
    """
    stars = cells.filter("is_k_star")
    if stars.is_empty():
        return say_nothing_to_draw("no cell has a coefficient at any k")
    conditions = cells["condition"].unique(maintain_order=True).to_list()
    architectures = cells["architecture"].unique(maintain_order=True).to_list()
    data_sets = cells["data_set"].unique(maintain_order=True).to_list()
    place = {name: -row for row, name in enumerate(architectures)}
    figure, axes = panel_grid(
        len(data_sets),
        columns=2,
        height=0.5 + title_inches(data_sets, 20) + 0.17 * len(architectures),
        extra=0.8,
        sharex=True,
        sharey=True,
    )
    step = 0.6 / max(len(conditions), 1)
    for axis, data_set in zip(axes, data_sets, strict=True):
        axis.axvline(0, color=FAINT, linewidth=0.8, zorder=0)
        for index, condition in enumerate(conditions):
            rows = stars.filter(
                (pl.col("data_set") == data_set) & (pl.col("condition") == condition)
            )
            offset = (len(conditions) - 1) * step / 2 - index * step
            axis.scatter(
                rows["rho"].to_numpy(),
                [place[name] + offset for name in rows["architecture"]],
                s=14,
                marker=series_marker(index),
                color=series_colour(index),
                linewidths=0,
                zorder=2,
            )
        published = comparison.filter(
            (pl.col("data_set") == data_set) & (pl.col("condition") == conditions[0])
        )
        axis.scatter(
            published["published_rho"].to_numpy(),
            [place[name] for name in published["architecture"]],
            s=34,
            marker="o",
            facecolors="none",
            edgecolors=INK,
            linewidths=0.8,
            zorder=1,
        )
        axis.set_title(in_lines(data_set, 20))
        axis.set_yticks(list(place.values()), list(cut(place, 16).values()))
        axis.set_ylim(-len(place) + 0.4, 0.6)
        axis.tick_params(axis="y", length=0)
    axes[0].set_xlim(-1.05, max(0.3, float(stars["rho"].max() or 0) + 0.1))  # type: ignore[arg-type]
    figure.supxlabel("aggregated coefficient at $k^*$", fontsize=8.5, parse_math=True)
    handles = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker=series_marker(index),
            color=series_colour(index),
            markersize=4.5,
            markeredgewidth=0,
            label=condition,
        )
        for index, condition in enumerate(conditions)
    ]
    if len(comparison):
        handles.append(
            Line2D([], [], linestyle="none", marker="o", color=MUTED, markersize=6,
                   markerfacecolor="none", markeredgecolor=INK, label="published")
        )  # fmt: skip
    legend_above(figure, handles)
    return figure
