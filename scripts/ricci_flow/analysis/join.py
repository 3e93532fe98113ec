"""The tables of all ensembles, read and joined: accuracy, and networks at the k* of their cell."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from ricci_flow.storage import damaged, read_table, stack_tables
from ricci_flow.tables.keys import ENSEMBLE, NETWORK_KEYS
from ricci_flow.tables.schema import Table


def accuracy_table(
    networks: pl.DataFrame, thresholds: Mapping[str, float | None], unfiltered: Sequence[str] = ()
) -> pl.DataFrame:
    """Return accuracy.parquet: every network, its data set's threshold, whether it is kept.

    unfiltered: conditions whose networks are kept whatever their accuracy; threshold null, as of a
    data set that has none.
    Elsewhere a network without a test accuracy is not kept.
    """
    threshold = pl.col("data_set").replace_strict(dict(thresholds), return_dtype=pl.Float64)
    return networks.with_columns(
        threshold=pl.when(~pl.col("condition").is_in(list(unfiltered))).then(threshold)
    ).with_columns(
        kept=pl.col("threshold").is_null()
        | (pl.col("test_accuracy") > pl.col("threshold")).fill_null(value=False)
    )


def at_k_star(coefficients: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of networks at the k* of their cell and measure.

    Networks of a cell without a k* (nothing kept, or nothing connected at any k) have no row.
    """
    return _at(coefficients, cells.filter("is_k_star"))


def at_fixed_k(coefficients: pl.DataFrame, curves: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of networks at the k that `k_curves` marks as fixed beforehand."""
    return _at(coefficients, curves.filter("fixed"))


def _at(coefficients: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    on = [*ENSEMBLE, "measure", "k"]
    return coefficients.join(chosen.select(on), on=on, how="inner", maintain_order="left")


def with_shape(table: pl.DataFrame, architectures: Mapping[str, tuple[int, str]]) -> pl.DataFrame:
    """Add the columns depth and width: of every architecture as `Architecture` has them."""
    name = pl.col("architecture")
    depth = {key: depth for key, (depth, _) in architectures.items()}
    width = {key: width for key, (_, width) in architectures.items()}
    return table.with_columns(
        depth=name.replace_strict(depth, return_dtype=pl.Int32),
        width=name.replace_strict(width, return_dtype=pl.String),
    )


def layers_at_k_star(geometry: pl.DataFrame, networks: pl.DataFrame) -> pl.DataFrame:
    """Return layers.parquet: mean and sd over kept, defined networks of each layer at k*.

    geometry: all layers.parquet; networks: coefficients at k*. The sd (n - 1) is null for a
    single network.
    """
    chosen = networks.filter(pl.col("kept") & pl.col("rho").is_not_null())
    keys = [*NETWORK_KEYS, "measure", "k"]
    return (
        geometry.join(chosen.select(keys), on=keys, how="inner", maintain_order="left")
        .group_by([*ENSEMBLE, "measure", "k", "layer"], maintain_order=True)
        .agg(
            networks=pl.len().cast(pl.Int32),
            curvature=pl.col("curvature").mean(),
            curvature_sd=pl.col("curvature").std(),
            geodesic_mass=pl.col("geodesic_mass").mean(),
            geodesic_mass_sd=pl.col("geodesic_mass").std(),
        )
    )


def median_pairs(geometry: pl.DataFrame, networks: pl.DataFrame) -> pl.DataFrame:
    """Return pairs.parquet: (eta, Ric) of the network of (lower) median rho of each cell at k*."""
    keys = [*NETWORK_KEYS, "measure", "k"]
    ranked = (
        networks.filter(pl.col("kept") & pl.col("rho").is_not_null())
        .sort("rho", "network")
        .group_by([*ENSEMBLE, "measure"], maintain_order=True)
        .agg(pl.all().get((pl.len() - 1) // 2))
        .select([*keys, "rho"])
    )
    return (
        geometry.join(ranked, on=keys, how="inner", maintain_order="left")
        .with_columns(
            eta=pl.col("geodesic_mass").shift(-1).over(keys) - pl.col("geodesic_mass"),
        )
        .filter(pl.col("eta").is_not_null())
        .select([*keys, "layer", "eta", "curvature", "rho"])
    )


def read_ensembles(
    root: Path,
    stage: str,
    file: str,
    ensembles: Sequence[str],
    needed: Table | Sequence[str] = ENSEMBLE,
    *,
    may_be_empty: bool = False,
) -> pl.DataFrame:
    """Read a stage's table of all ensembles ("data_set/architecture/condition"), in their order.

    needed: what each table must be, or columns that it must have. Raises InputError naming the file
    that is damaged, another table, of another ensemble, or of other columns than most.
    """
    paths = [root / stage / ensemble / file for ensemble in ensembles]
    needed = needed if isinstance(needed, Table) else [*ENSEMBLE, *needed]
    tables = [read_table(path, needed) for path in paths]
    for path, ensemble, table in zip(paths, ensembles, tables, strict=True):
        found = {"/".join(names) for names in table.select(ENSEMBLE).unique().rows()}
        if found != {ensemble} and (found or not may_be_empty):
            raise damaged(path, f"it is not of {ensemble} but of {', '.join(found) or 'nothing'}")
    return stack_tables(paths, tables)
