"""The systems of the atlas on one axis: mean coefficients of their networks and of every control.

It shows several studies, so it is drawn by the overview and not by a rule of one of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ricci_flow.figures.style import (
    FAINT,
    MUTED,
    WIDTH,
    in_lines,
    legend_above,
    say_nothing_to_draw,
    series_colour,
    series_marker,
    styled,
)

NETWORKS = "the system's networks"
OTHER = "another control"
_ROW_INCHES = 0.34
_LETTERS = 26  # of a line of a system's title


@dataclass(frozen=True)
class Row:
    """A system: its title, and whether it has Ricci-like flow, in one word.

    rho: mean coefficient of its networks, None without one; controls: of every control, by a name
    that is the same for the controls of all systems which are of one kind.
    """

    title: str
    answer: str
    rho: float | None
    controls: Sequence[tuple[str, float]]


@styled
def draw(rows: Sequence[Row], kinds: Sequence[str]) -> Figure:
    """Return the figure, a line per row from top to bottom.

    kinds: names of controls that have a look of their own; all others are one kind.
    """
    if not rows:
        return say_nothing_to_draw("no system has results")
    looks = {NETWORKS: (series_colour(0), series_marker(0), series_colour(0))}
    looks |= {
        kind: (series_colour(place), series_marker(place), "none")
        for place, kind in enumerate(kinds, start=1)
    }
    looks[OTHER] = (MUTED, "x", MUTED)
    figure = Figure(figsize=(WIDTH, _ROW_INCHES * len(rows) + 1.1), layout="constrained")
    axis = figure.subplots()
    used = {NETWORKS}
    for place, row in enumerate(rows):
        used |= _draw_row(axis, row, -place, looks)
    axis.axvline(0, color=MUTED, linewidth=0.9, zorder=0)
    axis.set_xlim(-1.05, 1.05)
    axis.set_ylim(0.7 - len(rows), 0.7)
    axis.set_yticks([-place for place in range(len(rows))],
                    labels=[in_lines(row.title, _LETTERS) for row in rows])  # fmt: skip
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
    axis.set_xlabel("mean Ricci coefficient ρ (negative: as Ricci flow)")
    for place, row in enumerate(rows):
        axis.annotate(row.answer, (1.02, -place), xycoords=("axes fraction", "data"),
                      va="center", color=MUTED, fontsize=8)  # fmt: skip
    handles = [
        Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=5,
               markerfacecolor=face, label=name)
        for name, (colour, marker, face) in looks.items()
        if name in used
    ]  # fmt: skip
    legend_above(figure, handles)
    return figure


def _draw_row(
    axis: Axes, row: Row, y: float, looks: Mapping[str, tuple[str, str, str]]
) -> set[str]:
    """Draw a row; return the names of the marks that it has."""
    axis.axhline(y, color=FAINT, linewidth=0.5, zorder=0)
    marks = [(name if name in looks else OTHER, value) for name, value in row.controls]
    if row.rho is not None:
        marks.append((NETWORKS, row.rho))
    if not marks:
        axis.text(0, y, "no coefficient", ha="center", va="center", color=MUTED, fontsize=8,
                  backgroundcolor="white")  # fmt: skip
    for name, value in marks:
        colour, marker, face = looks[name]
        axis.plot([value], [y], linestyle="none", marker=marker, color=colour, markersize=5.5,
                  markerfacecolor=face, zorder=2 if name == NETWORKS else 3)  # fmt: skip
    return {name for name, _ in marks}
