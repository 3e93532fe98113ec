"""The quantities behind the paper's five claims, for every condition and convention.

The claims: (1) for every cell some k has a negative aggregated coefficient; (2) k* is a small
share of n on synthetic data, a large one on images; (3) along the layers total curvature falls on
synthetic data and rises on images; (4) a more negative coefficient goes with a higher accuracy,
given data set, width and depth; (5) negative coefficients are a property of well-trained networks,
so controls should not have them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

SCHEMA = {
    "claim": pl.Int32,
    "quantity": pl.String,
    "condition": pl.String,
    "convention": pl.String,
    "published": pl.Float64,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "hits": pl.Int32,
    "of": pl.Int32,
}

# Published values: (1) all 42 cells; (2) medians of k*/n over the cells of Figure 3; (5) 93.2 %.
GROUPS = ("synthetic", "real")


def claims_table(
    tables: Mapping[str, pl.DataFrame],
    points: Mapping[str, int],
    groups: Mapping[str, str],
    published: Mapping[str, Any] | None,
) -> pl.DataFrame:
    """Return claims.parquet.

    tables: those of this stage, by file stem, and `fixed`: see `gather.at_fixed_k`; points: test
    points of each data set; groups: each data set's, synthetic or real; published: see
    `published.read_published`, or None.
    """
    rows: list[dict[str, Any]] = []
    for (condition, convention), cells in tables["cells"].group_by(
        ["condition", "convention"], maintain_order=True
    ):
        names = {"condition": str(condition), "convention": str(convention)}

        def here(name: str, names: dict[str, str] = names) -> pl.DataFrame:
            return tables[name].filter(condition=names["condition"], convention=names["convention"])

        found = [
            *_some_negative_k(cells, published),
            *_negative_at_fixed_k(here("k_curves")),
            *_size_of_k_star(cells, points, groups, published),
            *_direction_of_curvature(here("layers"), groups),
            *_regression(here("regression"), published),
            *_negative_share(here("networks"), published),
            *_negative_share_at_fixed_k(here("fixed")),
        ]
        rows += [names | row for row in found]
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)


def _share(hits: int, of: int) -> dict[str, Any]:
    return {"value": hits / of if of else None, "hits": hits, "of": of}


def _some_negative_k(
    cells: pl.DataFrame, published: Mapping[str, Any] | None
) -> Iterator[dict[str, Any]]:
    lowest = cells.group_by("data_set", "architecture").agg(pl.col("rho").min())
    hits = int((lowest["rho"] < 0).sum())
    yield {
        "claim": 1,
        "quantity": "cells with a negative aggregated coefficient at some k",
        "published": 1.0 if published else None,
        **_share(hits, len(lowest)),
    }


def _negative_at_fixed_k(curves: pl.DataFrame) -> Iterator[dict[str, Any]]:
    rho = curves.filter("fixed")["rho"].drop_nulls()
    yield {
        "claim": 1,
        "quantity": "cells with a negative aggregated coefficient at a tenth of n",
        **_share(int((rho < 0).sum()), len(rho)),
    }


def _size_of_k_star(
    cells: pl.DataFrame,
    points: Mapping[str, int],
    groups: Mapping[str, str],
    published: Mapping[str, Any] | None,
) -> Iterator[dict[str, Any]]:
    stars = cells.filter("is_k_star")
    for group in GROUPS:
        shares = [
            k / points[data_set]
            for data_set, k in stars.select("data_set", "k").iter_rows()
            if groups[data_set] == group
        ]
        printed = [
            k / points[data_set]
            for data_set, row in (published["cells"] if published else {}).items()
            if groups.get(data_set) == group
            for k, _ in row.values()
        ]
        yield {
            "claim": 2,
            "quantity": f"median k*/n on {group} data",
            "published": float(np.median(printed)) if printed else None,
            "value": float(np.median(shares)) if shares else None,
            "low": min(shares, default=None),
            "high": max(shares, default=None),
            "of": len(shares),
        }


def _direction_of_curvature(
    layers: pl.DataFrame, groups: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    from scipy.stats import spearmanr

    trends: dict[str, list[float]] = {group: [] for group in GROUPS}
    for (data_set, _), cell in layers.sort("layer").group_by(
        ["data_set", "architecture"], maintain_order=True
    ):
        if cell["curvature"].n_unique() > 1:
            trend = spearmanr(cell["layer"].to_numpy(), cell["curvature"].to_numpy()).statistic
            trends[groups[str(data_set)]].append(float(trend))
    for group, verb, sign in (("synthetic", "falls", -1), ("real", "rises", 1)):
        hits = sum(sign * trend > 0 for trend in trends[group])
        yield {
            "claim": 3,
            "quantity": f"cells whose curvature {verb} along the layers, {group} data",
            **_share(hits, len(trends[group])),
        }


def _regression(
    regression: pl.DataFrame, published: Mapping[str, Any] | None
) -> Iterator[dict[str, Any]]:
    term = regression.filter(
        (pl.col("coefficient") == "z_printed") & (pl.col("term") == "z_printed")
    )
    if len(term):
        row = term.row(0, named=True)
        yield {
            "claim": 4,
            "quantity": "t of the adjusted coefficient in the regression of accuracy",
            "published": published["regression"]["t"] if published else None,
            "value": row["t"],
            "of": row["observations"],
        }


def _negative_share(
    networks: pl.DataFrame, published: Mapping[str, Any] | None
) -> Iterator[dict[str, Any]]:
    defined = networks.filter(pl.col("kept") & pl.col("rho").is_not_null())
    yield {
        "claim": 5,
        "quantity": "networks with a negative coefficient at their cell's k*",
        "published": published["negative_share"] if published else None,
        **_share(int((defined["rho"] < 0).sum()), len(defined)),
    }


def _negative_share_at_fixed_k(fixed: pl.DataFrame) -> Iterator[dict[str, Any]]:
    rho = fixed.filter("kept")["rho"].drop_nulls()
    yield {
        "claim": 5,
        "quantity": "networks with a negative coefficient at a tenth of n",
        **_share(int((rho < 0).sum()), len(rho)),
    }
