"""The observed coefficients, next to what layer orders and coupling alone give."""

from typing import Any

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
    MUTED,
    WIDTH,
    in_lines,
    legend_above,
    say_nothing_to_draw,
    styled,
)

FIGURE = Declaration(
    caption="**Observed, and without any flow.** Coefficients of the kept networks at the "
    "*k*\\* of their cell (filled), of the same networks over orders of their "
    "layers, and of independent layers drawn from each cell's mass, curvature and "
    "coupling (a Gaussian copula; {{< var draws >}} draws per cell).",
    alt="Histograms of the Ricci coefficient by condition and depth, with two null "
    "distributions as lines.",
    tables={"null_laws": ()},
    select=("measure",),
    numbers={"draws": "analysis.nulls.COUPLED_DRAWS"},
)

_FILL = "#9ecae9"
# Distribution (column `law`) -> colour, line, words.
_LINES: dict[str, tuple[str, Any, str]] = {
    "layer orders": ("#d55e00", "-", "the same layers in random order"),
    "coupling": ("#222222", (0, (3, 1.2)), "independent layers, as coupled"),
}


@styled
def draw(table: pl.DataFrame) -> Figure:
    """Return histograms of rho: one row of panels per condition, one column per depth.

    table: statistics/null_laws.parquet of one measure.
    """
    if table.is_empty():
        return say_nothing_to_draw("no network has a coefficient")
    conditions = table["condition"].unique(maintain_order=True).to_list()
    depths = table["depth"].unique().sort().to_list()
    figure = Figure(figsize=(WIDTH, 0.85 * len(conditions) + 0.9), layout="constrained")
    grid = figure.subplots(len(conditions), len(depths), squeeze=False, sharex=True, sharey="col")
    for row, condition in enumerate(conditions):
        for column, depth in enumerate(depths):
            axis = grid[row][column]
            axis.axvline(0, color=FAINT, linewidth=0.8, zorder=0)
            panel = table.filter(pl.col("condition") == condition, pl.col("depth") == depth)
            for (law,), part in panel.group_by("law", maintain_order=True):
                lows, shares = part["low"].to_numpy(), part["share"].to_numpy()
                edges = np.append(lows, 1.0)
                if law in _LINES:
                    colour, line, _ = _LINES[str(law)]
                    axis.stairs(shares, edges, color=colour, linestyle=line, linewidth=1.1)
                else:
                    axis.stairs(shares, edges, fill=True, color=_FILL)
            if panel.is_empty():
                axis.text(0, 0, "none", ha="center", va="bottom", color=MUTED, fontsize=8)
            axis.set_yticks([])
            axis.spines["left"].set_visible(False)
            title = condition if len(depths) == 1 else f"{condition}, depth {depth}"
            axis.set_title(in_lines(title, 30))
            axis.set_xlim(-1, 1)
    figure.supxlabel("Ricci coefficient of single networks at $k^*$", fontsize=8.5, parse_math=True)
    handles: list[Any] = [Patch(color=_FILL, label="observed")]
    handles += [
        Line2D([], [], color=colour, linestyle=line, linewidth=1.1, label=words)
        for colour, line, words in _LINES.values()
    ]
    legend_above(figure, handles, columns=1)
    return figure
