"""A study compared with the paper: cell by cell at k*, and whole curves over k.

At k* alone two curves may agree by choice; the whole curve shows which networks were trained.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.analysis.inference import rank_correlation
from ricci_flow.tables.keys import CELL, CELL_KEYS
from ricci_flow.tables.statistics import COMPARISON, FIT

# Published coefficients of this size and less may have either sign by chance.
STRONG = 0.3
# Values below which nothing is correlated.
LEAST_COMPARED = 3
NOT_MEASURED = "k is not in the grid of the study"


def compare_cells(cells: pl.DataFrame, published: Mapping[str, Any]) -> pl.DataFrame:
    """Return comparison.parquet: every cell that the paper has too, ours with the paper's.

    cells: cells.parquet. k and rho are at our k*, rho_at_published_k is our aggregated coefficient
    at the paper's k*; null with a reason where our cell has none.
    """
    rows = []
    for key, cell in cells.group_by(CELL_KEYS, maintain_order=True):
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
    return pl.DataFrame(rows, schema=COMPARISON.schema, orient="row")


def fit_to_published(
    comparison: pl.DataFrame, cells: pl.DataFrame, published: Mapping[str, Any]
) -> pl.DataFrame:
    """Return fit.parquet: how near each condition comes to the paper, over the cells both have.

    comparison: see `compare_cells`; cells: cells.parquet; published: see `read_published`. Rows by
    condition and measure: all data sets together (data_set null), then each.
    rms_difference: root mean square of our aggregated coefficient at our k* minus the paper's at
    its own; likewise both at the paper's k*. same_sign: share of cells. spearman: of the two
    coefficients over cells (null below 3 cells). median_k_ratio: of our k* to the paper's.
    k_within_2: cells whose k* is from half to twice the paper's. The others are of the whole
    curves, see `curve_distance`.
    """
    both = with_figure3(cells, published["figure3"])
    keys = ["condition", "measure"]
    rows = []
    for (condition, measure), part in comparison.group_by(keys, maintain_order=True):
        curves = both.filter(condition=condition, measure=measure)
        rows.append((condition, measure, None, *_fit(part, curves)))
        for (data_set,), own in part.group_by(["data_set"], maintain_order=True):
            rows.append(
                (condition, measure, data_set, *_fit(own, curves.filter(data_set=data_set)))
            )
    return pl.DataFrame(rows, schema=FIT.schema, orient="row")


def _fit(comparison: pl.DataFrame, curves: pl.DataFrame) -> tuple[Any, ...]:
    """Return the numbers of one row of fit.parquet."""
    both = comparison.filter(pl.col("rho").is_not_null())
    there = comparison.filter(pl.col("rho_at_published_k").is_not_null())
    ours, theirs = both["rho"].to_numpy(), both["published_rho"].to_numpy()
    ranked = rank_correlation(ours, theirs) if len(both) >= LEAST_COMPARED else None
    ratio = both["k"] / both["published_k"]
    return (
        len(comparison),
        len(comparison) - len(both),
        _rms(ours - theirs),
        _rms((there["rho_at_published_k"] - there["published_rho"]).to_numpy()),
        float((np.sign(ours) == np.sign(theirs)).mean()) if len(both) else None,
        ranked[0] if ranked else None,
        ratio.median(),
        int(ratio.is_between(0.5, 2).sum()),
        *curve_distance(curves).values(),
    )


def _rms(differences: np.ndarray) -> float | None:
    return float(np.sqrt(np.mean(differences**2))) if len(differences) else None


def with_figure3(cells: pl.DataFrame, figure3: pl.DataFrame) -> pl.DataFrame:
    """Return every published (cell, k) of the cells that a study has, with the study's own rho.

    cells: cells.parquet; figure3: see `read_figure3`. Columns: condition, measure, data_set,
    architecture, k, published_rho, rho, reason. Cells are compared at equal k; rho is null with a
    reason where the study has no coefficient there.
    """
    there = figure3.rename({"rho": "published_rho"})
    ours = cells.select(*CELL_KEYS, "k", "rho", "reason", measured=True)
    return (
        cells.select(CELL_KEYS)
        .unique(maintain_order=True)
        .join(there, on=CELL, maintain_order="left_right")
        .join(ours, on=[*CELL_KEYS, "k"], how="left", maintain_order="left")
        .with_columns(
            reason=pl.when(pl.col("measured").is_null())
            .then(pl.lit(NOT_MEASURED))
            .when(pl.col("rho").is_null())
            .then("reason")
        )
        .drop("measured")
    )


def curve_distance(pairs: pl.DataFrame) -> dict[str, Any]:
    """Return how far a study's curves are from the published ones, over the values both define.

    pairs: rows of `with_figure3`. published_values: rows; values: of these, defined here too;
    curve_cells: cells with at least one such value; reasons: why the others are undefined, with
    counts. curve_rms: root mean square difference; curve_pearson: null below 3 values or where
    one side is constant; strong: values with a published |rho| above 0.3; strong_same_sign: share
    of these with the published sign (a coefficient of exactly 0 has not).
    """
    both = pairs.filter(pl.col("rho").is_not_null())
    ours, theirs = both["rho"].to_numpy(), both["published_rho"].to_numpy()
    strong = np.abs(theirs) > STRONG
    varied = len(both) >= LEAST_COMPARED and np.ptp(ours) > 0 and np.ptp(theirs) > 0
    undefined = pairs.filter(pl.col("rho").is_null())["reason"].fill_null("no reason was recorded")
    return {
        "published_values": len(pairs),
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
