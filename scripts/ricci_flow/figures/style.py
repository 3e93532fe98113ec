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
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ricci_flow.disk import staged

matplotlib.use("svg")

WIDTH = 5.0
CLASS_COLOURS = ("#0072b2", "#e69f00")
INK, MUTED, FAINT = "#222222", "#666666", "#d9d9d9"
_SERIES_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9")
_KIND_COLOURS = {"narrow": "#0072b2", "wide": "#d55e00", "bottleneck": "#009e73"}
_MORE_COLOURS = ("#cc79a7", "#56b4e9", "#8c6d1f", "#000000")

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


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Run a draw function with the shared style, leaving Matplotlib's settings as they were."""

    @wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with matplotlib.rc_context(_RC):
            return draw(*args, **kwargs)

    return wrapper


def save_svg(figure: Figure, path: Path, dpi: int = 180) -> None:
    """Write `figure` as SVG; equal figures give equal bytes. Rasterised parts get `dpi`."""
    with staged(path) as part, matplotlib.rc_context(_RC):
        figure.savefig(part, format="svg", dpi=dpi, metadata={"Date": None})


@dataclass(frozen=True)
class Look:
    """How one architecture is drawn: its width as colour, its depth as line and marker."""

    colour: str
    line: Any
    marker: str
    filled: bool

    @property
    def face(self) -> str:
        """Colour of a marker's inside."""
        return self.colour if self.filled else "white"


def split_architecture(name: str) -> tuple[str, int | None]:
    """Return (`narrow`, 5) for `narrow_5`; the depth is None where the name ends otherwise."""
    kind, _, depth = name.rpartition("_")
    return (kind, int(depth)) if kind and depth.isdigit() else (name, None)


def architecture_looks(names: Iterable[str]) -> dict[str, Look]:
    """Return a look for each architecture, in order of depth, then of kind, then as given."""
    order = list(_KIND_COLOURS)
    given = sorted(
        dict.fromkeys(names),
        key=lambda name: (*order, split_architecture(name)[0]).index(split_architecture(name)[0]),
    )
    depths = sorted({split_architecture(name)[1] or 0 for name in given})
    spare = iter(_MORE_COLOURS * len(given))
    colours = dict(_KIND_COLOURS)
    looks: dict[str, Look] = {}
    for name in sorted(given, key=lambda name: split_architecture(name)[1] or 0):
        kind, depth = split_architecture(name)
        if kind not in colours:
            colours[kind] = next(spare)
        deepest = (depth or 0) == depths[-1]
        looks[name] = Look(
            colour=colours[kind],
            line="-" if deepest else (0, (3, 1.2)),
            marker="o" if deepest else "s",
            filled=deepest or len(depths) == 1,
        )
    return looks


def architecture_label(name: str) -> str:
    """Return the name as prose: `narrow 5`."""
    return name.replace("_", " ")


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


def in_lines(name: str, letters: int = 15) -> str:
    """Return the name of a data set as a title a third of a figure wide, broken after its words."""
    lines = [""]
    for word in re.findall(r"[^_ ]*[_ ]|[^_ ]+", name):
        if lines[-1] and len(lines[-1]) + len(word) > letters:
            lines.append("")
        lines[-1] += word
    return "\n".join(lines)


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
            label=architecture_label(name),
        )
        for name, look in looks.items()
    ]
    legend_above(figure, handles)


def legend_above(figure: Figure, handles: Sequence[Any], columns: int = 3) -> None:
    """Put a legend of `handles` above all panels, row by row."""
    if handles:
        # Matplotlib fills column by column.
        ordered = [handle for c in range(columns) for handle in handles[c::columns]]
        figure.legend(
            handles=ordered,
            loc="outside upper center",
            ncols=min(columns, len(handles)),
            columnspacing=1.6,
            handlelength=2.2,
        )


def say_nothing_to_draw(text: str) -> Figure:
    """Return a figure that says why there is nothing to see; the report still has its place."""
    figure = Figure(figsize=(WIDTH, 1.0))
    figure.text(0.5, 0.5, text, ha="center", va="center", color=MUTED)
    return figure
