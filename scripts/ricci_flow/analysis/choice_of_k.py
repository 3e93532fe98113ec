"""Choosing k without peeking: k* from half of a cell's networks, judged on the other half.

The paper chooses the k with the most negative aggregated coefficient and then reports the
coefficient there, of the same networks. Here networks are split at random into two halves, k* is
chosen on one and the aggregated coefficient at that k is taken from the other; the difference is
what choosing alone brings. The whole curve over k with a band, and the coefficient at a k fixed
beforehand (a tenth of the points), need no choice.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from ricci_flow.analysis.cells import CellMoments, Key, pooled_pearson
from ricci_flow.graphs.grid import k_of_fraction
from ricci_flow.seeds import derive_generator
from ricci_flow.tables.keys import CELL_KEYS
from ricci_flow.tables.statistics import HELD_OUT, K_CURVES

SPLITS = 200
FIXED_FRACTION = 0.1
# Kept networks below which none are split.
LEAST_SPLIT = 4
CURVE_DRAWS = 500
# Networks below which a curve has no band: they have too few different draws.
LEAST_FOR_BAND = 4


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
    """Return held_out.parquet: per cell, condition and measure.

    cells: see `study_moments`. rho_chosen, rho_held_out: means over splits; low, high: 5th and
    95th percentile of the held-out coefficient; negative: share of splits in which it is below 0;
    rho_fixed: aggregated coefficient at the k of the grid nearest to a tenth of the points (its
    band: see `with_fixed_band`). Null with a reason below 4 kept networks.
    """
    rows: list[dict[str, object]] = []
    for key, cell in cells.items():
        row: dict[str, object] = {"networks": len(cell.networks)}
        row |= dict(zip(CELL_KEYS, key, strict=True))
        if len(cell.networks) < LEAST_SPLIT:
            rows.append(
                row | {"reason": f"{len(cell.networks)} kept networks, fewer than {LEAST_SPLIT}"}
            )
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
    return HELD_OUT.frame(rows)


def fixed_place(ks: Sequence[int], n: int) -> int:
    """Return the place in a grid of the k nearest to a tenth of n points, the smaller of two."""
    target = k_of_fraction(FIXED_FRACTION, n)
    return min(range(len(ks)), key=lambda i: (abs(ks[i] - target), ks[i]))


def curve_draws(sums: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return the aggregated coefficient over k of every draw, (draws, ks); nan where undefined.

    sums (networks, ks, 6): see `cells.pair_sums`.
    """
    networks, ks, _ = sums.shape
    counts = generator.multinomial(networks, np.full(networks, 1 / networks), size=CURVE_DRAWS)
    return pooled_pearson((counts.astype(float) @ sums.reshape(networks, -1)).reshape(-1, ks, 6))


def k_curves(cells: Mapping[Key, CellMoments], level: float, seed_name: str) -> pl.DataFrame:
    """Return k_curves.parquet: per cell, condition, measure and k.

    cells: see `study_moments`. share: k / n; fixed: whether k is the one nearest to a tenth of
    the points; connected: kept networks that are connected at k; rho: aggregated coefficient of
    these; low, high: percentiles over the draws that have a coefficient, for the level. Null with
    a reason: the band below 4 connected networks, rho where it is undefined.
    """
    rows: list[dict[str, object]] = []
    for key, cell in cells.items():
        kept = len(cell.networks)
        curve = pooled_pearson(cell.sums.sum(axis=0))
        connected = (cell.sums[:, :, 0] > 0).sum(axis=0)
        draws = np.full((1, len(cell.ks)), np.nan)
        if kept >= LEAST_FOR_BAND:
            draws = curve_draws(cell.sums, derive_generator(seed_name, *key, "k curve"))
        fixed = fixed_place(cell.ks, cell.n)
        for place, k in enumerate(cell.ks):
            row: dict[str, object] = {
                **dict(zip(CELL_KEYS, key, strict=True)),
                "n": cell.n,
                "k": k,
                "share": k / cell.n,
                "fixed": place == fixed,
                "kept": kept,
                "connected": int(connected[place]),
            }
            if np.isnan(curve[place]):
                row["reason"] = _why_undefined(kept, int(connected[place]))
            else:
                row["rho"] = float(curve[place])
                if connected[place] < LEAST_FOR_BAND:
                    row["reason"] = (
                        f"band: {connected[place]} networks, fewer than {LEAST_FOR_BAND}"
                    )
                else:
                    defined = draws[np.isfinite(draws[:, place]), place]
                    low, high = np.quantile(defined, [0.5 - level / 2, 0.5 + level / 2])
                    row |= {"low": float(low), "high": float(high)}
            rows.append(row)
    return K_CURVES.frame(rows)


def _why_undefined(kept: int, connected: int) -> str:
    if not kept:
        return "no network is kept"
    if not connected:
        return "no kept network is connected at every layer"
    return "constant curvature or geodesic mass change, or fewer than 3 pairs"


def with_fixed_band(held_out: pl.DataFrame, curves: pl.DataFrame) -> pl.DataFrame:
    """Add fixed_low and fixed_high to held_out.parquet: the band of rho_fixed."""
    bands = curves.filter("fixed").select(
        *CELL_KEYS, pl.col("low").alias("fixed_low"), pl.col("high").alias("fixed_high")
    )
    return (
        held_out.drop("fixed_low", "fixed_high")
        .join(bands, on=CELL_KEYS, how="left", maintain_order="left")
        .select(HELD_OUT.names)
    )
