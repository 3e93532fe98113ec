"""Test accuracy against the adjusted Ricci coefficient."""

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
    MUTED,
    architecture_legend,
    architecture_looks,
    in_lines,
    panel_grid,
    say_nothing_to_draw,
    styled,
    title_inches,
)

FIGURE = Declaration(
    caption="**Accuracy against the adjusted coefficient.** A mark is a kept network with a "
    "defined coefficient at the *k*\\* of its cell. The regression over all panels: "
    "{{< var result.fit >}}.",
    alt="Scatter plots of test accuracy against the adjusted coefficient, a panel per data set.",
    tables={"networks": ()},
    select=("condition", "measure"),
)

FORMULAS = {
    "z_printed": r"adjusted coefficient $z = \mathrm{artanh}(\rho)\,/\,\sqrt{L-4}$",
    "z_standardised": r"standardised coefficient $z = \mathrm{artanh}(\rho)\,\sqrt{L-4}$",
}


@styled
def draw(table: pl.DataFrame, coefficient: str = "z_printed") -> Figure:
    """Return test accuracy against z of the kept networks, a panel per data set.

    table: statistics/networks.parquet of one condition and measure; rows not kept, or whose
    coefficient is null or infinite or whose accuracy is null, are left out.
    """
    drawn = table.filter(pl.col("kept") & pl.col(coefficient).is_finite())
    if drawn.is_empty():
        return say_nothing_to_draw("no kept network has a defined coefficient")
    drawn = drawn.filter(pl.col("test_accuracy").is_not_null())
    if drawn.is_empty():
        return say_nothing_to_draw("no network under this condition has a test accuracy")
    looks = architecture_looks(drawn)
    data_sets = table["data_set"].unique(maintain_order=True).to_list()
    figure, axes = panel_grid(
        len(data_sets), height=1.6 + title_inches(data_sets), extra=0.7, sharex=True
    )
    for axis, data_set in zip(axes, data_sets, strict=True):
        rows = drawn.filter(pl.col("data_set") == data_set)
        axis.axvline(0, color=FAINT, linewidth=0.8, zorder=0)
        for name, look in looks.items():
            cell = rows.filter(pl.col("architecture") == name)
            axis.scatter(
                cell[coefficient].to_numpy(),
                cell["test_accuracy"].to_numpy(),
                s=11,
                marker=look.marker,
                c=look.face,
                edgecolors=look.colour,
                linewidths=0.8,
            )
        if rows.is_empty():
            axis.text(0.5, 0.5, "none kept", color=MUTED, ha="center", transform=axis.transAxes)
            axis.set_yticks([])
        axis.set_title(in_lines(data_set))
        axis.yaxis.set_major_locator(MaxNLocator(nbins=4))
        axis.yaxis.get_major_formatter().set_useOffset(False)  # type: ignore[attr-defined]
    values = np.append(drawn[coefficient].to_numpy(), 0.0)
    margin = max(0.08 * float(np.ptp(values)), 0.05)
    axes[0].set_xlim(values.min() - margin, values.max() + margin)
    figure.supxlabel(FORMULAS[coefficient], fontsize=8.5, parse_math=True)
    figure.supylabel("test accuracy", fontsize=8.5)
    architecture_legend(figure, looks, lines=False)
    return figure
