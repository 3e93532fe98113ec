"""The section on other curvatures: a table, a figure, or a sentence where it was not asked for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ricci_flow.errors import InputError
from ricci_flow.labels import labels_of
from ricci_flow.report.conditions import measured_sentence, side_by_side
from ricci_flow.report.tables import NO_REASON
from ricci_flow.report.text import escape, number, percent, pipe_table, significant
from ricci_flow.storage import read_json, read_table

NOT_ASKED = (
    "Other curvatures were not asked for in this study; the key `curvatures.notions` of the config "
    "names them.\n"
)
TEXT = "_curvatures.md"


def asked_for(config: Mapping[str, Any]) -> bool:
    """Return whether a resolved config asks for other curvatures."""
    return bool(config.get("curvatures", {}).get("notions"))


def mean_seconds(folder: Path) -> dict[str, float]:
    """Return the mean processor seconds a graph by curvature, of the costs below a folder.

    The jobs write them beside their benchmarks. Empty where there are none.
    """
    seconds: dict[str, float] = {}
    graphs: dict[str, int] = {}
    for path in sorted(folder.rglob("*.json")):
        cost = read_json(path, ("graphs", "seconds"))
        for name, spent in cost["seconds"].items():
            seconds[name] = seconds.get(name, 0.0) + spent
            graphs[name] = graphs.get(name, 0) + cost["graphs"]
    return {name: spent / graphs[name] for name, spent in seconds.items()}


def curvatures_section(
    reports: Path, statistics: Path, benchmarks: Path, config: Mapping[str, Any]
) -> str:
    """Return the section's body as Markdown: the text of _curvatures.md with its tables put in.

    reports: folder of that text; statistics: folder of the tables; benchmarks: that of the costs;
    config: the resolved config.
    """
    if not asked_for(config):
        return NOT_ASKED
    table = read_table(statistics / "curvatures.parquet", ("curvature", "condition", "agreement"))
    classes = read_table(statistics / "curvature_classes.parquet", ("modularity_first",))
    seconds = mean_seconds(benchmarks / "curvatures")
    text = (reports / TEXT).read_text("utf-8")
    measured = table["condition"].unique(maintain_order=True).to_list()
    labels = labels_of(config)
    made = {
        "[[measured]]": measured_sentence(measured, config),
        "[[coefficients]]": _coefficients(labels.show(table), seconds),
        "[[classes]]": _classes(labels.show(classes)),
    }
    for place, content in made.items():
        if place not in text:
            raise InputError(f"{reports / TEXT}: has no place {place}; put it back")
        text = text.replace(place, content)
    return text


def _missing(row: Mapping[str, Any], name: str = "agreement_reason") -> str:
    return f"none: {escape(row[name] or NO_REASON)}"


def _coefficients(table: pl.DataFrame, seconds: Mapping[str, float]) -> str:
    rows = []
    for row in side_by_side(table, "curvature", "k_fraction", "condition").iter_rows(named=True):
        points = row["local_points"] + row["local_apart"] + row["local_constant"]
        rows.append(
            [
                *(escape(row["curvature"]), escape(row["condition"])),
                percent(row["k_fraction"]),
                f"{row['defined']} of {row['networks']}",
                f"{number(row['rho'])} ({number(row['rho_low'])} to {number(row['rho_high'])})",
                percent(row["negative"]),
                _missing(row) if row["agreement"] is None else number(row["agreement"]),
                number(row["local_median"]),
                f"{row['local_apart']} and {row['local_constant']} of {points}",
                f"{number(row['layer_rho'])} ({percent(row['layers_negative'])})",
                f"{number(row['gap_first'])}, {number(row['gap_last'])}",
                significant(seconds.get(row["curvature"]), missing="not measured"),
            ]
        )
    headings = ["curvature", "condition", "*k* of *n*", "with ρ", "ρ", "ρ below 0"]
    headings += ["agreement", "local ρ", "points without", "layer ρ (below 0)", "gap", "s a graph"]
    return pipe_table(headings, rows, left=2, empty="No network was measured.")


def _classes(classes: pl.DataFrame) -> str:
    ordered = side_by_side(classes, "data_set", "k_fraction", "condition")
    rows = [
        [
            *(escape(row["data_set"]), escape(row["condition"]), percent(row["k_fraction"])),
            str(row["networks"]),
            *(number(row[f"modularity_{at}"]) for at in ("first", "last")),
            *(number(row[f"cut_{at}"]) for at in ("first", "last")),
            str(row["undefined"]),
        ]
        for row in ordered.iter_rows(named=True)
    ]
    headings = [
        "data set",
        "condition",
        "*k* of *n*",
        "networks",
        "modularity, first",
        "last layer",
    ]
    headings += ["normalised cut, first", "last layer", "layers without"]
    return pipe_table(headings, rows, left=2, empty="No network was measured.")
