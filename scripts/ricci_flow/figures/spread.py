"""The coefficients of single networks: every cell under every condition."""

import numpy as np
import polars as pl
from matplotlib.axes import Axes
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
    styled,
    title_inches,
)
from ricci_flow.labels import cut

FIGURE = Declaration(
    caption="**The coefficients of single networks.** Kept networks at the *k*\\* of their "
    "cell and condition: from the least to the largest, the middle half thick, the "
    "median white; a dot where the half is too narrow to see. Every condition has a "
    "line in the band of its architecture, in the order of the legend.",
    alt="Lines of the spread of the Ricci coefficient, a panel per data set, a band per "
    "architecture.",
    tables={"networks": ()},
    select=("measure",),
)

_LINE_INCHES = 0.085  # for one condition of a cell
# A middle half narrower than this would vanish below the stroke of the median.
_NARROW = 0.06


@styled
def draw(table: pl.DataFrame) -> Figure:
    """Return the spread of rho: one panel per data set, one band per architecture.

    One line per condition.

    table: statistics/networks.parquet of one measure, all conditions; kept networks with a
    coefficient are drawn. Thin: from the least to the largest; thick: the middle half; white
    stroke: the median; a dot stands for a middle half too narrow to see.
    """
    drawn = table.filter(pl.col("kept") & pl.col("rho").is_not_null())
    if drawn.is_empty():
        return say_nothing_to_draw("no kept network has a coefficient")
    conditions = table["condition"].unique(maintain_order=True).to_list()
    architectures = table["architecture"].unique(maintain_order=True).to_list()
    data_sets = table["data_set"].unique(maintain_order=True).to_list()
    band = max(len(conditions), 2) + 1.0  # lines of a band, and a gap
    figure, axes = panel_grid(
        len(data_sets),
        columns=2,
        height=0.45 + title_inches(data_sets, 20) + _LINE_INCHES * band * len(architectures),
        extra=0.8,
        sharex=True,
        sharey=True,
    )
    for axis, data_set in zip(axes, data_sets, strict=True):
        axis.axvline(0, color=FAINT, linewidth=0.8, zorder=0)
        for row, architecture in enumerate(architectures):
            for index, condition in enumerate(conditions):
                rho = drawn.filter(
                    pl.col("data_set") == data_set,
                    pl.col("architecture") == architecture,
                    pl.col("condition") == condition,
                )["rho"].to_numpy()
                if len(rho):
                    height = -(row * band + index + 0.5)
                    _draw_line(axis, rho, height, series_colour(index))
            if row:
                axis.axhline(-row * band + 0.5, color=FAINT, linewidth=0.5, zorder=0)
        axis.set_title(in_lines(data_set, 20))
        middles = [-(row * band + len(conditions) / 2) for row in range(len(architectures))]
        axis.set_yticks(middles, list(cut(architectures, 16).values()))
        axis.set_ylim(-band * len(architectures) + 0.5, 0.5)
        axis.set_xlim(-1.02, 1.02)
        axis.tick_params(axis="y", length=0)
    figure.supxlabel("Ricci coefficient of single networks at $k^*$", fontsize=8.5, parse_math=True)
    handles = [
        Line2D([], [], color=series_colour(index), linewidth=3.5,
               label=condition)
        for index, condition in enumerate(conditions)
    ]  # fmt: skip
    legend_above(figure, handles)
    return figure


def _draw_line(axis: Axes, rho: np.ndarray, height: float, colour: str) -> None:
    low, first, median, third, high = np.quantile(rho, [0, 0.25, 0.5, 0.75, 1])
    axis.plot([low, high], [height, height], color=colour, linewidth=0.8, solid_capstyle="butt")
    axis.plot([first, third], [height, height], color=colour, linewidth=3.8, solid_capstyle="butt")
    axis.plot([median, median], [height - 0.36, height + 0.36], color="white", linewidth=1.2)
    if third - first <= _NARROW:
        axis.plot([median], [height], color=colour, marker="o", markersize=3.5, clip_on=False)
