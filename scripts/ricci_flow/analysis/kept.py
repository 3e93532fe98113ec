"""What became of an ensemble's kept networks at the k* of their cell."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ricci_flow.storage import damaged, read_table
from ricci_flow.tables.keys import ENSEMBLE

# How the reason of a network whose graph is not connected begins in coefficients networks.parquet.
NOT_CONNECTED = "not connected"
_NETWORKS = (*ENSEMBLE, "network", "measure", "k", "rho", "reason", "kept")
_CELL = (*ENSEMBLE, "measure", "k", "is_k_star")


def read_kept(networks: Path, cell: Path, names: Sequence[str]) -> pl.DataFrame:
    """Return what became of an ensemble's kept networks at k*: one row per network and measure.

    networks, cell: coefficients networks.parquet and cell.parquet of the ensemble `names` (data
    set, architecture, condition). Columns: those of the ensemble, network, measure, k (k* of
    the cell; null where it has none), rho, reason (why rho is null). Raises InputError naming the
    file that is damaged, is of another ensemble, or has no rows at the k* of `cell`.
    """
    tables = []
    for path, needed in ((networks, _NETWORKS), (cell, _CELL)):
        table = read_table(path, needed)
        if table.select(ENSEMBLE).unique().rows() != [tuple(names)]:
            raise damaged(path, f"it is not of {'/'.join(names)}")
        tables.append(table)
    coefficients, cells = tables
    stars = cells.filter("is_k_star").select("measure", "k")
    kept = coefficients.filter("kept")
    wanted = ["network", "measure", "k", "rho", "reason"]
    there = kept.join(stars, on=["measure", "k"], how="inner").select(wanted)
    every = kept.select("network", "measure").unique()
    measured = coefficients.select("measure", "k").unique()
    if len(stars.join(measured, on=["measure", "k"], how="anti")):
        raise damaged(networks, f"it has no coefficients at a k* of {cell}")
    found = every.join(there, on=["network", "measure"], how="left", validate="1:1")
    return found.sort("network", "measure").select(
        *(pl.lit(name).alias(key) for key, name in zip(ENSEMBLE, names, strict=True)), *wanted
    )


def not_connected(kept: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `read_kept` whose network has no rho as a graph is not connected."""
    return kept.filter(pl.col("rho").is_null() & pl.col("reason").str.starts_with(NOT_CONNECTED))


def excluded_at_k_star(kept: pl.DataFrame) -> dict[int, list[int]]:
    """Return the k* (of each measure, ascending) at which a network is not connected, by network.

    kept: see `read_kept`; networks ascending.
    """
    rows = not_connected(kept).select("network", "k").unique().sort("network", "k").rows()
    found: dict[int, list[int]] = {}
    for network, k in rows:
        found.setdefault(network, []).append(k)
    return found
