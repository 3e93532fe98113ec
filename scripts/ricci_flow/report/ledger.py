"""The claims ledger: one row per claim, with its verdict, and the rules in words."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from ricci_flow.claims.base import Claim
from ricci_flow.claims.registry import claim_of
from ricci_flow.claims.verdicts import AS_COUNTED, EVERY, MIN_CELLS, MIN_DATA_SETS, remark_of
from ricci_flow.report.multiverse import same_verdict
from ricci_flow.report.tables import NO_REASON
from ricci_flow.report.text import escape, listed, number, percent, pipe_table

# Of a ratio between a handful of data sets more cannot be said.
_LARGE = 1000


def ledger_table(
    ledger: pl.DataFrame, condition: str, measure: str, multiverse: pl.DataFrame | None = None
) -> str:
    """Return one row per claim: verdict, the paper's number and ours.

    multiverse: multiverse.parquet, whose shares are a column more.
    """
    chosen = ledger.filter(condition=condition, measure=measure)
    same = {} if multiverse is None else {row["key"]: row for row in multiverse.to_dicts()}
    rows = []
    for (key,), group in chosen.group_by(["key"], maintain_order=True):
        claim = claim_of(str(key))
        own, *controls = group.iter_rows(named=True)
        rows.append(
            [
                f"({claim.number}) {claim.text}.<br>*Judged by:* {claim.quantity_text} "
                f"({_null_value(claim)})",
                verdict(own, controls),
                *([same_verdict(same[key])] if same else []),
                published_text(own),
                estimate_text(own),
            ]
        )
    over_choices = ["over all choices"] if same else []
    headings = ["claim", "verdict", *over_choices, "paper", escape(condition)]
    return pipe_table(headings, rows, left=len(headings), empty="No claim could be judged.")


def compared_table(ledger: pl.DataFrame, condition: str, measure: str) -> str:
    """Return a row per claim for the condition itself, then one for each of its controls."""
    rows = []
    for row in ledger.filter(condition=condition, measure=measure).iter_rows(named=True):
        itself = row["control"] is None
        rows.append(
            [
                f"({row['claim']})",
                f"**{escape(condition)}**" if itself else control_name(row),
                f"**{row['verdict']}**" if itself else row["standing"] or "not compared",
                estimate_text(row),
                _widest(row) or "not defined",
            ]
        )
    headings = ["claim", "networks", "verdict; how a control stands"]
    headings += ["estimate and interval over cells", "over data sets"]
    return pipe_table(headings, rows, left=3, empty="No claim could be judged.")


def fixed_table(ledger: pl.DataFrame, condition: str, measure: str) -> str:
    """Return what a k fixed beforehand leaves of the claims on signs, by depth of the networks.

    A row for the condition, then one for each control.
    """
    chosen = ledger.filter(
        pl.col("fixed_cells").is_not_null(), condition=condition, measure=measure
    )
    found = list(chosen.iter_rows(named=True))
    depths = sorted({part["depth"] for row in found for part in row["fixed_by_depth"] or ()})
    rows = []
    for row in found:
        by_depth = {part["depth"]: part for part in row["fixed_by_depth"] or ()}
        rows.append(
            [
                f"({row['claim']})",
                escape(condition) if row["control"] is None else control_name(row),
                fixed_text(row),
                *(_part(row["key"], by_depth.get(depth)) for depth in depths),
            ]
        )
    headings = ["claim", "networks", "all depths", *(f"{depth} layers" for depth in depths)]
    return pipe_table(headings, rows, left=2, empty="No claim could be judged.")


def fixed_text(row: dict[str, Any]) -> str:
    """Return the estimate of a claim on signs at the k fixed beforehand, with its interval."""
    names = ("value", "low", "high", "cells")
    columns = ("fixed", "fixed_low", "fixed_high", "fixed_cells")
    found = {name: row[column] for name, column in zip(names, columns, strict=True)}
    return _part(row["key"], found)


def _part(key: str, part: dict[str, Any] | None) -> str:
    if part is None:
        return "no cell"
    if part["value"] is None:
        return f"not defined (cells: {part['cells']})"
    value, low, high = (value_text(key, part[name]) for name in ("value", "low", "high"))
    return f"{value} ({_range(low, high)})".replace(" %", "\u00a0%")


def ledger_long_table(ledger: pl.DataFrame) -> str:
    """Return every estimate and every difference, all conditions and measures."""
    rows = []
    keys = ("condition", "measure", "key")
    controls: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in ledger.filter(pl.col("control").is_not_null()).iter_rows(named=True):
        controls.setdefault(tuple(row[key] for key in keys), []).append(row)
    for row in ledger.iter_rows(named=True):
        control = row["control"]
        compared = controls.get(tuple(row[key] for key in keys), [])
        rows.append(
            [
                *(escape(row[name]) for name in ("condition", "measure")),
                f"({row['claim']})",
                "itself" if control is None else control_name(row),
                estimate_text(row),
                _widest(row) or "not defined",
                f"{row['cells']} of {row['data_sets']}",
                "none" if control is None else estimate_text(row, "difference"),
                "none" if control is None else _widest(row, name="difference_") or "not defined",
                verdict(row, compared) if control is None else row["standing"] or "not defined",
            ]
        )
    headings = ["condition", "measure", "claim", "in", "estimate", "over data sets"]
    headings += ["cells of data sets", "excess over the control", "over data sets"]
    headings += ["verdict; how a control stands"]
    return pipe_table(headings, rows, left=4, empty="No claim could be judged.")


def verdict(row: dict[str, Any], controls: Sequence[dict[str, Any]]) -> str:
    """Return the verdict, and in brackets how its controls stand, or what leaves it open."""
    if row["verdict"] == AS_COUNTED:  # the remark, with titles and not names
        words = remark_of({control_name(c): c["standing"] for c in controls if c["standing"]})
    else:
        words = escape(row["remark"] or "")
    remark = f" ({words})" if words else ""
    return f"**{row['verdict']}**{remark}"


def control_name(row: dict[str, Any]) -> str:
    """Return what a control is called."""
    name = row["control"]
    return "the same layers in random order" if name == "layer orders" else escape(name)


def estimate_text(row: dict[str, Any], name: str = "value") -> str:
    """Return an estimate with its interval, or why there is none.

    name: "value", or beginning with "difference" of one.
    """
    if row[name] is None:
        return f"not defined ({escape(row['reason'] or NO_REASON)})"
    ends = ("low", "high") if name == "value" else (f"{name}_low", f"{name}_high")
    value, low, high = (value_text(row["key"], row[column], name) for column in (name, *ends))
    return f"{value} ({_range(low, high)})".replace(" %", "\u00a0%")


def _widest(row: dict[str, Any], name: str = "") -> str:
    """Return the wider of the intervals over cells and over data sets, "" without one."""
    ends = [row[f"{name}widest_{end}"] for end in ("low", "high")]
    if None in ends:
        return ""
    low, high = (value_text(row["key"], value, name or "value") for value in ends)
    return _range(low, high).replace(" %", "\u00a0%")


def _range(low: str, high: str) -> str:
    # The unit once, so that an estimate with its interval breaks in few places.
    return f"{low.removesuffix(' %').removesuffix('×')}\u00a0to\u00a0{high}"


def value_text(key: str, value: float, name: str = "value") -> str:
    """Return an estimate or an end of its interval, told apart from what it is judged by.

    name: "value", or beginning with "difference" of one.
    """
    claim = claim_of(key)
    apart = claim.rule.limits if name == "value" else claim.rule.limits_of_difference
    if claim.unit == "correlation":
        return number(value, apart=apart)
    if claim.unit == "ratio":
        digits = 1 if value >= 1 else 2
        return f"{number(value, digits, apart=apart)}×" if value < _LARGE else f"over {_LARGE}×"
    return percent(value, apart=apart)


def published_text(row: dict[str, Any]) -> str:
    """Return the paper's number of a claim's own row, or that there is none."""
    claim = claim_of(row["key"])
    if row["published"] is None:
        return "no number" if claim.published is None else "not given"
    return claim.published_text.format(value_text(row["key"], row["published"]))


def _null_value(claim: Claim) -> str:
    """Return what the quantity would be if the claim were empty."""
    if claim.unit == "share":
        return f"chance: {percent(claim.rule.null).replace('.0', '')}"
    return f"{'chance' if claim.unit == 'ratio' else 'none'}: {claim.rule.null:g}"


def fixed_section(ledger: pl.DataFrame, text: str) -> str:
    """Return the section on a k fixed beforehand, "" where no claim is on signs.

    text: of the section.
    """
    keys = ledger["key"].unique().to_list()
    return text if any(claim_of(key).at_fixed_k is not None for key in keys) else ""


def rule_words(claims: Sequence[Claim]) -> dict[str, str]:
    """Return the numbers of the rules in words, for the page's text on verdicts.

    every: share of cells that "every cell" means; margins: least effects that count, each once;
    cells, data_sets: fewer leave a claim undecided; two_groups: which claims need them in
    either group, in brackets, "" for none; signs: numbers of the claims that choose k for the
    sign they are about.
    """
    margins: dict[str, None] = {}
    grouped = [claim for claim in claims if claim.quantity.pool.by_group]
    for claim in claims:
        margin = claim.rule.margin
        if claim.unit == "share":
            margins[f"{number(10 * margin, 1).removesuffix('.0')} cells of ten"] = None
        elif claim.unit == "ratio":
            margins[f"{margin:g} times"] = None
        else:
            margins[f"a correlation of {number(margin, 1)}"] = None
    return {
        "every": f"{number(100 * EVERY, 0)} of a hundred",
        "margins": ", ".join(margins),
        "cells": str(MIN_CELLS),
        "data_sets": str(MIN_DATA_SETS),
        "two_groups": f" (claims {_numbers(grouped)}: in either group)" if grouped else "",
        "signs": _numbers([c for c in claims if c.at_fixed_k is not None]),
        "training": _numbers([c for c in claims if c.rule.training]),
    }


def _numbers(claims: Sequence[Claim]) -> str:
    """Return the numbers of claims: `1, 2 and 5`, or `none`."""
    return listed([claim.number for claim in claims] or ["none"])
