"""A study's results beside the paper's, cell by cell, and how near they are.

Source of the published values: reports/published/baptista2024.yaml and, for Figure 3 whole, the CSV
file that it names.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.errors import InputError
from ricci_flow.statistics.funnel import STEPS
from ricci_flow.statistics.profiles import CELL, KEYS
from ricci_flow.statistics.published_curves import (
    FIGURE3_SCHEMA,
    beside_figure3,
    curve_distance,
    read_figure3,
)
from ricci_flow.study.published import published_files
from ricci_flow.study.schema import load_yaml

_PARTS: dict[str, type | tuple[type, ...]] = {
    "funnel": dict,
    "negative_share": (int, float),
    "regression": dict,
    "cells": dict,
}

COMPARISON_SCHEMA = {
    **dict.fromkeys(KEYS, pl.String),
    "published_k": pl.Int32,
    "published_rho": pl.Float64,
    "k": pl.Int32,
    "rho": pl.Float64,
    "rho_at_published_k": pl.Float64,
    "reason": pl.String,
}

# What a study is set beside that names no published values.
NOTHING_PUBLISHED: dict[str, Any] = {"cells": {}, "figure3": pl.DataFrame(schema=FIGURE3_SCHEMA)}

FIT_SCHEMA = {
    "condition": pl.String,
    "convention": pl.String,
    "data_set": pl.String,
    "cells": pl.Int32,
    "undefined": pl.Int32,
    "rms_difference": pl.Float64,
    "rms_difference_at_published_k": pl.Float64,
    "same_sign": pl.Float64,
    "spearman": pl.Float64,
    "median_k_ratio": pl.Float64,
    "k_within_2": pl.Int32,
    "published_values": pl.Int32,
    "values": pl.Int32,
    "curve_cells": pl.Int32,
    "reasons": pl.String,
    "curve_rms": pl.Float64,
    "curve_pearson": pl.Float64,
    "strong": pl.Int32,
    "strong_same_sign": pl.Float64,
}


def read_published(path: Path, variant_of: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the published values: funnel, negative_share, regression, cells and figure3.

    path: a YAML file; its key figure3, if any, names a CSV file beside it (see `read_figure3`;
    without it the table is empty). variant_of: data set of a study -> the name under which its
    values are published, where that is another: the values stand under both names then.
    Raises InputError, one line, where a file is missing, lacks a part or holds no such values.
    """
    content = load_yaml(path)
    for name, kind in _PARTS.items():
        if not isinstance(content.get(name), kind):
            raise InputError(f"{path}: cannot be read as published values (key {name!r}); mend it")
    for step, networks in content["funnel"].items():
        if step not in STEPS or type(networks) is not int or networks < 0:
            raise InputError(
                f"{path}: key 'funnel.{step}' is {networks!r}; give numbers of networks, after "
                f"{', '.join(STEPS)}"
            )
    if type(content["regression"].get("t")) not in (int, float):
        raise InputError(f"{path}: key 'regression.t' is no number; mend it")
    for data_set, row in content["cells"].items():
        if not isinstance(row, dict):
            raise InputError(f"{path}: key 'cells.{data_set}' holds no architectures; mend it")
        for architecture, cell in row.items():
            if not _is_k_and_rho(cell):
                raise InputError(
                    f"{path}: key 'cells.{data_set}.{architecture}' is {cell!r}, not [k, "
                    "coefficient from -1 to 1]; mend it"
                )
    figure3 = pl.DataFrame(schema=FIGURE3_SCHEMA)
    for file in published_files(path)[1:]:
        figure3 = read_figure3(file)
        for data_set, architecture in figure3.select(CELL).unique(maintain_order=True).iter_rows():
            if architecture not in content["cells"].get(data_set, {}):
                raise InputError(
                    f"{file}: has a curve of {data_set} {architecture}, a cell that {path} lacks; "
                    "mend one"
                )
    cells = dict(content["cells"])
    for name, source in (variant_of or {}).items():
        if source == name:
            continue
        cells.pop(name, None)
        if source in content["cells"]:
            cells[name] = content["cells"][source]
    return {name: content[name] for name in _PARTS} | {
        "cells": cells,
        "figure3": _renamed(figure3, variant_of or {}),
    }


def _is_k_and_rho(cell: Any) -> bool:
    if not isinstance(cell, list) or list(map(type, cell)) not in ([int, int], [int, float]):
        return False
    return cell[0] >= 1 and -1 <= cell[1] <= 1


def _renamed(figure3: pl.DataFrame, variant_of: Mapping[str, str]) -> pl.DataFrame:
    """Return the published curves with those of the variants under their own names too."""
    others = {name: source for name, source in variant_of.items() if name != source}
    return pl.concat(
        [
            figure3.filter(~pl.col("data_set").is_in(list(others))),
            *(
                figure3.filter(data_set=source).with_columns(data_set=pl.lit(name))
                for name, source in others.items()
            ),
        ]
    )


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


def fit_to_published(
    comparison: pl.DataFrame, cells: pl.DataFrame, published: Mapping[str, Any]
) -> pl.DataFrame:
    """Return fit.parquet: how near each condition comes to the paper, over the cells both have.

    comparison: see `compare_cells`; cells: cells.parquet; published: see `read_published`. Rows by
    condition and convention: all data sets together (data_set null), then each.
    rms_difference: root mean square of our aggregated coefficient at our k* minus the paper's at
    its own; likewise both at the paper's k*. same_sign: share of cells. spearman: of the two
    coefficients over cells (null below 3 cells). median_k_ratio: of our k* to the paper's.
    k_within_2: cells whose k* is from half to twice the paper's. The others are of the whole
    curves, see `curve_distance`.
    """
    beside = beside_figure3(cells, published["figure3"])
    keys = ["condition", "convention"]
    rows = []
    for (condition, convention), part in comparison.group_by(keys, maintain_order=True):
        curves = beside.filter(condition=condition, convention=convention)
        rows.append((condition, convention, None, *_fit(part, curves)))
        for (data_set,), own in part.group_by(["data_set"], maintain_order=True):
            rows.append(
                (condition, convention, data_set, *_fit(own, curves.filter(data_set=data_set)))
            )
    return pl.DataFrame(rows, schema=FIT_SCHEMA, orient="row")


def _fit(comparison: pl.DataFrame, curves: pl.DataFrame) -> tuple[Any, ...]:
    """Return the numbers of one row of fit.parquet."""
    from scipy.stats import spearmanr

    both = comparison.filter(pl.col("rho").is_not_null())
    there = comparison.filter(pl.col("rho_at_published_k").is_not_null())
    ours, theirs = both["rho"].to_numpy(), both["published_rho"].to_numpy()
    ranked = len(both) >= 3 and np.ptp(ours) > 0 and np.ptp(theirs) > 0
    ratio = both["k"] / both["published_k"]
    return (
        len(comparison),
        len(comparison) - len(both),
        _rms(ours - theirs),
        _rms((there["rho_at_published_k"] - there["published_rho"]).to_numpy()),
        float((np.sign(ours) == np.sign(theirs)).mean()) if len(both) else None,
        float(spearmanr(ours, theirs).statistic) if ranked else None,
        ratio.median(),
        int(ratio.is_between(0.5, 2).sum()),
        *curve_distance(curves).values(),
    )


def _rms(differences: np.ndarray) -> float | None:
    return float(np.sqrt(np.mean(differences**2))) if len(differences) else None
