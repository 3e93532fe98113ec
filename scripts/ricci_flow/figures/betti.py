"""Betti numbers of the classes along the layers."""

import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    in_lines,
    legend_above,
    panel_grid,
    say_nothing_to_draw,
    series_colour,
    styled,
    title_inches,
)

FIGURE = Declaration(
    caption="**Betti numbers along the layers.** Sum of the Betti numbers of both classes, mean "
    "over networks, whatever their accuracy; a panel per data set and architecture. Layer 0 is "
    "the input.",
    alt="Lines of the sum of Betti numbers along the layers, a panel per data set and "
    "architecture, a colour per condition.",
    tables={"along_layers": ("measure", "setting", "k_fraction", "layer", "value")},
    when="measures_betti",
)

CLASSES = ("first_class", "second_class")


def sums(table: pl.DataFrame) -> pl.DataFrame:
    """Return the sum of the Betti numbers of both classes by ensemble and layer.

    table: statistics/along_layers.parquet; of several shares of the points the least counts.
    """
    chosen = table.filter(
        pl.col("measure").str.starts_with("betti_"), pl.col("setting").is_in(CLASSES)
    )
    chosen = chosen.filter(pl.col("k_fraction") == pl.col("k_fraction").min())
    keys = ["data_set", "architecture", "condition", "layer"]
    return chosen.group_by(keys, maintain_order=True).agg(
        value=pl.when(pl.col("value").null_count() == 0).then(pl.col("value").sum())
    )


@styled
def draw(table: pl.DataFrame) -> Figure:
    """Return the sums along the layers, a row of panels per data set; table: see `sums`."""
    found = sums(table)
    if found["value"].null_count() == len(found):
        return say_nothing_to_draw("no Betti numbers of classes were measured")
    conditions = found["condition"].unique(maintain_order=True).to_list()
    cells = found.select("data_set", "architecture").unique(maintain_order=True).rows()
    architectures = found["architecture"].unique(maintain_order=True).to_list()
    titles = [f"{data_set}, {architecture}" for data_set, architecture in cells]
    figure, axes = panel_grid(
        len(cells),
        columns=min(3, len(architectures)),
        height=1.25 + title_inches(titles, 18),
        extra=0.8,
        sharex=True,
    )
    for axis, (data_set, architecture), title in zip(axes, cells, titles, strict=True):
        for index, condition in enumerate(conditions):
            rows = found.filter(
                data_set=data_set, architecture=architecture, condition=condition
            ).sort("layer")
            axis.plot(rows["layer"], rows["value"], color=series_colour(index), linewidth=1.3)
        axis.set_ylim(bottom=0)
        axis.set_title(in_lines(title, 18))
        axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        axis.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))
    figure.supxlabel("layer", fontsize=8.5)
    handles = [
        Line2D([], [], color=series_colour(index), linewidth=1.3, label=name)
        for index, name in enumerate(conditions)
    ]  # fmt: skip
    legend_above(figure, handles)
    return figure
