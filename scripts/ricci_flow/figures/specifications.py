"""Specification curves: every claim's estimate under every combination of plausible choices."""

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullLocator

from ricci_flow.claims.base import Claim
from ricci_flow.claims.registry import chosen_claims
from ricci_flow.claims.verdicts import AS_COUNTED, NOT_REPRODUCED, REPRODUCED, UNDECIDED
from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
    INK,
    MUTED,
    WIDTH,
    legend_above,
    say_nothing_to_draw,
    styled,
)
from ricci_flow.multiverse.choices import DIMENSIONS

FIGURE = Declaration(
    caption="**Specification curves.** Above: a claim's quantity in every combination of plausible "
    "choices, in ascending order, with its interval over cells; colour shows the verdict, the "
    "circle the study's own combination, the line the null value. Below: a mark in the row of "
    "every option that the combination above it takes. Combinations rest on the same "
    "networks, so their number is no evidence by itself.",
    alt="For each claim a curve of ordered estimates with intervals, and below it the options that "
    "each estimate rests on.",
    tables={
        "specifications": ("control", "plausible", "key", "verdict", "value", "low", "high", "own"),
        "choices": ("choice", "option", "title"),
    },
    when="multiverse",
)

_COLOURS = {
    REPRODUCED: "#0072b2",
    AS_COUNTED: "#009e73",
    UNDECIDED: "#999999",
    NOT_REPRODUCED: "#d55e00",
}
# Inches: of a curve, and of an option's row.
_CURVE, _ROW = 1.4, 0.15


@styled
def draw(specifications: pl.DataFrame, choices: pl.DataFrame) -> Figure:
    """Return a curve and its table of options for every claim.

    specifications: statistics/specifications.parquet; choices: statistics/choices.parquet.
    """
    own = specifications.filter(pl.col("control").is_null() & pl.col("plausible"))
    claims = chosen_claims(own["key"].unique().to_list()) if len(own) else ()
    if not claims:
        return say_nothing_to_draw("no claim was judged")
    titles = {(row["choice"], row["option"]): row["title"] for row in choices.to_dicts()}
    tables = [_options(own.filter(key=claim.key), titles) for claim in claims]
    heights = [h for table in tables for h in (_CURVE, _ROW * max(len(table), 1))]
    figure = Figure(figsize=(WIDTH, sum(heights) + 0.35 * len(claims) + 0.6), layout="constrained")
    axes = figure.subplots(2 * len(claims), 1, height_ratios=heights, squeeze=False)[:, 0]
    for claim, options, curve, below in zip(claims, tables, axes[::2], axes[1::2], strict=True):
        rows = own.filter(key=claim.key)
        defined = rows.filter(pl.col("value").is_not_null()).sort("value", *DIMENSIONS)
        _draw_curve(curve, claim, defined, len(rows))
        _draw_options(below, defined, options)
    present = set(own["verdict"])
    legend_above(
        figure,
        [
            Line2D([], [], linestyle="none", marker="s", markersize=4.5, color=colour, label=name)
            for name, colour in _COLOURS.items()
            if name in present
        ],
        columns=4,
    )
    return figure


def _options(rows: pl.DataFrame, titles: dict[tuple[str, str], str]) -> list[tuple[str, str, str]]:
    """Return (choice, option, title) of every choice that has several options."""
    return [
        (choice, option, titles.get((choice, option), option))
        for choice in DIMENSIONS
        if rows[choice].n_unique() > 1
        for option in rows[choice].unique(maintain_order=True)
    ]


def _draw_curve(axis: Axes, claim: Claim, rows: pl.DataFrame, every: int) -> None:
    x = np.arange(len(rows))
    axis.axhline(claim.rule.null, color=MUTED, linewidth=0.8, zorder=0)
    for verdict, colour in _COLOURS.items():
        chosen = (rows["verdict"] == verdict).to_numpy()
        value, low, high = (
            rows[name].cast(pl.Float64).to_numpy()[chosen] for name in ("value", "low", "high")
        )
        axis.vlines(x[chosen], low, high, color=colour, linewidth=0.6, alpha=0.4, zorder=1)
        axis.plot(
            x[chosen], value, linestyle="none", marker="o", markersize=2, color=colour, zorder=2
        )
    own = rows["own"].to_numpy()
    axis.plot(x[own], rows["value"].to_numpy()[own], linestyle="none", marker="o", markersize=7,
              markerfacecolor="none", color=INK, zorder=3)  # fmt: skip
    without = f", {every - len(rows)} not defined" if len(rows) < every else ""
    axis.set_title(f"{claim.number} {claim.title} ({every} combinations{without})")
    axis.set_xlim(-1, max(len(rows), 1))
    axis.set_xticks([])
    if claim.unit == "share":
        axis.set_ylim(-0.04, 1.04)
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))
    if claim.unit == "ratio":
        axis.set_yscale("log")
        axis.set_ylim(0.1, 100)
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
        axis.yaxis.set_minor_locator(NullLocator())


def _draw_options(axis: Axes, rows: pl.DataFrame, options: list[tuple[str, str, str]]) -> None:
    names = list(dict.fromkeys(choice for choice, _, _ in options))
    for y, (choice, option, _) in enumerate(options):
        if names.index(choice) % 2 == 0:
            axis.axhspan(y - 0.5, y + 0.5, color=FAINT, alpha=0.35, linewidth=0)
        x = np.flatnonzero((rows[choice] == option).to_numpy())
        axis.vlines(x, y - 0.4, y + 0.4, color=INK, linewidth=0.6)
    axis.set_xlim(-1, max(len(rows), 1))
    axis.set_ylim(len(options) - 0.5, -0.5)
    axis.set_yticks(range(len(options)), [title for _, _, title in options])
    axis.set_xticks([])
    for side in ("left", "bottom"):
        axis.spines[side].set_visible(False)
    axis.tick_params(length=0)
