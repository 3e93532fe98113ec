"""The claims ledger: a row a claim, with its verdict."""

from typing import Any

import polars as pl

from ricci_flow.report.beside import CLAIMS
from ricci_flow.report.tables import NO_REASON
from ricci_flow.report.text import escape, number, percent, pipe_table
from ricci_flow.statistics.verdicts import RULES

QUANTITIES = {
    1: "cells with a negative coefficient at a *k* chosen on other networks (chance: 50 %)",
    2: "*k*\\*/*n* on real over synthetic data, as a multiple of a blind choice from the grid "
    "(chance: 1)",
    3: "cells whose curvature goes as claimed, in the group with the smaller share (chance: 50 %)",
    4: "correlation of coefficient and accuracy inside cells (none: 0)",
    5: "networks with a negative coefficient at a *k* chosen on others (chance: 50 %)",
}
# Of a ratio between a handful of data sets more cannot be said.
_LARGE = 1000
# What the paper's number is of, where it is not the quantity itself.
_PUBLISHED = {
    1: "{} of cells, *k* chosen on the same networks",
    2: "{}",
    4: "*t* = {} in a regression over all cells",
    5: "{} at the *k*\\* chosen on the same networks",
}


def ledger_table(ledger: pl.DataFrame, condition: str, convention: str) -> str:
    """Return a row a claim: verdict, the paper's number, ours, and the controls'."""
    chosen = ledger.filter(condition=condition, convention=convention)
    rows = []
    for _, group in chosen.group_by("claim", maintain_order=True):
        own, *controls = group.iter_rows(named=True)
        beside = "<br>".join(f"{_name(row)}: {_estimate(row)}" for row in controls)
        claim = own["claim"]
        rows.append(
            [
                f"({claim}) {CLAIMS[claim]}.<br>*Judged by:* {QUANTITIES[claim]}",
                verdict(own),
                _published(own),
                f"{_estimate(own)}{_widest(own, '<br>data sets as units: ')}",
                beside or "no control was run",
            ]
        )
    headings = ["claim", "verdict", "paper", escape(condition), "controls"]
    return pipe_table(headings, rows, left=5, empty="No claim could be judged.")


def ledger_long_table(ledger: pl.DataFrame) -> str:
    """Return every estimate and every difference, all conditions and conventions."""
    rows = []
    for row in ledger.iter_rows(named=True):
        control = row["control"]
        rows.append(
            [
                *(escape(row[name]) for name in ("condition", "convention")),
                f"({row['claim']})",
                "itself" if control is None else _name(row),
                _estimate(row),
                _widest(row) or "not defined",
                f"{row['cells']} of {row['data_sets']}",
                "none" if control is None else _estimate(row, "difference"),
                "none" if control is None else _widest(row, name="difference_") or "not defined",
                verdict(row) if control is None else "see above",
            ]
        )
    headings = ["condition", "convention", "claim", "in", "estimate", "over data sets"]
    headings += ["cells of data sets", "excess over the control", "over data sets", "verdict"]
    return pipe_table(headings, rows, left=4, empty="No claim could be judged.")


def verdict(row: dict[str, Any]) -> str:
    """Return the verdict, and in brackets what decides it or leaves it open."""
    words = escape(row["remark"] or "").replace("layer orders", "the same layers in random order")
    remark = f" ({words})" if words else ""
    return f"**{row['verdict']}**{remark}"


def _name(row: dict[str, Any]) -> str:
    name = row["control"]
    return "the same layers in random order" if name == "layer orders" else escape(name)


def _estimate(row: dict[str, Any], name: str = "value") -> str:
    if row[name] is None:
        return f"not defined ({escape(row['reason'] or NO_REASON)})"
    ends = ("low", "high") if name == "value" else (f"{name}_low", f"{name}_high")
    value, low, high = (_value(row["claim"], row[column], name) for column in (name, *ends))
    return f"{value} ({_range(low, high)})".replace(" %", "\u00a0%")


def _widest(row: dict[str, Any], before: str = "", name: str = "") -> str:
    """Return the wider of the intervals over cells and over data sets, "" without one."""
    ends = [row[f"{name}widest_{end}"] for end in ("low", "high")]
    if None in ends:
        return ""
    low, high = (_value(row["claim"], value, name or "value") for value in ends)
    return before + _range(low, high).replace(" %", "\u00a0%")


def _range(low: str, high: str) -> str:
    # The unit once, so that an estimate with its interval breaks in few places.
    return f"{low.removesuffix(' %').removesuffix('×')}\u00a0to\u00a0{high}"


def _value(claim: int, value: float, name: str = "value") -> str:
    """Return an estimate or an end of its interval, told apart from what it is judged by.

    name: "value", or beginning with "difference" of one.
    """
    apart = RULES[claim].limits if name == "value" else RULES[claim].limits_of_difference
    if claim == 4:
        return number(value, apart=apart)
    if claim == 2:
        return f"{number(value, 1, apart=apart)}×" if value < _LARGE else f"over {_LARGE}×"
    return percent(value, apart=apart)


def _published(row: dict[str, Any]) -> str:
    if row["published"] is None:
        return "no number" if row["claim"] == 3 else "not given"
    return _PUBLISHED[row["claim"]].format(_value(row["claim"], row["published"]))
