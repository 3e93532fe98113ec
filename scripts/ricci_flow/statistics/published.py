"""A study's results beside the paper's, cell by cell, and how near they are.

Source of the published values: reports/published/baptista2024.yaml.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from ricci_flow.errors import InputError
from ricci_flow.statistics.profiles import KEYS

COMPARISON_SCHEMA = {
    **dict.fromkeys(KEYS, pl.String),
    "published_k": pl.Int32,
    "published_rho": pl.Float64,
    "k": pl.Int32,
    "rho": pl.Float64,
    "rho_at_published_k": pl.Float64,
    "reason": pl.String,
}

FIT_SCHEMA = {
    "condition": pl.String,
    "convention": pl.String,
    "cells": pl.Int32,
    "undefined": pl.Int32,
    "rms_difference": pl.Float64,
    "rms_difference_at_published_k": pl.Float64,
    "same_sign": pl.Float64,
    "spearman": pl.Float64,
    "median_k_ratio": pl.Float64,
}


def read_published(path: Path) -> dict[str, Any]:
    """Return the published values: funnel, negative_share, regression, cells.

    Raises InputError where the file is missing or lacks a part.
    """
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
        return {name: content[name] for name in ("funnel", "negative_share", "regression", "cells")}
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: cannot be read as published values ({reason})") from None


def compare_cells(cells: pl.DataFrame, published: Mapping[str, Any]) -> pl.DataFrame:
    """Return comparison.parquet: every cell that the paper has too, ours beside the paper's.

    cells: cells.parquet. k and rho are at our k*, rho_at_published_k is our aggregated coefficient
    at the paper's k*; null with a reason where our cell has none.
    """
    rows = []
    for key, cell in cells.group_by(KEYS, maintain_order=True):
        data_set, architecture = key[2:]
        printed = published["cells"].get(data_set, {}).get(architecture)
        if printed is None:
            continue
        k, rho = printed
        star = cell.filter("is_k_star")
        there = cell.filter(pl.col("k") == k)["rho"]
        rows.append(
            (
                *key,
                k,
                rho,
                star["k"][0] if len(star) else None,
                star["rho"][0] if len(star) else None,
                there[0] if len(there) else None,
                None if len(star) else cell["reason"][0],
            )
        )
    return pl.DataFrame(rows, schema=COMPARISON_SCHEMA, orient="row")


def fit_to_published(comparison: pl.DataFrame) -> pl.DataFrame:
    """Return fit.parquet: how near each condition comes to the paper, over the cells both have.

    rms_difference: root mean square of our aggregated coefficient at our k* minus the paper's at
    its own; likewise both at the paper's k*. same_sign: share of cells. spearman: of the two
    coefficients over cells (null below 3 cells). median_k_ratio: of our k* to the paper's.
    """
    from scipy.stats import spearmanr

    rows = []
    for key, part in comparison.group_by(["condition", "convention"], maintain_order=True):
        both = part.filter(pl.col("rho").is_not_null())
        there = part.filter(pl.col("rho_at_published_k").is_not_null())
        ours, theirs = both["rho"].to_numpy(), both["published_rho"].to_numpy()
        ranked = len(both) >= 3 and np.ptp(ours) > 0 and np.ptp(theirs) > 0
        rows.append(
            (
                *key,
                len(part),
                len(part) - len(both),
                _rms(ours - theirs),
                _rms((there["rho_at_published_k"] - there["published_rho"]).to_numpy()),
                float((np.sign(ours) == np.sign(theirs)).mean()) if len(both) else None,
                float(spearmanr(ours, theirs).statistic) if ranked else None,
                (both["k"] / both["published_k"]).median(),
            )
        )
    return pl.DataFrame(rows, schema=FIT_SCHEMA, orient="row")


def _rms(differences: np.ndarray) -> float | None:
    return float(np.sqrt(np.mean(differences**2))) if len(differences) else None
