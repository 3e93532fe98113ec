"""The aggregated coefficient over the whole grid of k, with a band: no k is chosen by looking.

The band comes from a bootstrap over the kept networks of a cell: networks are drawn with
replacement, the same draw at every k, and the aggregated coefficient is taken anew.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from ricci_flow.seeds import derive_generator
from ricci_flow.statistics.held_out import fixed_place
from ricci_flow.statistics.moments import CellMoments, Key, pooled_pearson
from ricci_flow.statistics.profiles import KEYS

DRAWS = 500
# Fewer networks have too few different draws.
SMALLEST = 4
SCHEMA = {
    **dict.fromkeys(KEYS, pl.String),
    "n": pl.Int32,
    "k": pl.Int32,
    "share": pl.Float64,
    "fixed": pl.Boolean,
    "kept": pl.Int32,
    "connected": pl.Int32,
    "rho": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "reason": pl.String,
}


def curve_draws(sums: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return the aggregated coefficient over k of every draw, (draws, ks); nan where undefined.

    sums (networks, ks, 6): see `moments`.
    """
    networks, ks, _ = sums.shape
    counts = generator.multinomial(networks, np.full(networks, 1 / networks), size=DRAWS)
    return pooled_pearson((counts.astype(float) @ sums.reshape(networks, -1)).reshape(-1, ks, 6))


def k_curves(cells: Mapping[Key, CellMoments], level: float, seed_name: str) -> pl.DataFrame:
    """Return k_curves.parquet: per cell, condition, convention and k.

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
        if kept >= SMALLEST:
            draws = curve_draws(cell.sums, derive_generator(seed_name, *key, "k curve"))
        fixed = fixed_place(cell.ks, cell.n)
        for place, k in enumerate(cell.ks):
            row: dict[str, object] = {
                **dict(zip(KEYS, key, strict=True)),
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
                if connected[place] < SMALLEST:
                    row["reason"] = f"band: {connected[place]} networks, fewer than {SMALLEST}"
                else:
                    defined = draws[np.isfinite(draws[:, place]), place]
                    low, high = np.quantile(defined, [0.5 - level / 2, 0.5 + level / 2])
                    row |= {"low": float(low), "high": float(high)}
            rows.append(row)
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)


def _why_undefined(kept: int, connected: int) -> str:
    if not kept:
        return "no network is kept"
    if not connected:
        return "no kept network is connected at every layer"
    return "constant curvature or geodesic mass change, or fewer than 3 pairs"


def with_fixed_band(held_out: pl.DataFrame, curves: pl.DataFrame) -> pl.DataFrame:
    """Add fixed_low and fixed_high to held_out.parquet: the band of rho_fixed."""
    bands = curves.filter("fixed").select(
        *KEYS, pl.col("low").alias("fixed_low"), pl.col("high").alias("fixed_high")
    )
    return held_out.join(bands, on=KEYS, how="left", maintain_order="left").select(
        *(name for name in held_out.columns if name != "reason"),
        "fixed_low",
        "fixed_high",
        "reason",
    )
