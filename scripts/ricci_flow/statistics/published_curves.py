"""The paper's Figure 3 whole, beside a study's curves over k, and the distance between them.

At k* alone two curves may agree by choice; the whole curve shows which networks were trained.
"""

import csv
import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.errors import InputError
from ricci_flow.statistics.profiles import CELL, KEYS

FIGURE3_SCHEMA = {**dict.fromkeys(CELL, pl.String), "k": pl.Int32, "rho": pl.Float64}
# Published coefficients of this size and less may have either sign by chance.
STRONG = 0.3
NOT_MEASURED = "k is not in the grid of the study"


def read_figure3(path: Path) -> pl.DataFrame:
    """Return the published curves: data_set, architecture, k, rho, a row per cell and k.

    Raises InputError, one line, where the file is missing, lacks a column, holds something else
    than whole numbers k >= 1 and rho from -1 to 1, or the same cell and k twice.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: cannot be read as published values ({reason})") from None
    if not lines or lines[0] != list(FIGURE3_SCHEMA):
        raise InputError(f"{path}: line 1 must be {','.join(FIGURE3_SCHEMA)}; mend it")
    rows: dict[tuple[str, str, int], float] = {}
    for number, line in enumerate(lines[1:], 2):
        where = f"{path}: line {number}"
        if len(line) != len(FIGURE3_SCHEMA) or not all(line):
            raise InputError(f"{where} must hold {len(FIGURE3_SCHEMA)} values; mend it")
        data_set, architecture, k, rho = line
        if not (k.isascii() and k.isdigit() and 0 < int(k) < 2**31):
            raise InputError(f"{where}: k is {k!r}, not a whole number above 0; mend it")
        if (data_set, architecture, int(k)) in rows:
            raise InputError(f"{where}: {data_set} {architecture} has k {k} twice; leave one")
        rows[data_set, architecture, int(k)] = _coefficient(rho, where)
    return pl.DataFrame(
        [(*key, rho) for key, rho in rows.items()], schema=FIGURE3_SCHEMA, orient="row"
    )


def _coefficient(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not -1 <= value <= 1:
        raise InputError(f"{where}: rho is {text!r}, not a number from -1 to 1; mend it")
    return value


def beside_figure3(cells: pl.DataFrame, figure3: pl.DataFrame) -> pl.DataFrame:
    """Return every published (cell, k) of the cells that a study has, with the study's own rho.

    cells: cells.parquet; figure3: see `read_figure3`. Columns: condition, convention, data_set,
    architecture, k, published_rho, rho, reason. Cells are compared at equal k; rho is null with a
    reason where the study has no coefficient there.
    """
    there = figure3.rename({"rho": "published_rho"})
    ours = cells.select(*KEYS, "k", "rho", "reason", measured=True)
    return (
        cells.select(KEYS)
        .unique(maintain_order=True)
        .join(there, on=CELL, maintain_order="left_right")
        .join(ours, on=[*KEYS, "k"], how="left", maintain_order="left")
        .with_columns(
            reason=pl.when(pl.col("measured").is_null())
            .then(pl.lit(NOT_MEASURED))
            .when(pl.col("rho").is_null())
            .then("reason")
        )
        .drop("measured")
    )


def curve_distance(beside: pl.DataFrame) -> dict[str, Any]:
    """Return how far a study's curves are from the published ones, over the values both define.

    beside: rows of `beside_figure3`. published_values: rows; values: of these, defined here too;
    curve_cells: cells with at least one such value; reasons: why the others are undefined, with
    counts. curve_rms: root mean square difference; curve_pearson: null below 3 values or where
    one side is constant; strong: values with a published |rho| above 0.3; strong_same_sign: share
    of these with the published sign (a coefficient of exactly 0 has not).
    """
    both = beside.filter(pl.col("rho").is_not_null())
    ours, theirs = both["rho"].to_numpy(), both["published_rho"].to_numpy()
    strong = np.abs(theirs) > STRONG
    varied = len(both) >= 3 and np.ptp(ours) > 0 and np.ptp(theirs) > 0
    undefined = beside.filter(pl.col("rho").is_null())["reason"].fill_null("no reason was recorded")
    return {
        "published_values": len(beside),
        "values": len(both),
        "curve_cells": both.select(CELL).n_unique() if len(both) else 0,
        "reasons": "; ".join(f"{n}: {why}" for why, n in Counter(undefined).most_common()) or None,
        "curve_rms": float(np.sqrt(np.mean((ours - theirs) ** 2))) if len(both) else None,
        "curve_pearson": float(np.corrcoef(ours, theirs)[0, 1]) if varied else None,
        "strong": int(strong.sum()),
        "strong_same_sign": (
            float((ours[strong] * theirs[strong] > 0).mean()) if strong.any() else None
        ),
    }


def curves_of_study(
    figure3: pl.DataFrame, cells: pl.DataFrame, points: Mapping[str, int]
) -> pl.DataFrame:
    """Return published_curves.parquet: the published curves of the cells that a study has.

    cells: cells.parquet; points: test points of each data set. Columns: data_set, architecture,
    k, share (k / n of the study), rho.
    """
    n = pl.col("data_set").replace_strict(points, return_dtype=pl.Int64)
    return (
        cells.select(CELL)
        .unique(maintain_order=True)
        .join(figure3, on=CELL, maintain_order="left_right")
        .select(*CELL, "k", (pl.col("k") / n).alias("share"), "rho")
    )
