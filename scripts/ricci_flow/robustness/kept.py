"""What became of an ensemble's kept networks at the k* of their cell."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from ricci_flow.robustness.schema import ENSEMBLE, POLICIES
from ricci_flow.storage import damaged, read_table

# How the reason of a network whose graph falls apart begins in coefficients networks.parquet.
APART = "not connected"
_NETWORKS = (*ENSEMBLE, "network", "convention", "k", "rho", "reason", "kept")
_CELL = (*ENSEMBLE, "convention", "k", "is_k_star")


def policies_of(variants: Iterable[str]) -> list[str]:
    """Return the variants that are policies for graphs that fall apart, in POLICIES' order."""
    asked = set(variants)
    return [policy for policy in POLICIES if policy in asked]


def read_kept(networks: Path, cell: Path, names: Sequence[str]) -> pl.DataFrame:
    """Return what became of an ensemble's kept networks at k*: a row a network and convention.

    networks, cell: coefficients networks.parquet and cell.parquet of the ensemble `names` (data
    set, architecture, condition). Columns: those of the ensemble, network, convention, k (k* of
    the cell; null where it has none), rho, reason (why rho is null). Raises InputError naming the
    file that is damaged, is of another ensemble, or lacks the k* of the other.
    """
    tables = []
    for path, needed in ((networks, _NETWORKS), (cell, _CELL)):
        table = read_table(path, needed)
        if table.select(ENSEMBLE).unique().rows() != [tuple(names)]:
            raise damaged(path, f"it is not of {'/'.join(names)}")
        tables.append(table)
    coefficients, cells = tables
    stars = cells.filter("is_k_star").select("convention", "k")
    kept = coefficients.filter("kept")
    wanted = ["network", "convention", "k", "rho", "reason"]
    there = kept.join(stars, on=["convention", "k"], how="inner").select(wanted)
    every = kept.select("network", "convention").unique()
    measured = coefficients.select("convention", "k").unique()
    if len(stars.join(measured, on=["convention", "k"], how="anti")):
        raise damaged(networks, f"it has no coefficients at a k* of {cell}")
    found = every.join(there, on=["network", "convention"], how="left", validate="1:1")
    return found.sort("network", "convention").select(
        *(pl.lit(name).alias(key) for key, name in zip(ENSEMBLE, names, strict=True)), *wanted
    )


def fallen_apart(kept: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `read_kept` whose network has no rho as a graph is not connected."""
    return kept.filter(pl.col("rho").is_null() & pl.col("reason").str.starts_with(APART))
