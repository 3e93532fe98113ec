"""The section on other measures: a table, a figure, or a sentence where none was asked for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ricci_flow.labels import labels_of
from ricci_flow.measurement.settings import REFERENCE
from ricci_flow.report.conditions import measured_sentence, side_by_side
from ricci_flow.report.tables import NO_REASON
from ricci_flow.report.text import escape, filled, number, percent, pipe_table, significant
from ricci_flow.storage import read_json, read_table
from ricci_flow.tables import statistics as declared

NOT_ASKED = (
    "No other curvatures were asked for in this study: no block of the key `further` of its config "
    "has measures and `local: true`.\n"
)
TEXT = "_measures.md"


def mean_seconds(folder: Path, blocks: Sequence[str]) -> dict[str, float]:
    """Return mean processor seconds per graph by measure, of the costs of blocks below a folder.

    The jobs write them next to their benchmarks. Empty where there are none.
    """
    seconds: dict[str, float] = {}
    graphs: dict[str, int] = {}
    for path in sorted(p for block in blocks for p in folder.rglob(f"{block}.json")):
        cost = read_json(path, ("graphs", "seconds"))
        for name, spent in cost["seconds"].items():
            seconds[name] = seconds.get(name, 0.0) + spent
            graphs[name] = graphs.get(name, 0) + cost["graphs"]
    return {name: spent / graphs[name] for name, spent in seconds.items()}


def measures_section(
    reports: Path, statistics: Path, benchmarks: Path, config: Mapping[str, Any]
) -> str:
    """Return the section's body as Markdown: the text of _measures.md with its tables put in.

    reports: folder of that text; statistics: folder of the tables; benchmarks: that of the costs;
    config: the resolved config.
    """
    every = read_table(statistics / "measures.parquet", declared.MEASURES)
    table = every.filter("has_local", scope="edge")
    if table.is_empty():
        return NOT_ASKED
    of_layers = read_table(statistics / "layer_measures.parquet", declared.LAYER_MEASURES)
    blocks = table["block"].unique().to_list()
    seconds = mean_seconds(benchmarks / "measures", blocks)
    measured = table["condition"].unique(maintain_order=True).to_list()
    labels = labels_of(config)
    titles = labels.titles["settings"]
    made = {
        "[[measured]]": measured_sentence(measured, config),
        "[[coefficients]]": _coefficients(_named(labels.show(table), titles), seconds),
        "[[layers]]": _of_layers(
            _named(labels.show(of_layers.filter(pl.col("block").is_in(blocks))), titles)
        ),
    }
    return filled(reports / TEXT, made)


def _named(table: pl.DataFrame, titles: Mapping[str, str]) -> pl.DataFrame:
    """Return a table with the measure as `name`, and the setting where it is another than knn."""
    other = pl.col("measure") + ", " + pl.col("setting").replace(dict(titles))
    return table.with_columns(name=pl.when(setting=REFERENCE).then("measure").otherwise(other))


def _signs_of_layers(row: Mapping[str, Any]) -> str:
    """Return how many layer coefficients are negative, and significant where p was asked for."""
    negative, found, corrected = (
        percent(row[f"layers_{name}"]) for name in ("negative", "significant", "corrected")
    )
    if row["layers_significant"] is None:
        return negative
    return f"{negative}; *p* ≤ 0.05: {found}, corrected {corrected}"


def _missing(row: Mapping[str, Any], name: str = "agreement_reason") -> str:
    return f"none: {escape(row[name] or NO_REASON)}"


def _coefficients(table: pl.DataFrame, seconds: Mapping[str, float]) -> str:
    rows = []
    for row in side_by_side(table, "name", "k_fraction", "condition").iter_rows(named=True):
        points = row["local_points"] + row["local_apart"] + row["local_constant"]
        rows.append(
            [
                *(escape(row["name"]), escape(row["condition"])),
                percent(row["k_fraction"]),
                f"{row['defined']} of {row['networks']}",
                f"{number(row['rho'])} ({number(row['rho_low'])} to {number(row['rho_high'])})",
                percent(row["negative"]),
                _missing(row) if row["agreement"] is None else number(row["agreement"]),
                number(row["local_median"]),
                f"{row['local_apart']} and {row['local_constant']} of {points}",
                f"{number(row['layer_rho'])} ({_signs_of_layers(row)})",
                f"{number(row['gap_first'])}, {number(row['gap_last'])}",
                significant(seconds.get(row["measure"]), missing="not measured"),
            ]
        )
    headings = ["measure", "condition", "*k* of *n*", "with ρ", "ρ", "ρ below 0"]
    headings += [
        "agreement",
        "local ρ",
        "points without",
        "layer ρ (below 0)",
        "gap",
        "s per graph",
    ]
    return pipe_table(headings, rows, left=2, empty="No network was measured.")


def _of_layers(table: pl.DataFrame) -> str:
    ordered = side_by_side(table, "data_set", "name", "k_fraction", "condition")
    rows = [
        [
            escape(row["data_set"]),
            escape(row["name"]),
            escape(row["condition"]),
            percent(row["k_fraction"]),
            str(row["networks"]),
            number(row["first"]),
            number(row["last"]),
            str(row["undefined"]),
        ]
        for row in ordered.iter_rows(named=True)
    ]
    headings = ["data set", "measure", "condition", "*k* of *n*", "networks"]
    headings += ["first layer", "last layer", "layers without"]
    return pipe_table(headings, rows, left=3, empty="No measure of layers was asked for.")
