"""Which verdicts depend on the condition: a sentence and a figure, where several are judged."""

from pathlib import Path

import polars as pl

from ricci_flow.report.text import escape, filled, listed

TEXT = "_verdicts.md"


def verdicts_section(ledger: pl.DataFrame, measure: str, reports: Path) -> str:
    """Return the section as Markdown, "" where one condition alone is judged.

    reports: folder of its text.
    """
    own = ledger.filter(pl.col("control").is_null(), measure=measure)
    if own["condition"].n_unique() < 2:
        return ""
    return filled(reports / TEXT, {"[[sentence]]": verdicts_sentence(own)})


def verdicts_sentence(own: pl.DataFrame) -> str:
    """Say which claims' verdicts differ between conditions, and which do not.

    own: rows of the ledger without control, of one measure.
    """
    conditions = own["condition"].unique(maintain_order=True).to_list()
    same, other = [], []
    for (claim,), rows in own.sort("claim", maintain_order=True).group_by(
        ["claim"], maintain_order=True
    ):
        found: dict[str, list[str]] = {}
        for condition, verdict in rows.select("condition", "verdict").iter_rows():
            found.setdefault(verdict, []).append(escape(condition))
        if len(found) == 1:
            same.append(f"claim {claim} is *{next(iter(found))}*")
            continue
        parts = [f"*{verdict}* in {listed(names)}" for verdict, names in found.items()]
        other.append(f"claim {claim} is {listed(parts)}")
    count = len(conditions)
    every = "in both conditions" if count == 2 else f"in all {count} conditions"
    if not other:
        return f"No verdict differs between conditions: {every} {listed(same)}."
    text = f"Verdicts that differ between conditions: {'; '.join(other)}."
    return f"{text} {every.capitalize()}, {listed(same)}." if same else text
