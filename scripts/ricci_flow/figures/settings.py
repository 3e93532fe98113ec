"""Coefficients of single networks under every setting against the pipeline's own."""

from collections.abc import Mapping, Sequence

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

FIGURE = Declaration(
    caption="**Coefficients when one thing is changed.** One dot per network, share of "
    "points and draw: its coefficient under the setting, against that in the "
    "pipeline. Colour shows the condition. In the shaded quadrants the sign changes. "
    "In the corner: the number of dots, and of coefficients asked for; the others are "
    "undefined on one side. (The largest component of a graph that is connected is the graph "
    "itself, and not shown.) Measure {{< var scope.measure >}}; of the mutual "
    "graph, which has no directed edges, forman_union.",
    alt="Scatter plots of coefficients under a setting against those of the pipeline, a panel "
    "per setting.",
    tables={"further": ()},
    of="varied_blocks",
    settings=("measure", "blocks_varied", "setting_titles"),
)

# Wherever the largest component can be compared it is the pipeline's own graph.
_NOT_DRAWN = ("knn", "largest_component")


@styled
def draw(
    further: pl.DataFrame,
    measure: str,
    blocks_varied: Sequence[str],
    setting_titles: Mapping[str, str],
) -> Figure:
    """Return a panel per setting, a dot per network, share and draw, coloured by condition.

    further: statistics/further.parquet, of which these blocks are drawn; of a setting without
    `measure` another measure. Shaded: the quadrants in which the sign differs. The numbers: dots,
    and rows.
    """
    variants = further.filter(pl.col("block").is_in(blocks_varied))
    names = [n for n in variants["setting"].unique(maintain_order=True) if n not in _NOT_DRAWN]
    if not names:
        return say_nothing_to_draw("no other graph, points, layers or weights were asked for")
    conditions = variants["condition"].unique(maintain_order=True).to_list()
    figure, axes = panel_grid(
        len(names), columns=3, height=1.5, extra=0.7, sharex=True, sharey=True
    )
    for axis, name in zip(axes, names, strict=True):
        rows = variants.filter(setting=name)
        shown = measure if measure in rows["measure"] else rows["measure"][0]
        rows = rows.filter(measure=shown)
        both = rows.drop_nulls(["rho", "reference"])
        for low in (-1.05, 0):
            axis.fill_between([low, low + 1.05], -low - 1.05, -low, color=FAINT, alpha=0.5, lw=0)
        axis.plot([-1, 1], [-1, 1], color=MUTED, linewidth=0.6, zorder=1)
        for index, condition in enumerate(conditions):
            chosen = both.filter(condition=condition)
            axis.scatter(
                chosen["reference"].to_numpy(),
                chosen["rho"].to_numpy(),
                s=6,
                alpha=0.5,
                color=series_colour(index),
                linewidths=0,
                zorder=2,
            )
        axis.set_title(setting_titles.get(name, name), fontsize=8.5)
        axis.text(0.04, 0.96, f"{len(both)}/{len(rows)}", transform=axis.transAxes, va="top",
                  color=MUTED, fontsize=8)  # fmt: skip
        axis.set_aspect("equal")
    axes[0].set_xlim(-1.05, 1.05)
    axes[0].set_ylim(-1.05, 1.05)
    figure.supxlabel("coefficient in the pipeline", fontsize=8.5)
    figure.supylabel("coefficient under the setting", fontsize=8.5)
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
