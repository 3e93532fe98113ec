"""Coefficients of the networks of further blocks: other measures, graphs, points, weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ricci_flow.analysis.join import read_ensembles
from ricci_flow.coefficients.series import series_coefficient
from ricci_flow.measurement.settings import REFERENCE
from ricci_flow.seeds import derive_generator
from ricci_flow.tables.keys import ENSEMBLE
from ricci_flow.tables.measures import LOCAL, MEASURES, SERIES
from ricci_flow.tables.statistics import FURTHER

_SERIES = [column.name for column in SERIES]
# What a coefficient and the one under the pipeline's own setting have in common.
_PAIR = ["block", *ENSEMBLE, "network", "measure", "k_fraction", "k_of_share"]
_COEFFICIENT = ("points", "rho", "p", "p_method", "reason")


def further_networks(
    root: Path, blocks: Mapping[str, Sequence[str]], seed_name: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return statistics/further.parquet, and the long tables behind it with the name of the block.

    root: results/<study>; blocks: the ensembles, "data_set/architecture/condition", that each was
    measured of; seed_name: root name of random streams, drawn from only where there are more than
    13 layers. Raises InputError naming the file that is damaged, or of another ensemble.
    """
    tables, rows = [], []
    for block, ensembles in blocks.items():
        table = read_ensembles(root, "measures", f"{block}.parquet", ensembles, MEASURES)
        local = read_ensembles(
            root, "measures", f"{block}.local.parquet", ensembles, LOCAL, may_be_empty=True
        )
        found = block_coefficients(table, local, seed_name)
        rows.append(found.with_columns(block=pl.lit(block)))
        tables.append(table.with_columns(block=pl.lit(block)))
    if not tables:
        long = pl.DataFrame(schema={**MEASURES.schema, "block": pl.String})
        return FURTHER.frame(), long
    return FURTHER.check(with_reference(pl.concat(rows))), pl.concat(tables)


def block_coefficients(table: pl.DataFrame, local: pl.DataFrame, seed_name: str) -> pl.DataFrame:
    """Return a row per network, setting, draw, k and measure of a block, in the order of `table`.

    table, local: the tables that the block made, of several ensembles, concatenated. A
    measure of whole networks has no coefficient.
    """
    rows = []
    layers = table.filter(pl.col("scope") != "network")
    for key, part in layers.group_by(_SERIES, maintain_order=True):
        names = dict(zip(_SERIES, key, strict=True))
        rows.append(names | _coefficient(part, names, seed_name))
    schema = {name: FURTHER.schema[name] for name in FURTHER.names[1:-1]}
    found = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema)
    points = [name for name in LOCAL.names if name not in _SERIES]
    return found.drop(points).join(
        local, on=_SERIES, how="left", nulls_equal=True, maintain_order="left"
    )


def _coefficient(part: pl.DataFrame, names: Mapping[str, Any], seed_name: str) -> dict[str, Any]:
    """Return the coefficient of one series of layers."""
    first = part.row(0, named=True)
    row = {"scope": first["scope"], "n": first["n"], "deviation": first["deviation"]}
    if first["layer"] is None:
        return row | {"reason": first["reason"]}
    row["left_out"] = part["left_out"].max()
    stream = [names[name] for name in (*ENSEMBLE, "network", "setting", "measure", "k")]
    generator = derive_generator(seed_name, *stream, names["draw"] or 0, "permutation")
    found = series_coefficient(part, generator)
    return row | {name: found.get(name) for name in _COEFFICIENT}


def with_reference(networks: pl.DataFrame) -> pl.DataFrame:
    """Return further.parquet with `reference`: rho of the same network under the setting knn.

    Of the same block, measure and share of points; at the same k where no share was asked for.
    """
    keyed = networks.drop("reference", strict=False).with_columns(
        k_of_share=pl.when(pl.col("k_fraction").is_null()).then("k").otherwise(None)
    )
    own = keyed.filter(setting=REFERENCE).select(*_PAIR, reference="rho")
    both = keyed.join(own, on=_PAIR, how="left", nulls_equal=True, maintain_order="left")
    return both.select(FURTHER.names)
