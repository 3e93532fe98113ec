"""How much of the negative coefficients is left after comparison with null distributions.

Two distributions of rho need no flow. The first is of the same layers in random order. The second
is of independent coupled layers: every layer is drawn by itself, mass and curvature with the
marginals that the cell's layers have, joined by a Gaussian copula with their coupling. What part of
a negative coefficient goes beyond the second is not due to the coupling of curvature and mass
within a layer.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.analysis.cells import Cell
from ricci_flow.coefficients.nulls import EXACT_DEPTH, layer_orders, rows_pearson
from ricci_flow.seeds import derive_generator
from ricci_flow.tables.statistics import NULL_LAWS, NULLS

COUPLED_DRAWS = 2000
# Orders drawn for the histogram where not all are counted; p values count more (stage 6).
HISTOGRAM_ORDERS = 500
BINS = 40
LEVEL = 0.05
LAWS = ("observed", "layer orders", "coupling")
KEYS = ["condition", "measure", "depth"]


def nulls_table(networks: pl.DataFrame, fixed: pl.DataFrame) -> pl.DataFrame:
    """Return nulls.parquet: per condition, measure and depth, over kept networks at k*.

    networks: networks.parquet of this stage; fixed: the same rows at the k fixed beforehand
    (`join.at_fixed_k`), for the columns that begin with fixed_. At k*, chosen as the most
    negative, more than 5 % of networks are significant by chance; at a fixed k at most 5.
    rho, null_mean, rho_detrended, spearman and rho_next are means over networks; negative and
    null_negative mean shares below zero, observed and over the orders of each network's layers;
    significant and significant_orders shares of networks with p at most 0.05 over pairings and
    over layer orders; coupling the median.
    """
    defined = networks.filter(pl.col("kept") & pl.col("rho").is_not_null())
    beforehand = (
        fixed.filter(pl.col("kept") & pl.col("rho").is_not_null())
        .group_by(KEYS)
        .agg(
            fixed_networks=pl.len().cast(pl.Int32),
            fixed_negative=(pl.col("rho") < 0).mean(),
            fixed_null_negative=pl.col("null_negative").mean(),
            fixed_significant_orders=(pl.col("p_orders") <= LEVEL).mean(),
        )
    )
    return (
        defined.group_by(KEYS, maintain_order=True)
        .agg(
            networks=pl.len().cast(pl.Int32),
            rho=pl.col("rho").mean(),
            negative=(pl.col("rho") < 0).mean(),
            null_mean=pl.col("null_mean").mean(),
            null_negative=pl.col("null_negative").mean(),
            significant=(pl.col("p") <= LEVEL).mean(),
            significant_orders=(pl.col("p_orders") <= LEVEL).mean(),
            coupling=pl.col("coupling").median(),
            rho_detrended=pl.col("rho_detrended").mean(),
            spearman=pl.col("spearman").mean(),
            rho_next=pl.col("rho_next").mean(),
        )
        .join(beforehand, on=KEYS, how="left")
        .sort(KEYS)
    )


_SUMMARY = ("coupling_mean", "coupling_negative", "significant_coupling")


def rho_of(mass: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """Return the coefficient of layers (..., L); nan where a side is constant."""
    return rows_pearson(np.diff(mass, axis=-1), curvature[..., :-1])


def coupled_layers(
    mass: np.ndarray, curvature: np.ndarray, draws: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return mass and curvature of independent layers like a cell's, both (draws, L).

    mass, curvature: (networks, L), finite. Networks are standardised first, which changes no
    coefficient; the coupling is the correlation of the pooled values' normal scores.
    """
    from scipy.special import ndtr, ndtri

    pooled = []
    for values in (mass, curvature):
        spread = values.std(axis=1, keepdims=True)
        centred = values - values.mean(axis=1, keepdims=True)
        pooled.append((centred / np.where(spread > 0, spread, 1.0)).ravel())
    scores = [ndtri((np.argsort(np.argsort(v)) + 0.5) / len(v)) for v in pooled]
    coupling = float(np.clip(np.corrcoef(*scores)[0, 1], -1, 1))
    normal = generator.normal(size=(2, draws, mass.shape[1]))
    normal[1] = coupling * normal[0] + np.sqrt(1 - coupling**2) * normal[1]
    drawn = [np.quantile(v, ndtr(z)) for v, z in zip(pooled, normal, strict=True)]
    return drawn[0], drawn[1]


