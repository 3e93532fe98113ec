"""The section on local coefficients: under every setting, and beside the published ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ricci_flow.labels import labels_of
from ricci_flow.measurement.settings import REFERENCE
from ricci_flow.report.conditions import measured_sentence, side_by_side
from ricci_flow.report.pages import file_link
from ricci_flow.report.text import count, escape, filled, number, p_value, percent, pipe_table
from ricci_flow.storage import read_table
from ricci_flow.tables.statistics import LOCAL_COMPARISON, LOCAL_SETTINGS

TEXT = "_local.md"
_QUANTITIES = {"local": "mean local coefficients", "global": "coefficients of whole graphs"}


def local_section(reports: Path, statistics: Path, config: Mapping[str, Any]) -> str:
    """Return the section as Markdown, "" where no block measured local coefficients.

    reports: folder of its text; statistics: folder of the tables; config: the resolved config.
    """
    table = read_table(statistics / "local_settings.parquet", LOCAL_SETTINGS)
    compared = read_table(statistics / "local_comparison.parquet", LOCAL_COMPARISON)
    if table.is_empty():
        return ""
    labels = labels_of(config)
    measured = table["condition"].unique(maintain_order=True).to_list()
    made = {
        "[[measured]]": measured_sentence(measured, config),
        "[[settings]]": _settings(labels.show(table), labels.titles["settings"]),
        "[[published]]": "" if compared.is_empty() else _published(compared, labels.show(compared)),
    }
    return filled(reports / TEXT, made)


def _settings(table: pl.DataFrame, titles: Mapping[str, str]) -> str:
    rows = []
    ordered = side_by_side(table, "measure", "k_fraction", "setting", "group", "condition")
    for row in ordered.iter_rows(named=True):
        known = row["local_mean"] is not None
        ends = [row[name] for name in ("low", "high", "widest_low", "widest_high")]
        spans = [
            f"{number(low)} to {number(high)}"
            for low, high in (ends[:2], ends[2:])
            if low is not None
        ]
        layers = "hidden" if row["setting"] == REFERENCE else titles.get(row["setting"], "")
        rows.append(
            [
                escape(row["measure"]),
                percent(row["k_fraction"]),
                escape(layers or row["setting"]),
                escape(row["group"]),
                escape(row["condition"]),
                number(row["local_mean"]) if known else "none",
                "; ".join(spans) or "too few cells",
                percent(row["local_negative"]),
                percent(row["orders_negative"], missing="not asked for"),
                f"{row['networks']}"
                + (f" ({row['undefined']} without)" if row["undefined"] else ""),
                f"{row['cells']} of {row['data_sets']}",
            ]
        )
    headings = ["measure", "*k* of *n*", "layers", "data sets", "condition", "mean", "intervals"]
    headings += ["below 0", "in random order", "networks", "cells of data sets"]
    return pipe_table(headings, rows, left=5)


def _published(table: pl.DataFrame, shown: pl.DataFrame) -> str:
    """Return the sentences of agreement and the table of every published mean."""
    lines = [f"- {agreement_sentence(part)}" for part in _parts(table)]
    return "\n".join(
        [
            "@tbl-local-comparison sets the published means beside those of this study. A mean "
            "agrees if it is no more than two published standard deviations away. These come from "
            "few networks, so a repetition without any difference does not always agree either.\n",
            *lines,
            "\n<details>\n<summary>Every published mean</summary>\n",
            "::: {#tbl-local-comparison}\n",
            _comparison(shown),
            file_link("local_comparison"),
            "Published means over networks beside those of this study: mean (standard deviation; "
            "networks), share of points below 0, Welch's test of the difference, not corrected.\n",
            ":::\n",
            "</details>\n",
        ]
    )


def _parts(table: pl.DataFrame) -> list[pl.DataFrame]:
    keys = ["quantity", "condition", "measure"]
    return [part for _, part in table.group_by(keys, maintain_order=True)]


def agreement_sentence(part: pl.DataFrame) -> str:
    """Say how many of the published means of one table agree, and how many there could be.

    part: rows of local_comparison.parquet of one quantity, condition and measure.
    """
    first = part.row(0, named=True)
    what = f"{first['condition']} networks, {_QUANTITIES[first['quantity']]}, `{first['measure']}`"
    run = part.drop_nulls("agrees")
    missing = count(len(part) - len(run), "cell")
    if run.is_empty():
        return f"{what}: none of {missing} was run here."
    hits = int(run["agrees"].sum())
    share, expected = (percent(part / len(run)) for part in (hits, float(run["expected"].sum())))
    differ = int((run["p"].drop_nulls() < 0.05).sum())
    return (
        f"{what}: {hits} of {count(len(run), 'cell')} agree ({share}; without any difference "
        f"{expected}); {differ} differ with *p* < 0.05; {missing} not run here."
    )


def _comparison(table: pl.DataFrame) -> str:
    rows = []
    for row in table.iter_rows(named=True):
        value = f"{number(row['value'])} ({number(row['sd'])}; {row['networks']})"
        rows.append(
            [
                *(escape(row[name]) for name in ("data_set", "architecture", "condition")),
                f"{row['quantity']}, {escape(row['measure'])}",
                f"{number(row['published'])} ({number(row['published_sd'])}; "
                f"{row['published_networks']})",
                value if row["networks"] else "not run",
                percent(row["published_negative"], missing="not given"),
                percent(row["negative"], missing="none"),
                {True: "yes", False: "no", None: "not run"}[row["agrees"]],
                p_value(row["p"], missing="none"),
            ]
        )
    headings = ["data set", "architecture", "condition", "quantity", "published", "here"]
    headings += ["below 0, published", "below 0, here", "agrees", "*p*"]
    return pipe_table(headings, rows, left=4)
