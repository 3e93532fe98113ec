"""Coefficients, curvature, geodesic mass and accuracy of networks while they are trained."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

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

FIGURE = Declaration(
    caption="**Over training.** One panel per quantity, over the epochs (or steps of the "
    "optimiser) that the networks were trained for (0 is the initialisation). Thin: mean over the "
    "networks of a cell; thick: median over the cells that have a value there. Colour shows the "
    "condition. ρ: Ricci coefficient, below zero is Ricci-flow-like. Local: mean local "
    "coefficient. Curvature per edge, as its change since the "
    "first checkpoint in percent of its size there, hops per pair of points "
    "(geodesic mass) and measures of layers are means over the layers. A network without a "
    "coefficient, or with a layer that is not connected, is left out of that quantity there. "
    "Graphs are those of the setting knn at the lowest *k*.",
    alt="Lines over epochs or steps of training, a panel per quantity, a colour per condition.",
    tables={
        "training_time": (
            "condition",
            "setting",
            "k_fraction",
            "measure",
            "checkpoint",
            "checkpoint_unit",
            "scope",
            "rho",
            "local_mean",
            "value",
            "mean",
            "gap",
            "hops",
            "test_accuracy",
            "test_loss",
            "validation_loss",
        )
    },
    of="checkpoint_ensembles",
    when="has_checkpoints",
)

_CELL = ("data_set", "architecture")
_TICKS, _LETTERS = 6, 24


@styled
def draw(training_time: pl.DataFrame) -> Figure:
    """Return a panel per quantity, a line per condition and cell.

    training_time: statistics/training_time.parquet.
    """
    lowest = pl.col("k_fraction") == pl.col("k_fraction").min().over("measure")
    shown = training_time.filter(lowest, setting="knn").unique(
        [*_CELL, "condition", "measure", "checkpoint"], keep="first", maintain_order=True
    )
    panels = [panel for panel in _panels(shown) if panel[2]["y"].count()]
    if not panels:
        return say_nothing_to_draw("nothing is defined at any checkpoint")
    conditions = shown["condition"].unique(maintain_order=True).to_list()
    figure, axes = panel_grid(
        len(panels),
        columns=2,
        height=1.6 + title_inches((title for title, _, _ in panels), _LETTERS),
        extra=0.6,
    )
    for axis, (title, unit, rows) in zip(axes, panels, strict=True):
        if title.startswith(("ρ", "local")):
            axis.axhline(0, color=FAINT, linewidth=0.8, zorder=0)
            axis.set_ylim(-1.05, 1.05)
        for index, condition in enumerate(conditions):
            _draw_lines(axis, rows.filter(condition=condition), series_colour(index))
        axis.set_title(in_lines(title, _LETTERS), fontsize=8.5)
        axis.set_ylabel(unit)
        _set_checkpoints(axis, shown["checkpoint"].unique().sort().to_list())
    figure.supxlabel(f"{shown['checkpoint_unit'][0]} trained", fontsize=8.5)
    legend_above(
        figure,
        [
            Line2D([], [], color=series_colour(i), linewidth=1.6, label=name)
            for i, name in enumerate(conditions)
        ],
    )
    return figure


def _panels(shown: pl.DataFrame) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Yield title, unit and rows of every panel; the column drawn is `y`."""
    of_cell = [*_CELL, "condition", "measure"]
    begun = pl.col("mean").sort_by("checkpoint").first().over(of_cell)
    change = 100 * (pl.col("mean") - begun) / begun.abs()
    shown = shown.with_columns(change=pl.when(begun != 0).then(change))
    measures = shown.select("measure", "scope").unique(maintain_order=True).rows()
    for column, kind, title, unit in (
        ("rho", "edge", "ρ, {}", ""),
        ("local_mean", "edge", "local, {}", ""),
        ("change", "edge", "curvature, {}", "change, %"),
        ("gap", "edge", "gap between classes, {}", "sd"),
        ("value", "layer", "{}", ""),
        ("value", "network", "{}", ""),
    ):
        for measure, scope in measures:
            if scope == kind:
                rows = shown.filter(measure=measure).with_columns(y=pl.col(column))
                yield title.format(measure.replace("_", " ")), unit, rows
    alone = shown.filter(pl.col("measure") == pl.col("measure").first())
    yield "geodesic mass", "hops per pair", alone.with_columns(y=pl.col("hops"))
    yield "test accuracy", "share", alone.with_columns(y=pl.col("test_accuracy"))
    yield "test loss", "nats", alone.with_columns(y=pl.col("test_loss"))
    yield "held-out loss", "nats", alone.with_columns(y=pl.col("validation_loss"))


def _draw_lines(axis: Axes, rows: pl.DataFrame, colour: str) -> None:
    """Draw a condition: a thin line per cell, and where there are several their median."""
    cells = [part for _, part in rows.group_by(_CELL, maintain_order=True)]
    over = rows.group_by("checkpoint", maintain_order=True).agg(pl.col("y").median())
    for part in cells if len(cells) > 1 else []:
        _draw_line(axis, part, color=colour, linewidth=0.6, alpha=0.45, markersize=3)
    _draw_line(axis, over, color=colour, linewidth=1.6, markersize=5)


def _draw_line(axis: Axes, part: pl.DataFrame, **look: object) -> None:
    part = part.sort("checkpoint")
    y = part["y"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    axis.plot(part["checkpoint"].to_numpy(), y, marker=".", **look)  # type: ignore[arg-type]


def _set_checkpoints(axis: Axes, checkpoints: list[int]) -> None:
    """Set an axis of checkpoints: logarithmic, with 0."""
    axis.set_xscale("symlog", linthresh=1)
    step = -(-len(checkpoints) // _TICKS)
    ticks = checkpoints[::-1][::step]  # the last one always
    axis.xaxis.set_major_locator(FixedLocator(ticks))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
