"""Cells as arrays, and the sums from which their aggregated coefficients follow.

The aggregated coefficient is one Pearson over the pooled (eta, Ric) pairs of many networks. It
needs six sums, and sums add up over networks: so halves of a cell, or networks drawn with
replacement, cost one matrix product.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from ricci_flow.tables.keys import CELL, CELL_KEYS

# Condition, measure, data set, architecture.
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Cell:
    """Networks of one cell under one condition and measure.

    n: test points; ks: (K,), ascending; numbers, accuracy, kept: (S,); mass, curvature: (S, K, L),
    mass nan where a layer is not connected; null_negative: (S, K), the share of layer orders with
    a negative coefficient, nan where undefined.
    """

    n: int
    ks: np.ndarray
    numbers: np.ndarray
    accuracy: np.ndarray
    kept: np.ndarray
    mass: np.ndarray
    curvature: np.ndarray
    null_negative: np.ndarray

    @property
    def depth(self) -> int:
        """Hidden layers."""
        return int(self.curvature.shape[2])

    def kept_numbers(self) -> set[int]:
        """Return the numbers of the kept networks."""
        return set(self.numbers[self.kept].tolist())


def cells_of(
    geometry: pl.DataFrame, accuracy: pl.DataFrame, coefficients: pl.DataFrame
) -> dict[tuple[str, str], dict[tuple[str, str], Cell]]:
    """Return the cells, by (condition, measure), then by (data set, architecture).

    geometry: all layers.parquet; accuracy: accuracy.parquet; coefficients: all networks.parquet
    of stage 6.
    """
    orders = coefficients.select(*CELL_KEYS, "network", "k", "null_negative").partition_by(
        CELL_KEYS, as_dict=True
    )
    accuracy_of = accuracy.partition_by(["condition", *CELL], as_dict=True)
    found: dict[tuple[str, str], dict[tuple[str, str], Cell]] = {}
    for key, part in geometry.partition_by(CELL_KEYS, as_dict=True).items():
        condition, measure, *cell = map(str, key)
        networks = accuracy_of.get((condition, *cell))
        if networks is not None:
            group = found.setdefault((condition, measure), {})
            group[cell[0], cell[1]] = _cell(part, networks.sort("network"), orders.get(key))
    return found


def _cell(geometry: pl.DataFrame, networks: pl.DataFrame, orders: pl.DataFrame | None) -> Cell:
    numbers = networks["network"].to_numpy()
    ks = geometry["k"].unique().sort().to_numpy()
    shape = (len(numbers), len(ks), int(geometry["layer"].max()))  # type: ignore[arg-type]
    mass, curvature = np.full(shape, np.nan), np.full(shape, np.nan)
    geometry = geometry.filter(pl.col("network").is_in(networks["network"].to_list()))
    place = (
        np.searchsorted(numbers, geometry["network"].to_numpy()),
        np.searchsorted(ks, geometry["k"].to_numpy()),
        geometry["layer"].to_numpy() - 1,
    )
    mass[place] = geometry["geodesic_mass"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    curvature[place] = geometry["curvature"].to_numpy()
    mass[np.isnan(curvature)] = np.nan  # a layer without either is left out alike
    null_negative = np.full(shape[:2], np.nan)
    if orders is not None:
        orders = orders.filter(pl.col("network").is_in(networks["network"].to_list()))
        rows = np.searchsorted(numbers, orders["network"].to_numpy())
        columns = np.searchsorted(ks, orders["k"].to_numpy())
        null_negative[rows, columns] = (
            orders["null_negative"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        )
    accuracy = networks["test_accuracy"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    n = int(geometry["n"].max() or 0)  # type: ignore[arg-type]
    kept = networks["kept"].to_numpy()
    return Cell(n, ks, numbers, accuracy, kept, mass, curvature, null_negative)


class CellMoments(NamedTuple):
    """Of one cell, condition and measure: its kept networks, its ks, `sums` (networks, ks, 6).

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


def pair_sums(mass: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """Return the six sums of the pairs of every network and k, (S, K, 6); see `pooled_pearson`.

    mass, curvature: (S, K, L). Zeros where a layer is not connected. Pairs are centred and scaled
    per k, which changes no coefficient and keeps the digits; a constant becomes zeros.
    """
    pairs = [np.diff(mass, axis=2), curvature[:, :, :-1]]
    usable = np.isfinite(pairs[0]).all(axis=2) & np.isfinite(pairs[1]).all(axis=2)
    for side, values in enumerate(pairs):
        values = np.where(usable[:, :, None], values, 0.0)
        count = np.maximum(usable.sum(axis=0) * values.shape[2], 1)[None, :, None]
        centred = values - values.sum(axis=(0, 2))[None, :, None] / count
        centred = np.where(usable[:, :, None], centred, 0.0)
        spread = np.sqrt((centred**2).sum(axis=(0, 2)))[None, :, None] / np.sqrt(count)
        # What rounding leaves of a constant is no spread.
        varies = spread > 1e-12 * np.abs(values).max(axis=(0, 2), initial=0.0)[None, :, None]
        pairs[side] = np.where(varies, centred, 0.0) / np.where(varies, spread, 1.0)
    x, y = pairs
    terms = (x, y, x * x, y * y, x * y)
    size = usable * float(x.shape[2])
    return np.stack([size, *(term.sum(axis=2) for term in terms)], axis=-1)


def study_moments(
    cells: Mapping[tuple[str, str], Mapping[tuple[str, str], Cell]], order: Iterable[Key]
) -> dict[Key, CellMoments]:
    """Return the moments of the kept networks of every cell, condition and measure.

    cells: see `cells_of`; order: which of them, and in which order.
    """
    found = {}
    for condition, measure, *name in order:
        cell = cells[condition, measure][name[0], name[1]]
        sums = pair_sums(cell.mass[cell.kept], cell.curvature[cell.kept])
        networks = cell.numbers[cell.kept].tolist()
        found[condition, measure, name[0], name[1]] = CellMoments(
            cell.n, networks, cell.ks.tolist(), sums
        )
    return found
