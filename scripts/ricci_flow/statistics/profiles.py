"""Cells as arrays: what geometry, accuracy and coefficients say of all networks of a cell."""

from dataclasses import dataclass

import numpy as np
import polars as pl

CELL = ["data_set", "architecture"]
KEYS = ["condition", "convention", *CELL]


@dataclass(frozen=True)
class Cell:
    """Networks of one cell under one condition and convention.

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
    """Return the cells, by (condition, convention), then by (data set, architecture).

    geometry: all layers.parquet; accuracy: accuracy.parquet; coefficients: all networks.parquet
    of stage 6.
    """
    orders = coefficients.select(*KEYS, "network", "k", "null_negative").partition_by(
        KEYS, as_dict=True
    )
    people = accuracy.partition_by(["condition", *CELL], as_dict=True)
    found: dict[tuple[str, str], dict[tuple[str, str], Cell]] = {}
    for key, part in geometry.partition_by(KEYS, as_dict=True).items():
        condition, convention, *cell = map(str, key)
        who = people.get((condition, *cell))
        if who is not None:
            group = found.setdefault((condition, convention), {})
            group[cell[0], cell[1]] = _cell(part, who.sort("network"), orders.get(key))
    return found


def _cell(geometry: pl.DataFrame, who: pl.DataFrame, orders: pl.DataFrame | None) -> Cell:
    numbers = who["network"].to_numpy()
    ks = geometry["k"].unique().sort().to_numpy()
    shape = (len(numbers), len(ks), int(geometry["layer"].max()))  # type: ignore[arg-type]
    mass, curvature = np.full(shape, np.nan), np.full(shape, np.nan)
    geometry = geometry.filter(pl.col("network").is_in(who["network"].to_list()))
    place = (
        np.searchsorted(numbers, geometry["network"].to_numpy()),
        np.searchsorted(ks, geometry["k"].to_numpy()),
        geometry["layer"].to_numpy() - 1,
    )
    mass[place] = geometry["geodesic_mass"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    curvature[place] = geometry["curvature"].to_numpy()
    null_negative = np.full(shape[:2], np.nan)
    if orders is not None:
        orders = orders.filter(pl.col("network").is_in(who["network"].to_list()))
        rows = np.searchsorted(numbers, orders["network"].to_numpy())
        columns = np.searchsorted(ks, orders["k"].to_numpy())
        null_negative[rows, columns] = (
            orders["null_negative"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        )
    accuracy = who["test_accuracy"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    n = int(geometry["n"].max() or 0)  # type: ignore[arg-type]
    kept = who["kept"].to_numpy()
    return Cell(n, ks, numbers, accuracy, kept, mass, curvature, null_negative)
