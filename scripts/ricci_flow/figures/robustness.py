"""Coefficients of single networks under every variant against the pipeline's own."""

import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
    MUTED,
    legend_above,
    panel_grid,
    say_nothing_to_draw,
    series_colour,
    styled,
)
from ricci_flow.labels import VARIANTS

FIGURE = Declaration(
    caption="**Coefficients when one thing is changed.** A dot is a network at one share of "
    "points (and one draw), against its coefficient in the pipeline, its colour the "
    "condition; shaded, the quadrants in which the sign changes. In the corner: "
    "dots, and coefficients asked for; the others are undefined on one of the "
    "sides. (The largest component of a graph that is connected is the graph "
    "itself, and not shown.) Convention {{< var scope.convention >}}; of the mutual "
    "graph undirected edges.",
    alt="Scatter plots of coefficients under a variant against those of the pipeline, a panel "
    "per variant.",
    tables={"robustness_variants": ()},
    of="robustness",
    settings=("convention",),
)

# Wherever the largest component can be compared it is the baseline.
_NOT_DRAWN = ("baseline", "largest_component")


@styled
def draw(variants: pl.DataFrame, convention: str) -> Figure:
    """Return a panel a variant, a dot a network, share of points and draw, coloured by condition.

    variants: statistics/robustness_variants.parquet; of a variant without `convention` its only
    one is drawn. Shaded: the quadrants in which the sign differs. The numbers: dots, and rows.
    """
    names = [n for n in variants["variant"].unique(maintain_order=True) if n not in _NOT_DRAWN]
    if not names:
        return say_nothing_to_draw("no other graph, points, layers or weights were asked for")
    conditions = variants["condition"].unique(maintain_order=True).to_list()
    figure, axes = panel_grid(
        len(names), columns=3, height=1.5, extra=0.7, sharex=True, sharey=True
    )
    for axis, name in zip(axes, names, strict=True):
        rows = variants.filter(variant=name)
        if convention in rows["convention"]:
            rows = rows.filter(convention=convention)
        both = rows.drop_nulls(["rho", "baseline"])
        for low in (-1.05, 0):
            axis.fill_between([low, low + 1.05], -low - 1.05, -low, color=FAINT, alpha=0.5, lw=0)
        axis.plot([-1, 1], [-1, 1], color=MUTED, linewidth=0.6, zorder=1)
        for index, condition in enumerate(conditions):
            chosen = both.filter(condition=condition)
            axis.scatter(
                chosen["baseline"].to_numpy(),
                chosen["rho"].to_numpy(),
                s=6,
                alpha=0.5,
                color=series_colour(index),
                linewidths=0,
                zorder=2,
            )
        axis.set_title(VARIANTS.get(name, name), fontsize=8.5)
        axis.text(0.04, 0.96, f"{len(both)}/{len(rows)}", transform=axis.transAxes, va="top",
                  color=MUTED, fontsize=8)  # fmt: skip
        axis.set_aspect("equal")
    axes[0].set_xlim(-1.05, 1.05)
    axes[0].set_ylim(-1.05, 1.05)
    figure.supxlabel("coefficient in the pipeline", fontsize=8.5)
    figure.supylabel("coefficient under the variant", fontsize=8.5)
    if len(conditions) > 1:
        legend_above(
            figure,
            [
                Line2D([], [], linestyle="none", marker="o", markersize=4.5, markeredgewidth=0,
                       color=series_colour(index), label=name)
                for index, name in enumerate(conditions)
            ],
        )  # fmt: skip
    return figure
