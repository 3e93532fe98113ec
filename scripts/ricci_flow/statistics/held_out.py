"""Choosing k without peeking: k* from half of a cell's networks, judged on the other half.

The paper chooses the k with the most negative aggregated coefficient and then reports the
coefficient there, of the same networks. Here networks are split at random into two halves, k* is
chosen on one and the aggregated coefficient at that k is taken from the other; the difference is
what choosing alone brings. A k fixed beforehand, a tenth of the points, stands beside.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from ricci_flow.graphs.grid import k_of_fraction
from ricci_flow.seeds import derive_generator
from ricci_flow.statistics.moments import CellMoments, Key, pooled_pearson
from ricci_flow.statistics.profiles import KEYS

SPLITS = 200
FIXED_FRACTION = 0.1

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


def held_out_table(cells: Mapping[Key, CellMoments], seed_name: str) -> pl.DataFrame:
    """Return held_out.parquet: per cell, condition and convention.

    cells: see `study_moments`. rho_chosen, rho_held_out: means over splits; low, high: 5th and
    95th percentile of the held-out coefficient; negative: share of splits in which it is below 0;
    rho_fixed: aggregated coefficient at the k of the grid nearest to a tenth of the points (its
    band: see `with_fixed_band`). Null with a reason below 4 kept networks.
    """
    rows: list[dict[str, object]] = []
    for key, cell in cells.items():
        row: dict[str, object] = {"networks": len(cell.networks)}
        row |= dict(zip(KEYS, key, strict=True))
        if len(cell.networks) < 4:
            rows.append(row | {"reason": f"{len(cell.networks)} kept networks, fewer than 4"})
            continue
        generator = derive_generator(seed_name, *key, "halves")
        chosen, held_out = split_cell(cell.sums, generator)
        both = ~np.isnan(held_out)
        fixed = fixed_place(cell.ks, cell.n)
        rho_fixed = float(pooled_pearson(cell.sums[:, fixed].sum(axis=0)))
        row |= {
            "splits": int(both.sum()),
            "k_fixed": cell.ks[fixed],
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


def fixed_place(ks: Sequence[int], n: int) -> int:
    """Return the place in a grid of the k nearest to a tenth of n points, the smaller of two."""
    target = k_of_fraction(FIXED_FRACTION, n)
    return min(range(len(ks)), key=lambda i: (abs(ks[i] - target), ks[i]))
