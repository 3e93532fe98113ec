"""Coefficients at the k fixed beforehand, of every cell under every condition."""

import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
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
    caption="**Ricci coefficients at a *k* fixed beforehand.** Median of the kept networks of an "
    "ensemble that have a coefficient (dot), and their middle half (line). Below zero is "
    "Ricci-flow-like.",
    alt="Dots of the Ricci coefficient at a fixed k, a panel per data set, a row per architecture.",
    tables={"fixed_k": ("measure", "rho", "rho_quarter", "rho_three_quarters")},
    select=("measure",),
    when="is_system",
)


@styled
def draw(fixed: pl.DataFrame) -> Figure:
    """Return medians and quartiles, a panel per data set, a row per architecture.

    fixed: statistics/fixed_k.parquet of one measure, all conditions.
    """
    defined = fixed.drop_nulls("rho")
    if defined.is_empty():
        return say_nothing_to_draw("no kept network has a coefficient")
    conditions = fixed["condition"].unique(maintain_order=True).to_list()
    data_sets = fixed["data_set"].unique(maintain_order=True).to_list()
    architectures = fixed["architecture"].unique(maintain_order=True).to_list()
    figure, axes = panel_grid(
        len(data_sets),
        columns=2,
        height=0.5 + title_inches(data_sets, 20) + 0.11 * len(conditions) * len(architectures),
        extra=0.8,
        sharex=True,
        sharey=True,
    )
    step = 0.75 / len(conditions)
    for axis, data_set in zip(axes, data_sets, strict=True):
        axis.axvline(0, color=FAINT, linewidth=0.8, zorder=0)
        for row in defined.filter(data_set=data_set).iter_rows(named=True):
            index = conditions.index(row["condition"])
            place = (len(conditions) - 1) * step / 2 - index * step
            place -= architectures.index(row["architecture"])
            colour = series_colour(index)
            ends = row["rho_quarter"], row["rho_three_quarters"]
            axis.plot(ends, [place, place], color=colour, linewidth=1.2)
            axis.scatter([row["rho"]], [place], s=13, color=colour, marker=series_marker(index),
                         linewidths=0, zorder=2)  # fmt: skip
        axis.set_title(in_lines(data_set, 20))
        axis.set_yticks(
            [-place for place in range(len(architectures))], list(cut(architectures, 16).values())
        )
        axis.set_ylim(0.6 - len(architectures), 0.6)
        axis.tick_params(axis="y", length=0)
        axis.set_xlim(-1.05, 1.05)
    figure.supxlabel("Ricci coefficient at the fixed k", fontsize=8.5)
    handles = [
        Line2D([], [], color=series_colour(index), marker=series_marker(index), markersize=4,
               linewidth=1.2, label=name)
        for index, name in enumerate(conditions)
    ]  # fmt: skip
    legend_above(figure, handles)
    return figure
