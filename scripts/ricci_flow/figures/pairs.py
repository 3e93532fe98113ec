"""Change of geodesic mass against curvature in representative networks."""

from itertools import takewhile
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
    Look,
    architecture_looks,
    in_lines,
    legend_above,
    panel_grid,
    say_nothing_to_draw,
    styled,
    title_inches,
)

FIGURE = Declaration(
    caption="**Representative networks.** Of each cell the network of median Ricci "
    "coefficient at *k*\\*. A dot is a layer. Both quantities are standardised "
    "within the network, so the slope of a line is the coefficient, printed below "
    "in its colour.",
    alt="Scatter plots of change of geodesic mass against curvature with regression lines.",
    tables={"pairs": ()},
    select=("condition", "measure"),
)

_LIMITS_X, _LIMITS_Y = (-3.2, 3.2), (-3.9, 3.2)


def standardise(values: pl.Series) -> np.ndarray:
    """Return values less their mean, over their standard deviation; zeros where all are equal."""
    array = values.cast(pl.Float64).to_numpy()
    deviation = array.std()
    return (array - array.mean()) / (deviation if deviation > 0 else 1.0)


def _draw_network(axis: Axes, rows: pl.DataFrame, look: Look, place: int) -> None:
    curvature, eta = standardise(rows["curvature"]), standardise(rows["eta"])
    axis.scatter(
        curvature, eta, s=13, marker=look.marker, color=look.colour, linewidths=0, alpha=0.85
    )
    rho = rows["rho"][0]
    if rho is not None:  # of standardised values, the regression line's slope is rho
        ends = np.array([curvature.min(), curvature.max()])
        axis.plot(ends, rho * ends, color=look.colour, linewidth=1.2)
    text = "undefined" if rho is None else f"{rho:+.2f}".replace("-", "−")
    axis.text(0.12 + 0.29 * place, 0.02, text, color=look.colour, transform=axis.transAxes)


@styled
def draw(table: pl.DataFrame) -> Figure:
    """Return eta_l against Ric_l, standardised within a network; a panel per data set and depth.

    table: statistics/pairs.parquet of one condition and measure, with depth and width. Colour
    is the width; the slope of each line is the Ricci coefficient printed below in the same colour.
    """
    if table.is_empty():
        return say_nothing_to_draw("no cell has a network with a defined coefficient")
    looks = architecture_looks(table)
    data_sets = table["data_set"].unique(maintain_order=True).to_list()
    depths = list(dict.fromkeys(look.depth for look in looks.values()))
    figure, axes = panel_grid(
        len(data_sets) * len(depths),
        columns=len(depths),
        height=1.3 + title_inches(data_sets, 72 // (len(depths) + 1) - 10),
        extra=0.5,
        sharex=True,
        sharey=True,
    )
    for place, axis in enumerate(axes):
        data_set, depth = data_sets[place // len(depths)], depths[place % len(depths)]
        axis.axhline(0, color=FAINT, linewidth=0.8, zorder=0)
        axis.axvline(0, color=FAINT, linewidth=0.8, zorder=0)
        here = [name for name, look in looks.items() if look.depth == depth]
        for order, name in enumerate(here):
            rows = table.filter((pl.col("data_set") == data_set) & (pl.col("architecture") == name))
            if rows.height:
                _draw_network(axis, rows, looks[name], order)
        axis.text(0.02, 0.02, "ρ", transform=axis.transAxes)
        title = data_set if depth is None else f"{data_set}, depth {depth}"
        axis.set_title(in_lines(title, 72 // (len(depths) + 1)))
    axes[0].set(xlim=_LIMITS_X, ylim=_LIMITS_Y, xticks=(-2, 0, 2), yticks=(-2, 0, 2))
    look: dict[str, Any] = {"fontsize": 8.5, "parse_math": True}
    figure.supxlabel("curvature $\\mathrm{Ric}_l$ (standard deviations)", **look)
    figure.supylabel("change of geodesic mass $\\eta_l$ (standard deviations)", **look)
    _legend(figure, looks)
    return figure


def _legend(figure: Figure, looks: dict[str, Look]) -> None:
    """A handle per colour, since depth is told by the panel: what its titles have in common."""
    alike: dict[str, list[str]] = {}
    for name, look in looks.items():
        alike.setdefault(look.colour, []).append(name)
    handles = [
        Line2D([], [], color=colour, marker=looks[names[-1]].marker, markersize=4,
               label=common_words(names))
        for colour, names in alike.items()
    ]  # fmt: skip
    legend_above(figure, handles)


def common_words(titles: list[str]) -> str:
    """Return the words that all titles begin with, or all titles where there are none."""
    columns = zip(*(title.split() for title in titles), strict=False)
    words = [words[0] for words in takewhile(lambda words: len({*words}) == 1, columns)]
    return " ".join(words).rstrip(",") or ", ".join(titles)
