"""What the data sets are: sizes, the larger class next to the threshold, and what was noticed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ricci_flow.report.text import escape, percent, pipe_table
from ricci_flow.storage import damaged, read_json

NEEDED = (
    *("data_set", "n_train", "n_test", "features", "classes"),
    *("larger_class_train", "larger_class_test", "notes"),
)
NOTHING_NOTED = "Nothing was noticed about the columns of the data sets."


def read_facts(folder: Path, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the facts of the named data sets; folder: where <name>.json lie.

    Raises InputError naming the file that is damaged, or of another data set.
    """
    facts = []
    for name in names:
        path = folder / f"{name}.json"
        facts.append(read_json(path, NEEDED))
        if facts[-1]["data_set"] != name:
            raise damaged(path, f"it is of data set {facts[-1]['data_set']!r}")
    return facts


def data_sets_table(accuracy: pl.DataFrame, facts: Sequence[Mapping[str, Any]]) -> str:
    """Return a row per data set; accuracy: statistics accuracy.parquet, for the thresholds."""
    largest = accuracy.group_by("data_set").agg(pl.col("threshold").max())
    thresholds = dict(largest.iter_rows())
    rows = []
    for known in facts:
        threshold = thresholds.get(known["data_set"])
        limit = "none" if threshold is None else percent(threshold)
        larger = known["larger_class_test"]  # activations may be given without labels
        if None not in (threshold, larger) and threshold <= known["larger_class_test"]:
            limit = f"**{limit}, not above the larger class**"
        rows.append(
            [
                escape(known["data_set"]),
                ", ".join(escape(name) for name in known["classes"]) or "–",
                *(
                    "–" if known[key] is None else str(known[key])
                    for key in ("n_train", "n_test", "features")
                ),
                *(percent(known[f"larger_class_{part}"], "–") for part in ("train", "test")),
                limit,
            ]
        )
    headings = ["data set", "classes", "training points", "test points", "features"]
    headings += ["larger class, training", "larger class, test", "threshold"]
    return pipe_table(headings, rows, left=2, empty="No data set was made.")


def notes_list(facts: Sequence[Mapping[str, Any]]) -> str:
    """Return what was noticed about columns, a line each."""
    lines = [
        f"- **{escape(known['data_set'])}**: {escape(note)}."
        for known in facts
        for note in known["notes"]
    ]
    return "\n".join(lines or [NOTHING_NOTED]) + "\n"