def null_laws(
    cells: Mapping[tuple[str, str], Mapping[tuple[str, str], Cell]],
    networks: pl.DataFrame,
    seed_name: str,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return null_laws.parquet, and the columns of nulls.parquet on coupled layers.

    cells: see `cells.cells_of`; networks: networks.parquet of this stage. The first: shares of
    rho in bins of width 2 / BINS by distribution, networks of equal weight; `low` is a bin's
    lower end. The second: mean and share below 0 of the coupled layers' rho, and share of
    networks whose rho is lower than all but 5 % of it.
    """
    found: dict[tuple[Any, ...], list[tuple[np.ndarray, ...]]] = {}
    stars = networks.filter(pl.col("kept") & pl.col("rho").is_not_null())
    keys = ["condition", "measure", "depth", "data_set", "architecture", "k"]
    for key, part in stars.group_by(keys, maintain_order=True):
        condition, measure, depth, *cell, k = key
        group = cells[str(condition), str(measure)][str(cell[0]), str(cell[1])]
        rows = np.searchsorted(group.numbers, part["network"].to_numpy())
        column = int(np.searchsorted(group.ks, k))
        layers = group.mass[rows, column], group.curvature[rows, column]
        names = (seed_name, str(condition), str(measure), *map(str, cell))
        part_rho = _distributions(*layers, derive_generator(*names, "null laws"))
        found.setdefault((condition, measure, depth), []).append(part_rho)
    pictures, summary = [], []
    edges = np.linspace(-1, 1, BINS + 1)
    for key, parts in found.items():
        for position, name in enumerate(LAWS):
            counts = sum(_histogram(part[position], edges) for part in parts)
            shares = counts / np.sum(counts)
            rows_of = zip(edges[:-1].tolist(), shares.tolist(), strict=True)
            pictures += [(*key, name, low, share) for low, share in rows_of]
        summary.append((*key, *_summary(parts)))
    schema = {name: NULLS.schema[name] for name in (*KEYS, *_SUMMARY)}
    return (
        pl.DataFrame(pictures, schema=NULL_LAWS.schema, orient="row"),
        pl.DataFrame(summary, schema=schema, orient="row"),
    )


def _distributions(
    mass: np.ndarray, curvature: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rho of the networks (S,), of their layer orders (S, orders), of coupled layers."""
    orders = layer_orders(mass.shape[1], generator)
    if mass.shape[1] > EXACT_DEPTH:
        # The first order is the observed one. It counts in p values, but here it would weigh more
        # than it should, as one of all orders.
        orders = orders[1 : HISTOGRAM_ORDERS + 1]
    permuted = rho_of(mass[:, orders], curvature[:, orders])
    coupled = rho_of(*coupled_layers(mass, curvature, COUPLED_DRAWS, generator))
    return rho_of(mass, curvature), permuted, np.broadcast_to(coupled, (len(mass), COUPLED_DRAWS))


def _histogram(rho: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return counts in bins, every network (row, or value) with a weight of 1 in all."""
    values = rho[~np.isnan(rho)]
    weight = len(rho) / max(len(values), 1)
    counts, _ = np.histogram(np.clip(values, -1, 1), edges)
    return np.asarray(counts * weight)


def _summary(parts: list[tuple[np.ndarray, ...]]) -> tuple[float, float, float]:
    size = np.array([len(observed) for observed, _, _ in parts], dtype=float)
    draws = [coupled[0][~np.isnan(coupled[0])] for _, _, coupled in parts]
    means = np.array([drawn.mean() for drawn in draws])
    below = np.array([(drawn < 0).mean() for drawn in draws])
    hits = np.array(
        [
            sum((drawn <= rho + 1e-9).mean() <= LEVEL for rho in observed)
            for (observed, _, _), drawn in zip(parts, draws, strict=True)
        ]
    )
    total = size.sum()
    return (
        float(size @ means / total),
        float(size @ below / total),
        float(hits.sum() / total),
    )
