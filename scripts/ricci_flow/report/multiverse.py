"""The section on all choices: how often each verdict is the same, and what it depends on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ricci_flow.multiverse.choices import DIMENSION_TITLES
from ricci_flow.multiverse.summary import DEPENDS, IN_MOST, IN_NEARLY_ALL
from ricci_flow.report.text import escape, filled, listed, percent, pipe_table
from ricci_flow.storage import read_table
from ricci_flow.tables import multiverse as declared

TEXT = "_multiverse.md"


def read_multiverse(statistics: Path, config: Mapping[str, Any]) -> pl.DataFrame | None:
    """Return multiverse.parquet; None of a study without the key multiverse."""
    if not config.get("multiverse"):
        return None
    return read_table(statistics / "multiverse.parquet", declared.VERDICTS)


def same_verdict(row: Mapping[str, Any]) -> str:
    """Return in what share of the specifications a verdict is the same, and what changes it.

    row: of multiverse.parquet.
    """
    share = f"{row['standing']} ({percent(row['same'])} of {row['specifications']})"
    title = DIMENSION_TITLES.get(row["depends_on"] or "", "")
    choice = f"the {title}" if title else ""
    if row["standing"] == "depends on":
        return f"depends on {choice} (same in {percent(row['same'])} of {row['specifications']})"
    return f"{share}; {choice} changes it most often" if choice else share


def choices_sentence(table: pl.DataFrame | None) -> str:
    """Say what the verdicts depend on, "" of a study without the key multiverse.

    table: multiverse.parquet.
    """
    if table is None or table.is_empty():
        return ""
    claims: dict[str, list[int]] = {}
    order = {IN_NEARLY_ALL: 0, IN_MOST: 1, DEPENDS: 2}
    for row in sorted(table.to_dicts(), key=lambda row: (order[row["standing"]], row["claim"])):
        says = row["standing"]
        if says == DEPENDS:
            says = f"{DEPENDS} the {DIMENSION_TITLES.get(row['depends_on'] or '', 'choices')}"
        else:
            says = f"is the same {says}"
        claims.setdefault(says, []).append(row["claim"])
    parts = [
        f"{says} for claim{'s' * (len(numbers) > 1)} {listed(numbers)}"
        for says, numbers in claims.items()
    ]
    return f"Over all combinations of plausible choices, the verdict {listed(parts)}."


def multiverse_section(reports: Path, statistics: Path, config: Mapping[str, Any]) -> str:
    """Return the section as Markdown, "" of a study without the key multiverse.

    reports: folder of its text; statistics: folder of the tables; config: the resolved config.
    """
    verdicts = read_multiverse(statistics, config)
    if verdicts is None:
        return ""
    effects = read_table(statistics / "choice_effects.parquet", declared.EFFECTS)
    choices = read_table(statistics / "choices.parquet", declared.CHOICES)
    made = {
        "[[verdicts]]": verdicts_table(verdicts),
        "[[effects]]": _effects(effects, choices),
        "[[choices]]": _choices(choices),
    }
    return filled(reports / TEXT, made)


def verdicts_table(table: pl.DataFrame) -> str:
    """Return how many specifications have which verdict, a row per claim; multiverse.parquet."""
    names = ("reproduced", "as_counted", "undecided", "not_reproduced")
    rows = [
        [
            f"({row['claim']})",
            row["verdict"],
            same_verdict(row),
            *(str(row[name]) for name in names),
            f"{percent(row['implausible_same'])} of {row['implausible']}"
            if row["implausible"]
            else "none",
        ]
        for row in table.iter_rows(named=True)
    ]
    headings = ["claim", "verdict here", "the same", "reproduced", "as counted", "undecided"]
    headings += ["not reproduced", "the same where a choice is not plausible"]
    return pipe_table(headings, rows, left=3, empty="No claim could be judged.")


def _effects(table: pl.DataFrame, choices: pl.DataFrame) -> str:
    titles = {(row["choice"], row["option"]): row["title"] for row in choices.to_dicts()}
    rows = []
    for row in table.iter_rows(named=True):
        alone = (row["from_own"] or "").split(", ") if row["from_own"] else []
        rows.append(
            [
                f"({row['claim']})",
                DIMENSION_TITLES[row["choice"]],
                str(row["options"]),
                percent(row["explained"]),
                f"{percent(row['changes'])} of {row['pairs']}",
                escape("; ".join(titles.get((row["choice"], o), o) for o in alone) or "none"),
            ]
        )
    headings = ["claim", "choice", "options", "variance", "changes the verdict"]
    headings += ["options that change the study's own verdict"]
    return pipe_table(headings, rows, left=2, empty="Every choice has one option.")


def _choices(table: pl.DataFrame) -> str:
    rows = [
        [
            DIMENSION_TITLES[row["choice"]],
            escape(row["title"]) + (" (here)" if row["own"] else ""),
            "yes" if row["plausible"] else "no",
            escape(row["reason"]),
        ]
        for row in table.iter_rows(named=True)
    ]
    headings = ["choice", "option", "plausible", "reason"]
    return pipe_table(headings, rows, left=4, empty="There is no choice.")
