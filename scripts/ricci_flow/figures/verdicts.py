"""Every claim's estimate and verdict, condition by condition."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullLocator

from ricci_flow.claims.base import Claim
from ricci_flow.claims.registry import chosen_claims
from ricci_flow.claims.verdicts import (
    AS_COUNTED,
    EVERY,
    NOT_REPRODUCED,
    REPRODUCED,
    UNDECIDED,
)
from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    INK,
    MUTED,
    legend_above,
    panel_grid,
    say_nothing_to_draw,
    styled,
)
from ricci_flow.labels import cut

FIGURE = Declaration(
    caption="**Verdicts by condition.** One panel per claim; on *x* the conditions that are "
    "no controls, on a logarithmic axis of epochs if they differ in nothing else. "
    "Thick: the interval over cells; thin: the wider interval, with whole data sets "
    "as the units too (cut off where a ratio has no end). Lines: the null value, "
    "which the quantity would have if the claim were false; the least effect that "
    "counts; and the published value where it is of the same quantity.",
    alt="Estimates with intervals, a panel per claim, a mark per condition.",
    tables={"ledger": ()},
    select=("measure",),
    settings=("epochs",),
    when="several_conditions_judged",
)

# Marker, colour, and whether it is filled.
LOOKS = {
    REPRODUCED: ("o", "#0072b2", True),
    AS_COUNTED: ("s", "#009e73", True),
    UNDECIDED: ("D", MUTED, False),
    NOT_REPRODUCED: ("X", "#d55e00", True),
}
# Ratios between a handful of data sets have no end; what lies beyond is cut off.
RATIOS = (0.01, 1000.0)
_LINES: dict[str, Any] = {
    "null value": {"color": MUTED, "linewidth": 0.8, "linestyle": "-"},
    "least effect that counts": {"color": MUTED, "linewidth": 0.8, "linestyle": (0, (4, 2))},
    "published": {"color": INK, "linewidth": 1.0, "linestyle": (0, (1, 1.5))},
}


@styled
def draw(ledger: pl.DataFrame, epochs: Mapping[str, int]) -> Figure:
    """Return one panel per claim: on x the conditions that are judged, on y the claim's quantity.

    ledger: statistics/ledger.parquet of one measure. epochs: how long the networks of each
    condition are trained, by the name it has in the table, where the conditions differ in nothing
    else; x is then logarithmic. Empty otherwise: x is the conditions in their order.
    """
    own = ledger.filter(pl.col("control").is_null())
    if own.is_empty():
        return say_nothing_to_draw("no claim was judged")
    conditions = own["condition"].unique(maintain_order=True).to_list()
    numbers = bool(epochs) and set(conditions) <= epochs.keys()
    places = {name: float(epochs[name] if numbers else i) for i, name in enumerate(conditions)}
    claims = chosen_claims(own["key"].unique().to_list())
    figure, axes = panel_grid(
        len(claims), columns=2, height=1.6, extra=1.0 if numbers else 1.4, sharex=True
    )
    lines = set()
    for axis, claim in zip(axes, claims, strict=True):
        rows = own.filter(key=claim.key).to_dicts()
        lines |= set(_draw_lines(axis, claim, rows[0]["published"]))
        for row in rows:
            _draw_estimate(axis, row, places[row["condition"]])
        axis.set_title(f"{claim.number} {claim.title}")
        _set_y(axis, claim, rows)
    _set_x(axes[0], places, numbers=numbers)
    if not numbers:
        for axis in axes:
            axis.tick_params(axis="x", rotation=90)
    figure.supxlabel("epochs" if numbers else "condition", fontsize=8.5)
    handles = [
        Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=5,
               markerfacecolor=colour if filled else "white", label=verdict)
        for verdict, (marker, colour, filled) in LOOKS.items()
        if verdict in own["verdict"]
    ]  # fmt: skip
    handles += [
        Line2D([], [], **look, label=what) for what, look in _LINES.items() if what in lines
    ]
    legend_above(figure, handles)
    return figure


def _draw_lines(axis: Axes, claim: Claim, published: float | None) -> list[str]:
    """Draw the values that estimates are compared with; return what they are."""
    rule = claim.rule
    values = {"null value": rule.null, "least effect that counts": rule.margin}
    if rule.every:
        values["least effect that counts"] = EVERY
    if published is not None and claim.published_is_quantity:
        values["published"] = published
    for what, value in values.items():
        axis.axhline(value, zorder=0, **_LINES[what])
    return list(values)


def _draw_estimate(axis: Axes, row: Mapping[str, Any], x: float) -> None:
    marker, colour, filled = LOOKS[row["verdict"]]
    if row["value"] is None:
        axis.text(x, 0.04, "not defined", transform=axis.get_xaxis_transform(), rotation=90,
                  ha="center", va="bottom", color=MUTED, fontsize=8)  # fmt: skip
        return
    for low, high, width in (("widest_low", "widest_high", 0.8), ("low", "high", 2.2)):
        if row[low] is not None:
            axis.plot([x, x], [row[low], row[high]], color=colour, linewidth=width, zorder=1)
    axis.plot([x], [row["value"]], linestyle="none", marker=marker, color=colour, markersize=5,
              markerfacecolor=colour if filled else "white", zorder=2)  # fmt: skip


def _set_y(axis: Axes, claim: Claim, rows: Sequence[Mapping[str, Any]]) -> None:
    if claim.unit == "share":
        axis.set_ylim(-0.04, 1.04)
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))
    if claim.unit == "ratio":
        names = ("value", "low", "high", "widest_low", "widest_high")
        found = [row[name] for row in rows for name in names if row[name] is not None]
        axis.set_yscale("log")
        axis.set_ylim(
            max(RATIOS[0], min([0.5, *found]) / 1.2), min(RATIOS[1], max([2, *found]) * 1.2)
        )
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
        axis.yaxis.set_minor_locator(NullLocator())


def _set_x(axis: Axes, places: Mapping[str, float], *, numbers: bool) -> None:
    """Set the scale that all panels share."""
    values = list(places.values())
    if numbers:
        axis.set_xscale("log")
        axis.xaxis.set_minor_locator(NullLocator())
        axis.set_xticks(values, [f"{value:g}" for value in values])
        axis.set_xlim(min(values) / 1.5, max(values) * 1.5)
        return
    axis.set_xticks(values, list(cut(places, 16).values()))
    axis.set_xlim(-0.5, len(values) - 0.5)
