"""Every claim on an axis of its own: the published value, the networks, each control, the verdict.

Where several conditions are judged, `verdicts` shows them all; this is the study's first.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from ricci_flow.claims.base import Claim
from ricci_flow.claims.registry import chosen_claims
from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
    INK,
    MUTED,
    NARROW,
    in_lines,
    legend_above,
    say_nothing_to_draw,
    series_colour,
    series_marker,
    styled,
)
from ricci_flow.figures.verdicts import LOOKS, RATIOS

FIGURE = Declaration(
    caption="**The claims, judged.** One axis per claim, with its verdict. Thick: the interval "
    "over cells; thin: the wider one with whole data sets as the units too. Black upright: the "
    "published value, where it is of the same quantity. Grey upright: the value if the claim were "
    "empty; the claim lies on the side of the arrow. A claim counts for training only as far as "
    "the controls leave it.",
    alt="One axis per claim. On each: the published value, the estimate of this study with its "
    "interval, and the estimate of every control below it. The verdict is written above it.",
    tables={"ledger": ()},
    select=("condition", "measure"),
)

_ROW_INCHES, _BETWEEN_INCHES = 0.15, 0.62
_ENDS = ("low", "high", "widest_low", "widest_high")
ORDERS = "same layers, random order"


@styled
def draw(ledger: pl.DataFrame) -> Figure:
    """Return one panel per claim, its rows the networks and their controls.

    ledger: statistics/ledger.parquet of one condition and measure.
    """
    if ledger.is_empty():
        return say_nothing_to_draw("no claim was judged")
    claims = chosen_claims(ledger["key"].unique().to_list())
    rows = {claim.key: ledger.filter(key=claim.key).to_dicts() for claim in claims}
    heights = [_ROW_INCHES * len(rows[claim.key]) + _BETWEEN_INCHES for claim in claims]
    figure = Figure(figsize=(NARROW, sum(heights) + 0.6), layout="constrained")
    axes = figure.subplots(len(claims), 1, squeeze=False, height_ratios=heights)[:, 0]
    looks = _looks(ledger)
    for axis, claim in zip(axes, claims, strict=True):
        _draw_claim(axis, claim, rows[claim.key], looks)
    handles = [
        Line2D(
            [], [], color=colour, marker=marker, markersize=4.5, markerfacecolor=face, label=name
        )
        for name, (colour, marker, face) in looks.items()
    ]
    if any(_published(claim, rows[claim.key]) is not None for claim in claims):
        handles.append(Line2D([], [], color=INK, linestyle="none", marker="|", markersize=10,
                              markeredgewidth=1.6, label="published"))  # fmt: skip
    legend_above(figure, handles, width=NARROW)
    return figure


def _name(row: Mapping[str, Any]) -> str:
    if row["control"] is None:
        return str(row["condition"])
    return ORDERS if row["control"] == "layer orders" else str(row["control"])


def _looks(ledger: pl.DataFrame) -> dict[str, tuple[str, str, str]]:
    """Return colour, marker and the marker's inside of the networks, then of every control."""
    names = dict.fromkeys(map(_name, ledger.to_dicts()))
    return {
        name: (
            series_colour(i),
            series_marker(i),
            series_colour(i) if i == 0 else "white",
        )
        for i, name in enumerate(names)
    }


def _draw_claim(
    axis: Axes,
    claim: Claim,
    rows: Sequence[Mapping[str, Any]],
    looks: Mapping[str, tuple[str, ...]],
) -> None:
    axis.axvline(claim.rule.null, color=MUTED, linewidth=0.9, zorder=0)
    for place, row in enumerate(rows):
        _draw_row(axis, row, -place, looks[_name(row)])
    published = _published(claim, rows)
    if published is not None:
        axis.plot([published] * 2, [0.45, -0.45], color=INK, linewidth=2, zorder=3)
    axis.set_ylim(0.7 - len(rows), 0.7)
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="x", pad=1.5)
    _set_x(axis, claim, rows)
    arrow = "→" if claim.rule.side > 0 else "←"
    axis.annotate(arrow, (claim.rule.null, 1), xycoords=("data", "axes fraction"), color=MUTED,
                  ha="left" if claim.rule.side > 0 else "right", va="center")  # fmt: skip
    axis.set_title(in_lines(f"Claim {claim.number}: {claim.title}", 32))
    verdict = rows[0]["verdict"]
    axis.set_title(verdict, loc="right", color=LOOKS[verdict][1])


def _published(claim: Claim, rows: Sequence[Mapping[str, Any]]) -> float | None:
    return rows[0]["published"] if claim.published_is_quantity else None


def _draw_row(axis: Axes, row: Mapping[str, Any], y: float, look: Sequence[str]) -> None:
    colour, marker, face = look
    axis.axhline(y, color=FAINT, linewidth=0.5, zorder=0)
    if row["value"] is None:
        axis.text(0.01, y, "not defined", transform=axis.get_yaxis_transform(), va="center",
                  color=MUTED, fontsize=8)  # fmt: skip
        return
    for low, high, width in (("widest_low", "widest_high", 0.8), ("low", "high", 2.4)):
        if row[low] is not None and row[high] is not None:
            axis.plot([row[low], row[high]], [y, y], color=colour, linewidth=width, zorder=1)
    axis.plot([row["value"]], [y], linestyle="none", marker=marker, color=colour, markersize=5,
              markerfacecolor=face, zorder=2)  # fmt: skip


def _set_x(axis: Axes, claim: Claim, rows: Sequence[Mapping[str, Any]]) -> None:
    if claim.unit == "share":
        axis.set_xlim(-0.03, 1.03)
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))
        return
    found = [row[name] for row in rows for name in ("value", *_ENDS) if row[name] is not None]
    found += [value for value in [_published(claim, rows)] if value is not None]
    if claim.unit == "ratio":
        axis.set_xscale("log")
        axis.set_xlim(
            max(RATIOS[0], min([0.5, *found]) / 1.2), min(RATIOS[1], max([2.0, *found]) * 1.2)
        )
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
        axis.xaxis.set_minor_locator(NullLocator())
        return
    reach = 1.1 * max([0.1, *map(abs, found)])
    axis.set_xlim(-reach, reach)
    axis.xaxis.set_major_locator(MaxNLocator(5))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))
