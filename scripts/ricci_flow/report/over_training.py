"""Parts of the section on training time: where networks would stop, and published curves."""

from collections.abc import Mapping

import polars as pl

from ricci_flow.measurement.settings import REFERENCE
from ricci_flow.report.pages import file_link
from ricci_flow.report.text import count, escape, number, percent, pipe_table

_KEYS = ["data_set", "condition", "setting", "measure", "k_fraction", "rule"]


def stopping_part(table: pl.DataFrame, titles: Mapping[str, str]) -> str:
    """Return text and table on early stopping, "" where nothing was measured point by point.

    table: statistics/early_stopping.parquet with titles for names; titles: of settings.
    """
    if table.is_empty():
        return ""
    over = table.group_by(_KEYS, maintain_order=True).agg(
        networks=pl.col("checkpoint").count(),
        without=pl.col("checkpoint").null_count(),
        epochs=pl.col("checkpoint").median(),
        accuracy=pl.col("test_accuracy").mean(),
        excess=pl.col("excess_error").mean(),
        worse=pl.col("share_worse").mean(),
    )
    rows = []
    for row in over.iter_rows(named=True):
        setting = row["setting"]
        layers = "hidden" if setting == REFERENCE else titles.get(setting, setting)
        without = f" ({row['without']} without)" if row["without"] else ""
        rows.append(
            [
                *(escape(row[name]) for name in ("data_set", "condition")),
                f"{escape(row['measure'])}, {layers}",
                percent(row["k_fraction"]),
                escape(row["rule"]),
                f"{row['networks']}{without}",
                number(row["epochs"], 0),
                *(percent(row[name]) for name in ("accuracy", "excess", "worse")),
            ]
        )
    headings = ["data set", "condition", "measure, layers", "*k* of *n*", "stops at"]
    headings += ["networks", "checkpoint", "test accuracy", "excess error", "worse checkpoints"]
    return "\n".join(
        [
            "@tbl-early-stopping says where networks would stop: at the checkpoint with the lowest "
            "mean local coefficient, with the lowest coefficient of the whole graph, with the "
            "lowest loss on rows held out, and at the last one, which needs no rule. The test "
            "points decide only how good a choice is. A checkpoint drawn at random has 50 % worse "
            "ones.\n",
            "<details>\n<summary>Every data set, condition and rule</summary>\n",
            "::: {#tbl-early-stopping}\n",
            pipe_table(headings, rows, left=5),
            file_link("early_stopping"),
            "Where networks would stop. Checkpoint: median over networks; all else: mean. Excess "
            "error: test error less the least of all checkpoints. Worse checkpoints: share of the "
            "others that are less accurate, equals count half.\n",
            ":::\n",
            "</details>\n",
        ]
    )


def published_part(table: pl.DataFrame, shown: pl.DataFrame) -> str:
    """Return text and table on published curves, "" where the study names none.

    table: statistics/training_comparison.parquet; shown: the same with titles for names.
    """
    if table.is_empty():
        return ""
    rows = []
    for row in shown.iter_rows(named=True):
        own = f"{number(row['value'])} ({number(row['sd'])}; {row['networks']})"
        rows.append(
            [
                *(escape(row[key]) for key in ("data_set", "architecture", "condition", "measure")),
                str(row["checkpoint"]),
                f"{number(row['published'])} ({row['published_networks']})",
                own if row["networks"] else "not run",
                {True: "yes", False: "no", None: "not known"}[row["agrees"]],
            ]
        )
    headings = ["data set", "architecture", "condition", "measure", "epochs", "published"]
    headings += ["here", "agrees"]
    return "\n".join(
        [
            f"Published mean local coefficients over training: {agreement(table)}\n",
            "<details>\n<summary>Every published mean over training</summary>\n",
            "::: {#tbl-training-comparison}\n",
            pipe_table(headings, rows, left=4),
            file_link("training_comparison"),
            "Published means over networks (networks) beside those of this study (standard "
            "deviation; networks). Agrees: no more than two standard errors apart, of the spread "
            "here, since none is published.\n",
            ":::\n",
            "</details>\n",
        ]
    )


def agreement(table: pl.DataFrame) -> str:
    """Say how many of the published means over training agree, and how far they are apart.

    table: statistics/training_comparison.parquet.
    """
    run = table.drop_nulls("value")
    missing = f"{len(table) - len(run)} not run here."
    if run.is_empty():
        return missing
    judged = run.drop_nulls("agrees")
    hits = int(judged["agrees"].sum())
    apart = float((run["difference"].to_numpy() ** 2).mean() ** 0.5)
    return (
        f"{hits} of {count(len(judged), 'mean')} agree; differences have a root mean square of "
        f"{number(apart)}; {missing}"
    )
