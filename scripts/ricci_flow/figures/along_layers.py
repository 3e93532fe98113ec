"""Layer coefficients, gap between classes and measures of layers, from layer to layer."""

from collections.abc import Iterator, Mapping

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

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
    caption="**From layer to layer.** A row of panels per quantity, a panel per architecture. "
    "Layer coefficients (below zero is Ricci-flow-like), the gap between classes (in standard "
    "deviations), and measures of layers. Thin: mean over the networks of a cell; thick: mean over "
    "the cells that have a value there. Colour shows the condition. Layers are those of the "
    "setting with most of them: 0 is the input, and one more than the hidden layers the output. "
    "The last layer has no coefficient. At the lowest *k*.",
    alt="Lines along the layers, a row of panels per quantity, a colour per condition.",
    tables={
        "along_layers": (
            "block",
            "setting",
            "measure",
            "k_fraction",
            "layer",
            "scope",
            "layer_rho",
            "gap",
            "value",
        )
    },
    of="pointwise_blocks",
    settings=("measure", "setting_titles"),
    when="measured_pointwise",
)

_COLUMNS = 4
# Of a title, by the columns of panels; of what stands beside a row.
_TITLE_LETTERS = {1: 60, 2: 26, 3: 14, 4: 8}
_LETTERS = 16


@styled
def draw(along_layers: pl.DataFrame, measure: str, setting_titles: Mapping[str, str]) -> Figure:
    """Return rows of panels by quantity, a panel per architecture.

    along_layers: statistics/along_layers.parquet. measure: whose layer coefficients and gap are
    drawn; the table's first measure of edges where it has none of this name.
    """
    if along_layers.is_empty():
        return say_nothing_to_draw("nothing was measured point by point")
    shown, setting = _shown(along_layers)
    quantities = list(_quantities(shown, measure))
    if not quantities:
        return say_nothing_to_draw("nothing is defined at any layer")
    conditions = shown["condition"].unique(maintain_order=True).to_list()
    architectures = shown["architecture"].unique(maintain_order=True).to_list()
    columns = len(architectures) if len(architectures) <= _COLUMNS else _COLUMNS - 1
    rows, letters = -(-len(architectures) // columns), _TITLE_LETTERS[columns]
    figure, axes = panel_grid(
        len(quantities) * rows * columns,
        columns=columns,
        height=1.35 + title_inches(architectures, letters),
        extra=0.7,
    )
    for place, (title, quantity) in enumerate(quantities):
        panels = axes[place * rows * columns : (place + 1) * rows * columns]
        for axis, architecture in zip(panels, architectures, strict=False):
            if title.startswith(("layer", "gap")):
                axis.axhline(0, color=FAINT, linewidth=0.8, zorder=0)
            for index, condition in enumerate(conditions):
                of = quantity.filter(condition=condition, architecture=architecture)
                _draw_lines(axis, of, series_colour(index))
            if axis is not panels[0]:
                axis.sharey(panels[0])
            axis.set_title(in_lines(architecture, letters), fontsize=8.5)
            axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
            axis.yaxis.set_major_locator(MaxNLocator(nbins=4))
        panels[0].set_ylabel(in_lines(title, _LETTERS))
        for axis in panels[len(architectures) :]:
            axis.remove()
    layers = "" if setting == "knn" else f" ({setting_titles.get(setting, setting)})"
    figure.supxlabel(f"layer{layers}", fontsize=8.5)
    legend_above(
        figure,
        [
            Line2D([], [], color=series_colour(i), linewidth=1.6, label=name)
            for i, name in enumerate(conditions)
        ],
    )
    return figure


def _shown(table: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Return the rows of the setting with the most layers, at the lowest k, and its name.

    Of settings that edges were measured under, since others have neither coefficients nor gaps.
    """
    of_edges = table.filter(scope="edge")
    measured = table if of_edges.is_empty() else of_edges
    counts = measured.group_by("setting", maintain_order=True).agg(pl.col("layer").n_unique())
    setting = counts.sort("layer", descending=True, maintain_order=True)["setting"][0]
    lowest = pl.col("k_fraction") == pl.col("k_fraction").min().over("measure")
    keys = ["data_set", "architecture", "condition", "measure", "layer"]
    chosen = table.filter(setting=setting).filter(lowest)
    # What several blocks measure is drawn once.
    return chosen.unique(keys, keep="first", maintain_order=True), setting


def _quantities(shown: pl.DataFrame, measure: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield title and rows of every quantity that has a value; the column drawn is `y`."""
    of_edges = shown.filter(scope="edge")["measure"].unique(maintain_order=True).to_list()
    measure = measure if measure in of_edges else next(iter(of_edges), measure)
    of_layers = shown.filter(scope="layer")["measure"].unique(maintain_order=True).to_list()
    for title, column, name in (
        ("layer coefficient", "layer_rho", measure),
        ("gap between classes", "gap", measure),
        *((other.replace("_", " "), "value", other) for other in of_layers),
    ):
        rows = shown.filter(pl.col(column).is_not_null(), measure=name)
        if len(rows):
            yield title, rows.with_columns(y=pl.col(column))


def _draw_lines(axis: Axes, rows: pl.DataFrame, colour: str) -> None:
    """Draw a condition: a thin line per cell, and where there are several their mean."""
    cells = [part.sort("layer") for _, part in rows.group_by("data_set", maintain_order=True)]
    over = rows.group_by("layer").agg(pl.col("y").mean()).sort("layer")
    for part in cells if len(cells) > 1 else []:
        axis.plot(part["layer"], part["y"], color=colour, linewidth=0.5, alpha=0.35)
    axis.plot(over["layer"], over["y"], color=colour, linewidth=1.6, marker=".", markersize=3)
