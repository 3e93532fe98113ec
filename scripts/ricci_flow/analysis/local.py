"""Local coefficients over a study: under every setting, and beside those that were published.

Source of the definitions: Hehl, von Renesse and Weber 2025, arXiv 2509.22362.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.analysis.resampling import Part, over_cells, over_data_sets
from ricci_flow.seeds import derive_seed
from ricci_flow.tables.keys import ENSEMBLE
from ricci_flow.tables.statistics import LOCAL_COMPARISON, LOCAL_SETTINGS

_KEYS = ["block", "condition", "setting", "measure", "k_fraction"]
EVERY_GROUP = "all"
# What is compared: the column of further.parquet that holds each published quantity.
QUANTITIES = {"local": "local_mean", "global": "rho"}
# A published mean is met by one that is no more than so many of its standard deviations away.
DEVIATIONS = 2.0


def summarise_local(
    networks: pl.DataFrame, groups: Mapping[str, str], level: float, seed_name: str
) -> pl.DataFrame:
    """Return statistics/local_settings.parquet: mean local coefficients, with intervals.

    networks: statistics/further.parquet; groups: of each data set; level: of the intervals.
    The number of a cell is the mean over its networks.
    """
    asked = networks.filter(pl.col("local_points").is_not_null())
    rows = []
    for keys, part in asked.group_by(_KEYS, maintain_order=True):
        names = dict(zip(_KEYS, keys, strict=True))
        of_group = pl.col("data_set").replace_strict(groups, default="table")
        here = sorted(part.select(of_group.unique())["data_set"].to_list())
        for group in (EVERY_GROUP, *(here if len(here) > 1 else ())):
            chosen = part if group == EVERY_GROUP else part.filter(of_group == group)
            stream = (*(str(key) for key in keys), group)
            rows.append(names | {"group": group} | _over_cells(chosen, level, seed_name, stream))
    return LOCAL_SETTINGS.frame(rows)


def _over_cells(
    networks: pl.DataFrame, level: float, seed_name: str, stream: tuple[str, ...]
) -> dict[str, Any]:
    defined = networks.drop_nulls("local_mean")
    cells = (
        defined.group_by("data_set", "architecture", maintain_order=True)
        .agg(pl.col("local_mean", "local_negative", "orders_negative").mean())
        .sort("data_set", "architecture")
    )
    part = Part(cells["local_mean"].to_numpy()[:, None], cells["data_set"].to_list())
    row: dict[str, Any] = {
        "networks": len(defined),
        "undefined": len(networks) - len(defined),
        "cells": len(cells),
        "data_sets": cells["data_set"].n_unique(),
        **{name: cells[name].mean() for name in cells.columns[2:]},
    }
    if len(cells) > 1:
        seed = derive_seed(seed_name, "local coefficients", *stream)
        ends = over_cells(
            [part.cells],
            lambda drawn: drawn[0][..., 0].mean(axis=1),
            level,
            np.random.default_rng(seed),
        )
        row |= dict(zip(("low", "high"), ends, strict=True)) | {"seed": seed}
        wide = over_data_sets([part], level)
        if wide is not None:
            # Of few data sets it would reach beyond what a correlation can be.
            low, high = max(min(ends[0], wide[0]), -1.0), min(max(ends[1], wide[1]), 1.0)
            row |= {"widest_low": low, "widest_high": high}
    return row


def compare_local(networks: pl.DataFrame, published: Mapping[str, Any]) -> pl.DataFrame:
    """Return statistics/local_comparison.parquet: a row per published mean.

    networks: statistics/further.parquet; published: see `published_local.read_coefficients`.
    """
    here = networks.filter(
        pl.col("setting") == published["setting"],
        (pl.col("k_fraction") - published["k_fraction"]).abs() < 1e-9,
    )
    rows = []
    for row in published["coefficients"].iter_rows(named=True):
        of = {name: row[name] for name in (*ENSEMBLE, "measure")}
        column = QUANTITIES[row["quantity"]]
        # A network that several blocks measure counts once.
        found = here.filter(**of).unique("network", keep="first").sort("network")
        shares = found["local_negative"] if row["quantity"] == "local" else None
        rows.append(
            {name: row[name] for name in published["coefficients"].columns[:5]}
            | _compared(row, found[column].drop_nulls().to_numpy())
            | {"undefined": found[column].null_count()}
            | {"negative": None if shares is None else shares.mean()}
        )
    return LOCAL_COMPARISON.frame(rows)


def _compared(row: Mapping[str, Any], ours: np.ndarray) -> dict[str, Any]:
    """Return the columns that compare the numbers of our networks with a published mean."""
    theirs, sd, count = row["mean"], row["sd"], row["networks"]
    found: dict[str, Any] = {
        "published": theirs,
        "published_sd": sd,
        "published_networks": count,
        "published_negative": row["negative"],
        "networks": len(ours),
    }
    if not len(ours):
        return found
    value = float(ours.mean())
    found |= {
        "value": value,
        "agrees": abs(value - theirs) <= DEVIATIONS * sd,
        "expected": chance_of_agreement(count, len(ours)),
    }
    if len(ours) > 1:
        found |= {"sd": float(ours.std(ddof=1)), "p": welch(theirs, sd, count, ours)}
    return found


def chance_of_agreement(published: int, networks: int) -> float:
    """Return how often a repetition without any difference agrees.

    published: networks behind a mean whose standard deviation is divided by their number;
    networks: those of the repetition. With normal numbers of equal variance the difference of the
    means over that standard deviation is sqrt((1 + published / networks) / (published - 1)) times a
    number of Student's t distribution with published - 1 degrees of freedom.
    """
    from scipy.stats import t

    freedom = published - 1
    scale = np.sqrt((1 + published / networks) / freedom)
    return float(1 - 2 * t.sf(DEVIATIONS / scale, freedom))


def welch(mean: float, sd: float, count: int, ours: np.ndarray) -> float | None:
    """Return two-sided p of Welch's test, a mean and sd (over `count`) against our numbers.

    None where neither side varies.
    """
    from scipy.stats import ttest_ind_from_stats

    sample = sd * np.sqrt(count / (count - 1))
    own = float(ours.std(ddof=1))
    if sample == 0 and own == 0:
        return None
    found = ttest_ind_from_stats(
        *(mean, sample, count), *(float(ours.mean()), own, len(ours)), equal_var=False
    )
    return float(found.pvalue)
