"""Ricci coefficients of networks by several measures."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
    INK,
    legend_above,
    panel_grid,
    say_nothing_to_draw,
    series_colour,
    styled,
)

FIGURE = Declaration(
    caption="**Ricci coefficients by other curvatures.** One mark per network; colour "
    "shows the condition, bars the median. Below zero is Ricci-flow-like.",
    alt="Strips of dots of the Ricci coefficient, one row per measure.",
    tables={"further": ("block", "setting", "measure", "condition", "k_fraction", "rho")},
    of="pointwise_blocks",
    settings=("blocks_pointwise", "setting_titles"),
    when="measured_pointwise",
)


@styled
def draw(
    further: pl.DataFrame, blocks_pointwise: Sequence[str], setting_titles: Mapping[str, str]
) -> Figure:
    """Return a strip of coefficients per measure and condition, a panel per share k of n.

    further: statistics/further.parquet, of which the edge measures of these blocks are drawn.
    """
    networks = further.filter(pl.col("block").is_in(blocks_pointwise), scope="edge").with_columns(
        curvature=pl.when(setting="knn")
        .then("measure")
        .otherwise(pl.col("measure") + ", " + pl.col("setting").replace(dict(setting_titles)))
    )
    defined = networks.filter(pl.col("rho").is_not_null())
    if defined.is_empty():
        return say_nothing_to_draw("no network is connected at every layer")
    curvatures = networks["curvature"].unique(maintain_order=True).to_list()
    conditions = networks["condition"].unique(maintain_order=True).to_list()
    fractions = networks["k_fraction"].unique(maintain_order=True).sort().to_list()
    figure, axes = panel_grid(
        len(fractions),
        columns=min(2, len(fractions)),
        height=0.6 + 0.2 * len(curvatures) * len(conditions),
        extra=0.8,
        sharex=True,
        sharey=True,
    )
    step = 0.7 / len(conditions)
    for axis, fraction in zip(axes, fractions, strict=True):
        axis.axvline(0, color=FAINT, linewidth=0.8, zorder=0)
        for row, curvature in enumerate(curvatures):
            for index, condition in enumerate(conditions):
                rho = defined.filter(k_fraction=fraction, curvature=curvature, condition=condition)[
                    "rho"
                ].to_numpy()
                place = -row + (len(conditions) - 1) * step / 2 - index * step
                # Spread evenly in order of the table, so that equal ones can be told apart.
                reach = 0.3 if len(rho) > 1 else 0
                spread = np.linspace(-reach, reach, len(rho)) * step
                colour = series_colour(index)
                axis.scatter(rho, place + spread, s=9, color=colour, linewidths=0, alpha=0.75)
                if len(rho):
                    median = float(np.median(rho))
                    ends = (place - 0.4 * step, place + 0.4 * step)
                    axis.plot([median] * 2, ends, color=INK, linewidth=1.4)
        axis.set_title(f"k = {100 * fraction:g} % of n")
        axis.set_yticks(range(0, -len(curvatures), -1), [n.replace("_", " ") for n in curvatures])
        axis.set_ylim(-len(curvatures) + 0.4, 0.6)
        axis.tick_params(axis="y", length=0)
        axis.set_xlim(-1.05, 1.05)
    figure.supxlabel("Ricci coefficient", fontsize=8.5)
    handles = [
        Line2D([], [], linestyle="none", marker="o", color=series_colour(i),
               markersize=4.5, markeredgewidth=0, label=name)
        for i, name in enumerate(conditions)
    ]  # fmt: skip
    legend_above(figure, handles)
    return figure
