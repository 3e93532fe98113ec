"""Test accuracy of every network."""

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
    INK,
    MUTED,
    architecture_looks,
    in_lines,
    panel_grid,
    say_nothing_to_draw,
    styled,
    title_inches,
)
from ricci_flow.labels import breadth, cut

FIGURE = Declaration(
    caption="**Test accuracy.** A dot is a network, filled where it is kept; the number "
    "above a strip counts those. Dashed: the threshold of the data set. The axis is "
    "stretched towards 1, in proportion to the logarithm of the error.",
    alt="Dots of test accuracy by architecture, a panel per data set.",
    tables={"accuracy": ()},
    select=("condition",),
)

# Accuracies crowd below 1, so the axis is log(1 - accuracy); this keeps 1 itself on it.
_FLOOR = 5e-4
_TICKS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0)


def stretch(accuracy: np.ndarray) -> np.ndarray:
    """Return the place of an accuracy on the stretched axis."""
    error = 1 - np.asarray(accuracy, dtype=float)
    return -np.log10(np.maximum(error + _FLOOR, _FLOOR / 10))


def unstretch(place: np.ndarray) -> np.ndarray:
    """Return the accuracy at a place on the stretched axis."""
    return 1 + _FLOOR - 10 ** -np.asarray(place, dtype=float)


def _strip(axis: Axes, place: int, rows: pl.DataFrame, colour: str) -> None:
    values = rows["test_accuracy"].to_numpy()
    kept = rows["kept"].to_numpy().astype(bool)
    offsets = (np.arange(len(values)) * 0.618 % 1 - 0.5) * 0.56  # golden ratio: even, repeatable
    faces = np.where(kept, colour, "white")
    axis.scatter(place + offsets, values, s=9, c=faces, edgecolors=colour, linewidths=0.6)
    axis.text(
        place,
        1.02,
        f"{kept.sum()}",
        ha="center",
        va="bottom",
        fontsize=7.5,
        color=INK if kept.any() else MUTED,
        transform=axis.get_xaxis_transform(),
    )


@styled
def draw(table: pl.DataFrame) -> Figure:
    """Return test accuracy as dots, a panel per data set and a strip per architecture.

    table: statistics/accuracy.parquet of one condition, with depth and width. Filled dots are kept
    networks; the number above a strip counts them. A network without an accuracy is left out, and
    so is a threshold that a condition does not have.
    """
    if table.is_empty():
        return say_nothing_to_draw("no network was trained under this condition")
    known = table.filter(pl.col("test_accuracy").is_not_null())
    if known.is_empty():
        return say_nothing_to_draw("no network under this condition has a test accuracy")
    looks = architecture_looks(table)
    data_sets = table["data_set"].unique(maintain_order=True).to_list()
    names = list(cut(looks, 16).values())
    # The names below the last panels take more than they do in the studies of the paper.
    beyond = 0.065 * max(0, *(breadth(name) - 13 for name in names))
    height = 1.75 + title_inches(data_sets) + beyond
    figure, axes = panel_grid(len(data_sets), height=height, extra=0.2, sharey=True, sharex=True)
    for axis, data_set in zip(axes, data_sets, strict=True):
        rows = known.filter(pl.col("data_set") == data_set)
        axis.set_yscale("function", functions=(stretch, unstretch))
        for threshold in rows["threshold"].drop_nulls().unique():
            axis.axhline(threshold, color=MUTED, linewidth=0.9, linestyle=(0, (4, 2)))
        for place, (name, look) in enumerate(looks.items()):
            strip = rows.filter(pl.col("architecture") == name)
            if strip.height:
                _strip(axis, place, strip, look.colour)
        axis.set_title(in_lines(data_set), pad=13)
        axis.grid(axis="y", color=FAINT, linewidth=0.5)
        axis.set_axisbelow(True)
        axis.set_xticks(range(len(looks)), names, rotation=90)
        axis.set_xlim(-0.6, len(looks) - 0.4)
    lowest = float(known["test_accuracy"].min())  # type: ignore[arg-type]
    ticks = [tick for tick in _TICKS if tick >= min(0.9, lowest) - 0.1 or tick == 0.5 > lowest]
    bottom = unstretch(stretch(np.asarray(min(lowest, 0.9))) - 0.08)
    axes[0].set_ylim(float(bottom), 1.0001)
    axes[0].set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes[0].minorticks_off()
    figure.supylabel("test accuracy", fontsize=8.5)
    return figure
