"""Choosing k without peeking: k* from half of a cell's networks, judged on the other half.

The paper chooses the k with the most negative aggregated coefficient and then reports the
coefficient there, of the same networks. Here networks are split at random into two halves, k* is
chosen on one and the aggregated coefficient at that k is taken from the other; the difference is
what choosing alone brings. A k fixed beforehand, a tenth of the points, stands beside.
"""

import numpy as np
import polars as pl

from ricci_flow.coefficients.tables import layer_profiles
from ricci_flow.graphs.grid import k_of_fraction
from ricci_flow.seeds import derive_generator

SPLITS = 200
FIXED_FRACTION = 0.1
KEYS = ["condition", "convention", "data_set", "architecture"]

SCHEMA = {
    **dict.fromkeys(KEYS, pl.String),
    "networks": pl.Int32,
    "splits": pl.Int32,
    "rho_chosen": pl.Float64,
    "rho_held_out": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "negative": pl.Float64,
    "k_fixed": pl.Int32,
    "rho_fixed": pl.Float64,
    "reason": pl.String,
}


def moments(eta: np.ndarray, ric: np.ndarray) -> np.ndarray:
    """Return (n, sum x, sum y, sum xx, sum yy, sum xy), which add up over networks."""
    return np.array(
        [len(eta), eta.sum(), ric.sum(), (eta**2).sum(), (ric**2).sum(), (eta * ric).sum()]
    )


def pooled_pearson(sums: np.ndarray) -> np.ndarray:
    """Return Pearson's r of pooled pairs from summed `moments` (..., 6); nan where undefined."""
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        x_spread, y_spread = xx - x * x / n, yy - y * y / n
        r = (xy - x * y / n) / np.sqrt(x_spread * y_spread)
    # Values are scaled to a spread of 1 below, so what is left of a constant is rounding.
    return np.where((n >= 3) & (x_spread > 1e-9) & (y_spread > 1e-9), r, np.nan)


def cell_moments(geometry: pl.DataFrame, kept: set[int]) -> tuple[list[int], np.ndarray]:
    """Return the ks and the moments (networks, ks, 6) of one cell in one convention.

    Pairs are centred and scaled per k, which changes no coefficient and keeps the digits. A
    network that is not connected at a k has zeros there.
    """
    profiles = layer_profiles(geometry)
    ks = sorted({k for _, _, k in profiles})
    numbers = sorted(kept)
    sums = np.zeros((len(numbers), len(ks), 6))
    for column, k in enumerate(ks):
        pairs = {}
        for (network, _, this_k), (mass, ric) in profiles.items():
            if this_k == k and network in kept and not np.isnan(mass).any():
                pairs[network] = (np.diff(mass), ric[:-1])
        if not pairs:
            continue
        scales = []
        for side in (0, 1):
            pooled = np.concatenate([pair[side] for pair in pairs.values()])
            scales.append((pooled.mean(), pooled.std() or 1.0))
        for network, pair in pairs.items():
            eta, ric = (
                (v - centre) / spread for v, (centre, spread) in zip(pair, scales, strict=True)
            )
            sums[numbers.index(network), column] = moments(eta, ric)
    return ks, sums


def split_cell(sums: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return (coefficient at k* on the choosing half, at that k on the other half), (splits,).

    nan where a half has no coefficient at any k, or none at the chosen one.
    """
    networks = len(sums)
    chosen, held_out = np.full(SPLITS, np.nan), np.full(SPLITS, np.nan)
    for split in range(SPLITS):
        order = generator.permutation(networks)
        half, rest = order[: networks // 2], order[networks // 2 :]
        curve = pooled_pearson(sums[half].sum(axis=0))
        if np.isnan(curve).all():
            continue
        k = int(np.nanargmin(curve))
        chosen[split] = curve[k]
        held_out[split] = pooled_pearson(sums[rest, k].sum(axis=0))
    return chosen, held_out


def held_out_table(geometry: pl.DataFrame, accuracy: pl.DataFrame, seed_name: str) -> pl.DataFrame:
    """Return held_out.parquet: per cell, condition and convention.

    geometry: all layers.parquet; accuracy: accuracy.parquet. rho_chosen, rho_held_out: means over
    splits; low, high: 5th and 95th percentile of the held-out coefficient; negative: share of
    splits in which it is below 0; rho_fixed: aggregated coefficient at the k of the grid nearest
    to a tenth of the points. Null with a reason below 4 kept networks.
    """
    rows = []
    kept = accuracy.filter("kept")
    for key, part in geometry.group_by(KEYS, maintain_order=True):
        condition, _, data_set, architecture = key
        networks = set(
            kept.filter(
                (pl.col("condition") == condition)
                & (pl.col("data_set") == data_set)
                & (pl.col("architecture") == architecture)
            )["network"]
        )
        row = dict(zip(KEYS, key, strict=True)) | {"networks": len(networks)}
        if len(networks) < 4:
            rows.append(row | {"reason": f"{len(networks)} kept networks, fewer than 4"})
            continue
        ks, sums = cell_moments(part, networks)
        generator = derive_generator(seed_name, *map(str, key), "halves")
        chosen, held_out = split_cell(sums, generator)
        both = ~np.isnan(held_out)
        target = k_of_fraction(FIXED_FRACTION, int(part["n"][0]))
        fixed = min(range(len(ks)), key=lambda i: (abs(ks[i] - target), ks[i]))
        rho_fixed = float(pooled_pearson(sums[:, fixed].sum(axis=0)))
        row |= {
            "splits": int(both.sum()),
            "k_fixed": ks[fixed],
            "rho_fixed": None if np.isnan(rho_fixed) else rho_fixed,
        }
        if both.any():
            low, high = np.quantile(held_out[both], [0.05, 0.95])
            row |= {
                "rho_chosen": float(chosen[both].mean()),
                "rho_held_out": float(held_out[both].mean()),
                "low": float(low),
                "high": float(high),
                "negative": float((held_out[both] < 0).mean()),
            }
        else:
            row["reason"] = "no half has a coefficient at the k the other one chose"
        rows.append(row)
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)
