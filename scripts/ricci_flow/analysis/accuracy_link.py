"""Does a more negative coefficient go with a higher accuracy? Nine methods.

The paper's regression pools 42 cells, keeps near-perfect networks only and treats networks of one
cell as independent. It is compared with

- the same regression with errors clustered by cell, also on the logit of accuracy, and also with
  networks below the threshold;
- a mixed model with an intercept for every cell;
- a random-effects meta-analysis of the correlations inside the cells (DerSimonian-Laird, on
  Fisher's z), also with networks below the threshold.

The meta-analysis is the primary method. It was chosen before any result was seen, since only it
compares networks that differ in nothing but their seed. Its interval, and that of the paper's
slope, are also computed by a bootstrap over networks within cells.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.analysis.inference import (
    LEAST_CORRELATED,
    Found,
    correct,
    interval,
    meta_analysis,
    outcome,
    pooled,
    rank_correlation,
)
from ricci_flow.analysis.regression import (
    NO_ACCURACY,
    cell_numbers,
    design,
    least_squares,
    logit,
    mixed,
    why_not,
)
from ricci_flow.analysis.resampling import (
    LEAST_RESAMPLED,
    NETWORK_RESAMPLES,
    meta_draws,
    percentiles,
    resample_networks,
    slope_draws,
)
from ricci_flow.seeds import derive_generator
from ricci_flow.tables.keys import CELL
from ricci_flow.tables.statistics import ACCURACY_LINK, WITHIN_CELLS

# Methods; labels.py has what readers see.
PRIMARY, ALL_NETWORKS, RESAMPLED_META = "meta", "meta_all", "meta_bootstrap"
RESAMPLED_SLOPE = "ols_bootstrap"


def accuracy_link(
    networks: pl.DataFrame,
    within: pl.DataFrame,
    points: dict[str, int],
    level: float,
    seed_name: str = "default",
) -> pl.DataFrame:
    """Return accuracy_link.parquet: every method, per condition and measure.

    networks: networks.parquet of this stage; within: within_cells.parquet; points: test points of
    each data set; level: of the intervals; seed_name: of the bootstrap. Estimates are slopes of
    accuracy (or its logit) on z_printed, and for the meta-analyses a correlation: negative is the
    paper's claim. p values are also corrected over the family named with them, the methods of a
    condition and measure. Networks without a test accuracy are left out.
    """
    rows: list[dict[str, object]] = []
    unfiltered = within_cells(networks, level, kept_only=False)
    for (condition, measure), part in networks.group_by(
        ["condition", "measure"], maintain_order=True
    ):
        everyone = part.filter(
            pl.col("z_printed").is_not_null() & pl.col("test_accuracy").is_not_null()
        )
        cells, all_cells = (
            table.filter(
                (pl.col("condition") == condition)
                & (pl.col("measure") == measure)
                & pl.col("spearman").is_not_null()
            )
            for table in (within, unfiltered)
        )
        generator = derive_generator(seed_name, condition, measure, "accuracy bootstrap")
        head = {"condition": condition, "measure": measure}
        found = [
            head | row for row in _methods(everyone, cells, all_cells, points, level, generator)
        ]
        if part["test_accuracy"].is_null().all():
            found = [row | {"reason": NO_ACCURACY} for row in found]
        correct(found, f"methods, {condition}, {measure}")
        rows += found
    return ACCURACY_LINK.frame(rows)


def _methods(
    everyone: pl.DataFrame,
    cells: pl.DataFrame,
    all_cells: pl.DataFrame,
    points: dict[str, int],
    level: float,
    generator: np.random.Generator,
) -> list[dict[str, object]]:
    kept = everyone.filter("kept")
    large = cells.filter(pl.col("networks") >= LEAST_RESAMPLED)
    in_large = kept.join(large.select(CELL), on=CELL, how="semi", maintain_order="left")

    def accuracy(table: pl.DataFrame) -> np.ndarray:
        return table["test_accuracy"].to_numpy()

    def odds(table: pl.DataFrame) -> np.ndarray:
        n = np.array([points[name] for name in table["data_set"]], dtype=float)
        return logit(accuracy(table), n)

    def joined(table: pl.DataFrame) -> Found:
        return meta_analysis(table["spearman"].to_numpy(), table["networks"].to_numpy(), level)

    def resampled_meta() -> Found:
        numbers = cell_numbers(in_large)
        picked = resample_networks(numbers, NETWORK_RESAMPLES, generator)
        z = in_large["z_printed"].to_numpy()
        draws = meta_draws(z, accuracy(in_large), numbers, picked)
        mean = pooled(large["spearman"].to_numpy(), large["networks"].to_numpy())[0]
        return percentiles(float(np.tanh(mean)), draws, level)

    def resampled_slope() -> Found:
        picked = resample_networks(cell_numbers(kept), NETWORK_RESAMPLES, generator)
        matrix = design(kept, "z_printed").matrix
        draws = slope_draws(matrix, accuracy(kept), picked, 1)
        slope = least_squares(kept, accuracy(kept), level, clustered=False)[0]
        return percentiles(slope, draws, level)

    methods: list[tuple[str, pl.DataFrame, Callable[[], Found]]] = [
        ("ols", kept,
         lambda: least_squares(kept, accuracy(kept), level, clustered=False)),
        (RESAMPLED_SLOPE, kept, resampled_slope),
        ("ols_clustered", kept,
         lambda: least_squares(kept, accuracy(kept), level, clustered=True)),
        ("logit", kept,
         lambda: least_squares(kept, odds(kept), level, clustered=True)),
        ("logit_all", everyone,
         lambda: least_squares(everyone, odds(everyone), level, clustered=True)),
        ("mixed", kept, lambda: mixed(kept, level)),
        (PRIMARY, cells, lambda: joined(cells)),
        (ALL_NETWORKS, all_cells, lambda: joined(all_cells)),
        (RESAMPLED_META, large, resampled_meta),
    ]  # fmt: skip
    rows: list[dict[str, object]] = []
    for method, table, fit in methods:
        count = len(table.select(CELL).unique())
        inside = any(table is own for own in (cells, all_cells, large))
        size = int(table["networks"].sum()) if inside else len(table)
        row = {"method": method, "primary": method == PRIMARY, "networks": size, "cells": count}
        reason = why_not(table) if not inside else _too_few_cells(method, count)
        rows.append(row | outcome(fit, reason))
    return rows


def within_cells(
    networks: pl.DataFrame, level: float = 0.95, kept_only: bool = True
) -> pl.DataFrame:
    """Return within_cells.parquet: Spearman's correlation of accuracy and z inside every cell.

    networks: networks.parquet at k*; level: of the interval, on Fisher's z (see `meta.interval`);
    kept_only: leave out networks below the accuracy threshold. z is a monotone function of rho
    inside a cell, so the choice of its formula does not matter. The cells of a condition and
    measure are a family, over which p is also corrected. Null with a reason below 4 networks or
    at a constant, or without test accuracies.
    """
    names = ["condition", "measure"]
    rows: list[dict[str, Any]] = []
    for key, part in networks.group_by(names, maintain_order=True):
        found = []
        for cell, members in part.group_by(CELL, maintain_order=True):
            head = dict(zip([*CELL, *names], (*cell, *key), strict=True))
            found.append(head | _inside(members, level, kept_only))
        correct(found, f"cells, {key[0]}, {key[1]}")
        rows += found
    return WITHIN_CELLS.frame(rows)


def _inside(cell: pl.DataFrame, level: float, kept_only: bool) -> dict[str, Any]:
    used = cell.filter(pl.col("rho").is_not_null() & pl.col("test_accuracy").is_not_null())
    if kept_only:
        used = used.filter("kept")
    row: dict[str, Any] = {"networks": len(used)}
    if cell["test_accuracy"].is_null().all():
        return row | {"reason": NO_ACCURACY}
    if len(used) < LEAST_CORRELATED:
        return row | {"reason": f"{len(used)} networks, fewer than {LEAST_CORRELATED}"}
    found = rank_correlation(used["rho"].to_numpy(), used["test_accuracy"].to_numpy())
    if found is None:
        return row | {"reason": "constant accuracy or coefficient"}
    correlation, p = found
    low, high = interval(correlation, len(used), level)
    return row | {"spearman": correlation, "low": low, "high": high, "p": p}


def _too_few_cells(method: str, cells: int) -> str | None:
    of = f" of {LEAST_RESAMPLED} or more networks" if method == RESAMPLED_META else ""
    return f"cells{of}: {cells}, fewer than 2" if cells < 2 else None
