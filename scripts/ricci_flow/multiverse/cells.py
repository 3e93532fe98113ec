"""The cells of a study under one specification."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.analysis.cells import Cell
from ricci_flow.claims.estimates import Cells as AnyCells
from ricci_flow.storage import damaged, read_table
from ricci_flow.tables.keys import ENSEMBLE
from ricci_flow.tables.multiverse import SERIES

# Measure, policy, layers.
Key = tuple[str, str, str]
# By (condition, measure), then by (data set, architecture).
Cells = dict[tuple[str, str], dict[tuple[str, str], Cell]]


def read_cells(root: Path, ensembles: Sequence[str], accuracy: pl.DataFrame) -> dict[Key, Cells]:
    """Return the cells of every measure, policy and layers, of networks above the threshold.

    root: results/STUDY; ensembles: "data_set/architecture/condition"; accuracy: see
    `analysis.join.accuracy_table`. Raises InputError naming the file that is damaged or of another
    ensemble.
    """
    found: dict[Key, Cells] = {}
    for ensemble in ensembles:
        names = tuple(ensemble.split("/"))
        path = root / "coefficients" / ensemble / "choices.parquet"
        table = read_table(path, SERIES)
        if table.select(ENSEMBLE).unique().rows() != [names]:
            raise damaged(path, f"it is not of {ensemble}")
        data_set, architecture, condition = names
        networks = accuracy.filter(
            data_set=data_set, architecture=architecture, condition=condition
        ).sort("network")
        for key, part in table.group_by(["measure", "policy", "layers"], maintain_order=True):
            measure, policy, layers = map(str, key)
            group = found.setdefault((measure, policy, layers), {}).setdefault(
                (condition, measure), {}
            )
            group[data_set, architecture] = _cell(part, networks)
    return found


def _cell(table: pl.DataFrame, networks: pl.DataFrame) -> Cell:
    numbers = networks["network"].to_numpy()
    table = table.filter(pl.col("network").is_in(numbers.tolist()))
    ks = table["k"].unique().sort().to_numpy()
    place = (
        np.searchsorted(numbers, table["network"].to_numpy()),
        np.searchsorted(ks, table["k"].to_numpy()),
    )
    depth = int(table["series"].list.len().max() or 0)  # type: ignore[arg-type]
    arrays = {}
    long = table.select("series").explode("series").unnest("series")
    for name in ("geodesic_mass", "curvature"):
        arrays[name] = np.full((len(numbers), len(ks), depth), np.nan)
        values = long[name].fill_null(np.nan).to_numpy()
        arrays[name][place] = values.reshape(len(table), depth)
    mass, curvature = arrays["geodesic_mass"], arrays["curvature"]
    mass[np.isnan(curvature)] = np.nan  # a layer without either is left out alike
    null_negative = np.full((len(numbers), len(ks)), np.nan)
    null_negative[place] = table["null_negative"].fill_null(np.nan).to_numpy()
    accuracy = networks["test_accuracy"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    kept = networks["kept"].to_numpy()
    n = int(table["n"].max() or 0)  # type: ignore[arg-type]
    return Cell(n, ks, numbers, accuracy, kept, mass, curvature, null_negative)


def of_data_sets(
    cells: AnyCells, data_sets: Sequence[str]
) -> dict[tuple[str, str], dict[tuple[str, str], Any]]:
    """Return the cells of some data sets; a condition without any is left out."""
    chosen = {
        key: {name: cell for name, cell in group.items() if name[0] in data_sets}
        for key, group in cells.items()
    }
    return {key: group for key, group in chosen.items() if group}


def all_kept(cells: AnyCells) -> AnyCells:
    """Return the cells with every network kept, whatever its accuracy."""
    return {
        key: {
            name: replace(cell, kept=np.ones_like(cell.kept, dtype=bool))
            for name, cell in group.items()
        }
        for key, group in cells.items()
    }
