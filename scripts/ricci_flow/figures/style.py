"""What the figures share: type, colours, panel grids and the SVG writer.

Figures are 5 inches wide and are shown at that size or scaled down to a phone, so text is 8 points
at least. Colours are Okabe and Ito's, which readers with any colour vision tell apart.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ricci_flow.disk import staged
from ricci_flow.figures.glyphs import provide_glyphs
from ricci_flow.labels import breadth, cut

WIDTH = 5.0
# Of the front page's figures, which a phone shows nearly as large as they are.
NARROW = 4.2
_LETTER_INCHES = 0.06  # of the legend's type
# Okabe and Ito's colours, which colour-blind people can tell apart, then two more.
CLASS_COLOURS = (
    *("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#000000"),
    *("#7f3c8d", "#8c8c8c"),
)
INK, MUTED, FAINT = "#222222", "#666666", "#d9d9d9"
_SERIES_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9")
_WIDTH_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#8c6d1f", "#000000")
# From the deepest up; the last serves all that are shallower.
_DEPTH_LINES: tuple[Any, ...] = ("-", (0, (3, 1.2)), (0, (1, 1)), (0, (4, 1, 1, 1)))
_SERIES_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_DEPTH_MARKERS = ("o", "s", "^", "D")

_RC: Any = {
    "font.family": ["DejaVu Sans"],  # comes with Matplotlib, so every machine draws the same
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "text.parse_math": False,  # text comes from data; a label of ours asks for mathtext itself
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "axes.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "hatch.linewidth": 0.6,
    "figure.constrained_layout.w_pad": 0.05,
    "figure.constrained_layout.h_pad": 0.05,
    "svg.hashsalt": "ricci-flow",
    "svg.fonttype": "path",
}

P = ParamSpec("P")


def series_colour(index: int) -> str:
    """Return the colour of a condition or another series by its place; after six they repeat."""
    return _SERIES_COLOURS[index % len(_SERIES_COLOURS)]


def series_marker(index: int) -> str:
    """Return the marker of a series by its place; with its colour it repeats after 42."""
    return _SERIES_MARKERS[index % len(_SERIES_MARKERS)]


def class_colours(labels: np.ndarray) -> np.ndarray:
    """Return the colour of each class index; after ten they repeat."""
    return np.asarray(CLASS_COLOURS)[labels.astype(int) % len(CLASS_COLOURS)]


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Run a draw function with the shared style, leaving Matplotlib's settings as they were."""

    @wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with matplotlib.rc_context(_RC):
            return draw(*args, **kwargs)

    return wrapper


def save_svg(figure: Figure, path: Path, dpi: int = 180) -> list[str]:
    """Write `figure` as SVG; equal figures give equal bytes. Rasterised parts get `dpi`.

    Returns the characters that no font of this machine has: the figure shows their numbers instead
    and says so below.
    """
    with matplotlib.rc_context(_RC):
        missing = provide_glyphs(figure)
        with staged(path) as part:
            figure.savefig(part, format="svg", dpi=dpi, metadata={"Date": None})
    return missing


@dataclass(frozen=True)
class Look:
    """How one architecture is drawn: its width as colour, its depth as line and marker."""

    colour: str
    line: Any
    marker: str
    filled: bool
    depth: int | None

    @property
    def face(self) -> str:
        """Colour of a marker's inside."""
        return self.colour if self.filled else "white"


def architecture_looks(table: pl.DataFrame) -> dict[str, Look]:
    """Return a look for each architecture of a table, in order of depth, then of width.

    table: has the columns architecture, depth and width; widths are ordered as they come. Two
    architectures of the same shape have different colours.
    """
    shapes: dict[str, tuple[int | None, object]] = {}
    for name, depth, width in (
        table.select("architecture", "depth", "width").unique(maintain_order=True).iter_rows()
    ):
        shape = (depth, width if width is not None else name)
        shapes[name] = shape if shape not in shapes.values() else (depth, name)
    widths = list(dict.fromkeys(width for _, width in shapes.values()))
    depths = sorted({depth or 0 for depth, _ in shapes.values()}, reverse=True)
    looks: dict[str, Look] = {}
    for name in sorted(shapes, key=lambda n: (shapes[n][0] or 0, widths.index(shapes[n][1]))):
        depth, width = shapes[name]
        place = min(depths.index(depth or 0), len(_DEPTH_LINES) - 1)
        looks[name] = Look(
            colour=_WIDTH_COLOURS[widths.index(width) % len(_WIDTH_COLOURS)],
            line=_DEPTH_LINES[place],
            marker=_DEPTH_MARKERS[place],
            filled=place == 0,
            depth=depth,
        )
    return looks


