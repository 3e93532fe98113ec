"""The page of a system of the atlas: a text of the study, its claims, its coefficients."""

from typing import Any

import polars as pl

from ricci_flow.analysis.beyond_controls import LAYER_ORDERS, excluded_share
from ricci_flow.claims.registry import claim_of
from ricci_flow.report.ledger import control_name, estimate_text, published_text, verdict
from ricci_flow.report.text import escape, number, p_cell, percent, pipe_table, signed

# What the columns of its table of coefficients are.
TEXT = "_beyond_words.md"
ELSEWHERE = "on the page of the system"


def title_of(about: str) -> str:
    """Return the title of a text that `study.about.read_about` has read."""
    return about.partition("\n")[0].removeprefix("# ").strip()


def body_of(about: str) -> str:
    """Return such a text without its title."""
    return about.partition("\n")[2].strip() + "\n"


def short_config(config: dict[str, Any]) -> dict[str, Any]:
    """Return a resolved config as it is shown: the text of the system has a page of its own."""
    return config | {"about": ELSEWHERE} if config.get("about") else config


def claims_table(ledger: pl.DataFrame, condition: str, measure: str) -> str:
    """Return a row per claim: the published number, ours, the verdict."""
    chosen = ledger.filter(condition=condition, measure=measure)
    rows = []
    for (key,), group in chosen.group_by(["key"], maintain_order=True):
        claim = claim_of(str(key))
        own, *controls = group.iter_rows(named=True)
        rows.append(
            [
                f"{claim.text}.<br>*Judged by:* {claim.quantity_text}",
                published_text(own),
                estimate_text(own),
                verdict(own, controls),
            ]
        )
    return pipe_table(["claim", "published", "here", "verdict"], rows, 4, "No claim was judged.")


def beyond_table(beyond: pl.DataFrame, fixed_k: pl.DataFrame, condition: str, measure: str) -> str:
    """Return a row per control at the k fixed beforehand, the networks' own first.

    beyond, fixed_k: tables of statistics, with titles.
    """
    counts = {
        row["condition"]: row
        for row in excluded_share(fixed_k.filter(measure=measure)).iter_rows(named=True)
    }
    rows = []
    for row in beyond.filter(condition=condition, measure=measure).iter_rows(named=True):
        orders = row["control"] == LAYER_ORDERS
        difference = "not defined"
        if row["difference"] is not None:
            ends = [row["low"], row["high"]]
            between = "" if None in ends else f" ({number(ends[0])} to {number(ends[1])})"
            difference = f"{signed(row['difference'])}{between}"
        rows.append(
            [
                control_name(row),
                f"{signed(row['rho'])} and {signed(row['control_rho'])}",
                difference,
                p_cell(row["p"]),
                f"{row['networks']} of {row['pairs']}",
                _excluded(counts.get(condition if orders else row["control"])),
            ]
        )
    headings = ["control", f"mean ρ: {escape(condition)}, control", "difference", "*p*"]
    headings += ["compared", "excluded in the control"]
    return pipe_table(headings, rows, 1, "No network is kept.")


def excluded_sentence(fixed_k: pl.DataFrame, condition: str, measure: str) -> str:
    """Say how many networks of a condition have no coefficient at the k fixed beforehand."""
    counts = excluded_share(fixed_k.filter(measure=measure, condition=condition))
    if counts.is_empty():
        return f"No {escape(condition)} network is kept."
    row = counts.row(0, named=True)
    return (
        f"Of {row['kept']} kept {escape(condition)} networks {row['kept'] - row['networks']} "
        f"({percent(row['excluded'])}) have no coefficient there, since their graph is not "
        "connected at some layer or nothing varies."
    )


def _excluded(counts: dict[str, Any] | None) -> str:
    return "not kept" if counts is None else percent(counts["excluded"])
