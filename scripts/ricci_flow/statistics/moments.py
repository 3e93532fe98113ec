"""Sums from which the aggregated coefficient of any choice of a cell's networks follows.

The aggregated coefficient is one Pearson over the pooled (eta, Ric) pairs of many networks. It
needs six sums, and sums add up over networks: so halves of a cell, or networks drawn with
replacement, cost one matrix product.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from ricci_flow.statistics.gather import NETWORK

KEYS = ["condition", "convention", "data_set", "architecture"]
Key = tuple[str, str, str, str]


class CellMoments(NamedTuple):
    """Of one cell, condition and convention: its kept networks, its ks, `sums` (networks, ks, 6).

    n: test points. A network that is not connected at a k has zeros there.
    """

    n: int
    networks: list[int]
    ks: list[int]
    sums: np.ndarray


def pooled_pearson(sums: np.ndarray) -> np.ndarray:
    """Return Pearson's r of pooled pairs from summed moments (..., 6); nan where undefined.

    The last axis: pairs, sum x, sum y, sum xx, sum yy, sum xy.
    """
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        x_spread, y_spread = xx - x * x / n, yy - y * y / n
        r = (xy - x * y / n) / np.sqrt(x_spread * y_spread)
    # Values are scaled to a spread of 1 below, so what is left of a constant is rounding.
    return np.where((n >= 3) & (x_spread > 1e-9) & (y_spread > 1e-9), r, np.nan)


def study_moments(geometry: pl.DataFrame, accuracy: pl.DataFrame) -> dict[Key, CellMoments]:
    """Return the moments of every cell, condition and convention, in the order of `geometry`.

    geometry: all layers.parquet; accuracy: accuracy.parquet, which says who is kept. Pairs are
    centred and scaled per k, which changes no coefficient and keeps the digits.
    """
    kept = accuracy.filter("kept").select(NETWORK)
    sums = {key: part for key, part in _sums(geometry, kept).group_by(KEYS, maintain_order=True)}
    everyone = {
        key: part["network"].sort().to_list()
        for key, part in kept.group_by(["condition", "data_set", "architecture"])
    }
    cells: dict[Key, CellMoments] = {}
    grids = geometry.group_by(KEYS, maintain_order=True).agg(pl.col("n").first(), "k")
    for condition, convention, data_set, architecture, n, grid in grids.iter_rows():
        key = (condition, convention, data_set, architecture)
        networks = everyone.get((condition, data_set, architecture), [])
        ks = sorted(set(grid))
        array = np.zeros((len(networks), len(ks), 6))
        if key in sums:
            table = sums[key]
            rows = np.searchsorted(networks, table["network"].to_numpy())
            columns = np.searchsorted(ks, table["k"].to_numpy())
            array[rows, columns] = table.select("n", "x", "y", "xx", "yy", "xy").to_numpy()
        cells[key] = CellMoments(n, networks, ks, array)
    return cells


def _sums(geometry: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Return one row a kept network, convention and k at which it is connected: its six sums."""
    mass, at_k = pl.col("geodesic_mass"), [*KEYS, "k"]
    pairs = (
        geometry.join(kept, on=NETWORK, how="semi", maintain_order="left")
        .sort("layer", maintain_order=True)
        .group_by([*at_k, "network"], maintain_order=True)
        .agg(
            connected=mass.is_finite().all() & mass.is_not_null().all(),
            x=mass.diff().slice(1),
            y=pl.col("curvature").cast(pl.Float64).slice(0, pl.len() - 1),
        )
        .filter(pl.col("connected") & (pl.col("x").list.len() > 0))
        .explode("x", "y")
    )
    scaled = pairs.with_columns(_scaled(pl.col(name)).over(at_k).alias(name) for name in "xy")
    x, y = pl.col("x"), pl.col("y")
    return scaled.group_by([*at_k, "network"], maintain_order=True).agg(
        pl.len().cast(pl.Float64).alias("n"),
        x.sum(),
        y.sum(),
        xx=(x * x).sum(),
        yy=(y * y).sum(),
        xy=(x * y).sum(),
    )


def _scaled(values: pl.Expr) -> pl.Expr:
    """Return values less their mean, in units of their spread; of a constant, zeros."""
    centred, spread = values - values.mean(), values.std(ddof=0)
    constant = spread <= 1e-12 * values.abs().max()
    return pl.when(constant).then(0.0).otherwise(centred / spread)
