"""Curvature and geodesic mass along the layers."""

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, StrMethodFormatter

from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
    Look,
    architecture_legend,
    architecture_looks,
    in_lines,
    panel_grid,
    say_nothing_to_draw,
    styled,
    title_inches,
)

FIGURE = Declaration(
    caption="**Along the layers at *k*\\*.** Mean over the kept networks of an architecture "
    "that are connected; the band is one standard deviation to either side. Left: "
    "total curvature, as change since layer 1 in percent of its size there; up "
    "means less negative. Right: geodesic mass as a multiple of layer 1, on a "
    "logarithmic axis.",
    alt="Lines of curvature and geodesic mass along the layers, a row per data set.",
    tables={"layers": ()},
    select=("condition", "measure"),
)

CURVATURE = "total curvature"
QUANTITIES = {
    "curvature": "{value},\nchange since layer 1 (%)",
    "geodesic_mass": "geodesic mass,\nmultiple of layer 1",
}


def relative_to_first(rows: pl.DataFrame, quantity: str) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and sd of a quantity along the layers, relative to its size at layer 1.

    Curvature, which is negative, as the change since layer 1 in percent of its size there;
    geodesic mass, which may grow many times over, as a multiple of layer 1. Both are nan where
    undefined; all are where layer 1 has no value or is 0.
    """
    ordered = rows.sort("layer")
    mean = ordered[quantity].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    spread = ordered[f"{quantity}_sd"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    size = abs(mean[0]) or np.nan
    if quantity == "geodesic_mass":
        return mean / size, spread / size
    return 100 * (mean - mean[0]) / size, 100 * spread / size


def _draw_line(axis: Axes, rows: pl.DataFrame, quantity: str, look: Look) -> None:
    layers = rows.sort("layer")["layer"].to_numpy()
    mean, spread = relative_to_first(rows, quantity)
    low = mean - spread
    if quantity == "geodesic_mass":  # the axis is logarithmic
        low = np.maximum(low, mean / 10)
    axis.fill_between(layers, low, mean + spread, color=look.colour, alpha=0.1, linewidth=0)
    axis.plot(layers, mean, color=look.colour, linestyle=look.line, linewidth=1.3)


def _scale_mass(axis: Axes) -> None:
    """Make the axis of geodesic mass logarithmic, with plain numbers as ticks."""
    low, high = axis.get_ylim()
    axis.set_yscale("log", base=2)
    # Over a short range a logarithmic axis is nearly linear, and powers of two would be too few.
    short = high / max(low, 1e-9) < 3
    axis.yaxis.set_major_locator(MaxNLocator(4) if short else LogLocator(base=2, numticks=5))
    axis.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.yaxis.set_minor_locator(NullLocator())


@styled
def draw(table: pl.DataFrame, value: str = CURVATURE, *, one_scale: bool = True) -> Figure:
    """Return the layers' curvature (left) and geodesic mass (right), a row per data set.

    table: statistics/layers.parquet of one condition and measure, with depth and width. A line
    is the mean over an architecture's networks at k*, the band one standard deviation to either
    side; both relative to layer 1 (see `relative_to_first`). value: what the curvature is called;
    one_scale: whether all rows have the same axes.
    """
    if table.is_empty():
        return say_nothing_to_draw("no ensemble has a k*")
    looks = architecture_looks(table)
    data_sets = table["data_set"].unique(maintain_order=True).to_list()
    figure, axes = panel_grid(
        2 * len(data_sets),
        columns=2,
        height=1.2 + title_inches(data_sets, 26),
        extra=0.6,
        sharex=True,
        sharey="col" if one_scale else False,
    )
    for place, data_set in enumerate(data_sets):
        for column, quantity in enumerate(QUANTITIES):
            axis = axes[2 * place + column]
            axis.axhline(column, color=FAINT, linewidth=0.8, zorder=0)
            for name, look in looks.items():
                rows = table.filter(
                    (pl.col("data_set") == data_set) & (pl.col("architecture") == name)
                )
                if rows.height:
                    _draw_line(axis, rows, quantity, look)
            axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
            axis.yaxis.set_major_locator(MaxNLocator(nbins=4))
            axis.tick_params(labelleft=True)
            axis.set_title(in_lines(data_set, 26))
    for axis, label in zip(axes[:2], QUANTITIES.values(), strict=True):
        lines = 1 + axis.get_title(loc="left").count("\n")
        axis.annotate(label.format(value=value), (0, 1), xytext=(0, 6 + 11 * lines),
                      xycoords="axes fraction", textcoords="offset points",
                      va="bottom")  # fmt: skip
    for axis in axes[1:2] if one_scale else axes[1::2]:
        _scale_mass(axis)
    for axis in axes[-2:]:
        axis.set_xlabel("layer")
    architecture_legend(figure, looks)
    return figure