def panel_grid(
    count: int, *, columns: int = 3, height: float = 1.5, extra: float = 0.5, **kwargs: Any
) -> tuple[Figure, list[Axes]]:
    """Return a figure and `count` axes in rows of `columns`, each row `height` inches high.

    extra: inches for legend and outer labels; kwargs go to Figure.subplots.
    """
    columns = max(1, min(columns, count))
    rows = -(-max(count, 1) // columns)
    figure = Figure(figsize=(WIDTH, rows * height + extra), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, **kwargs)
    axes = list(grid.flat)
    for unused in axes[count:]:
        unused.remove()
    if kwargs.get("sharex"):
        for axis in axes[max(0, count - columns) : count]:
            axis.tick_params(labelbottom=True)
    return figure, axes[:count]


def in_lines(text: str, letters: int = 15) -> str:
    """Return text for a title in lines of at most so many letters, broken after its words."""
    lines = [""]
    for word in re.findall(r"[^_ ]*[_ ]|[^_ ]+", text):
        if lines[-1] and breadth(lines[-1] + word.rstrip()) > letters:
            lines.append("")
        for letter in word:  # a word may be longer than a line
            if lines[-1] and breadth(lines[-1] + letter.rstrip()) > letters:
                lines.append("")
            lines[-1] += letter
    return "\n".join(lines)


def title_inches(titles: Iterable[str], letters: int = 15) -> float:
    """Return the height that titles need beyond one line, the highest of a row of panels."""
    return 0.14 * max((in_lines(title, letters).count("\n") for title in titles), default=0)


def row_labels(cells: Sequence[tuple[str, str]]) -> list[str]:
    """Return the texts next to rows that are cells (data set, architecture), long ones cut."""
    data_sets = cut((data_set for data_set, _ in cells), 20)
    architectures = cut((architecture for _, architecture in cells), 14)
    return [f"{data_sets[data_set]}  {architectures[name]}" for data_set, name in cells]


def architecture_legend(figure: Figure, looks: dict[str, Look], *, lines: bool = True) -> None:
    """Put one legend of architectures above all panels, three to a row."""
    handles = [
        Line2D(
            [],
            [],
            color=look.colour,
            linestyle=look.line if lines else "none",
            marker="none" if lines else look.marker,
            markersize=4.5,
            markerfacecolor=look.face,
            label=name,
        )
        for name, look in looks.items()
    ]
    legend_above(figure, handles)


def legend_above(
    figure: Figure, handles: Sequence[Any], columns: int = 3, width: float = WIDTH
) -> None:
    """Put a legend of `handles` above all panels, row by row, in as many columns as fit."""
    if handles:
        broadest = max(breadth(handle.get_label()) for handle in handles)
        fitting = int(width / (0.45 + _LETTER_INCHES * broadest))
        columns = max(1, min(columns, fitting, len(handles)))
        # Matplotlib fills column by column.
        ordered = [handle for c in range(columns) for handle in handles[c::columns]]
        figure.legend(
            handles=ordered,
            loc="outside upper center",
            ncols=columns,
            columnspacing=1.6,
            handlelength=2.2,
        )


def say_nothing_to_draw(text: str) -> Figure:
    """Return a figure that says why there is nothing to see; the report still has its place."""
    figure = Figure(figsize=(WIDTH, 1.0))
    figure.text(0.5, 0.5, text, ha="center", va="center", color=MUTED)
    return figure
