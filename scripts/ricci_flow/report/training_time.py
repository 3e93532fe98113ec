"""The section on networks while they are trained, where a study has checkpoints."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ricci_flow.labels import labels_of
from ricci_flow.measurement.settings import REFERENCE
from ricci_flow.report.conditions import measured_sentence
from ricci_flow.report.over_training import published_part, stopping_part
from ricci_flow.report.text import escape, filled, number, percent, pipe_table, significant
from ricci_flow.storage import read_table
from ricci_flow.tables.statistics import EARLY_STOPPING, TRAINING_COMPARISON, TRAINING_TIME

TEXT = "_training_time.md"


def training_time_section(reports: Path, statistics: Path, config: Mapping[str, Any]) -> str:
    """Return the section as Markdown, "" where no block has checkpoints.

    reports: folder of its text; statistics: folder of the tables; config: the resolved config.
    """
    blocks = config.get("further", {}).values()
    kept_at = [
        b.get("checkpoints") or b.get("checkpoint_steps") for b in blocks if b.get("measures") != []
    ]
    if not any(kept_at):
        return ""
    table = read_table(statistics / "training_time.parquet", TRAINING_TIME)
    stopping = read_table(statistics / "early_stopping.parquet", EARLY_STOPPING)
    compared = read_table(statistics / "training_comparison.parquet", TRAINING_COMPARISON)
    labels = labels_of(config)
    made = {
        "[[measured]]": measured_sentence(
            table["condition"].unique(maintain_order=True).to_list(), config
        ),
        "[[unit]]": table["checkpoint_unit"][0],
        "[[checkpoints]]": _rows(labels.show(table), labels.titles["settings"]),
        "[[stopping]]": stopping_part(labels.show(stopping), labels.titles["settings"]),
        "[[published]]": published_part(compared, labels.show(compared)),
    }
    return filled(reports / TEXT, made)


def _rows(table: pl.DataFrame, titles: Mapping[str, str]) -> str:
    rows = []
    for row in table.iter_rows(named=True):
        measure = row["measure"]
        if row["setting"] != REFERENCE:
            measure += f", {titles.get(row['setting'], row['setting'])}"
        spread = "" if row["rho_sd"] is None else f" ({number(row['rho_sd'])})"
        left = [f"{row['stopped']} stopped before"] if row["stopped"] else []
        left += [escape(row["reasons"])] if row["reasons"] else []
        value = row["value"] if row["mean"] is None else row["mean"]
        rows.append(
            [
                *(escape(row[name]) for name in ("data_set", "architecture", "condition")),
                escape(measure),
                percent(row["k_fraction"]),
                str(row["checkpoint"]),
                str(row["networks"]),
                "; ".join(left) or "none",
                f"{number(row['rho'])}{spread}",
                percent(row["negative"]),
                significant(value, 3),
                number(row["hops"]),
                percent(row["test_accuracy"]),
                number(row["test_loss"], 3),
            ]
        )
    headings = ["data set", "architecture", "condition", "measure", "*k* of *n*"]
    headings += [
        table["checkpoint_unit"][0],
        "networks",
        "without ρ",
        "ρ (sd)",
        "ρ < 0",
        "value",
        "hops per pair",
    ]
    headings += ["test accuracy", "test loss"]
    return pipe_table(headings, rows, left=4)
