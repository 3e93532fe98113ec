"""The tables that stage 6 reads, compared with each other."""

from pathlib import Path

import polars as pl

from ricci_flow.storage import damaged, read_table
from ricci_flow.tables import measures, training
from ricci_flow.tables.keys import ENSEMBLE


def layers_of(main: pl.DataFrame) -> pl.DataFrame:
    """Return measures main.parquet with the value of the measure as `curvature`, nan where none."""
    return main.with_columns(pl.col("value").fill_null(float("nan"))).rename({"value": "curvature"})


def read_ensemble(geometry: Path, networks: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read measures main.parquet and training networks.parquet of one ensemble.

    Raises InputError naming the file that is damaged, where they are of different ensembles or
    networks, or where a network lacks a layer, a k or a measure.
    """
    layers = layers_of(read_table(geometry, measures.MEASURES))
    trained = read_table(networks, training.NETWORKS)
    names = []
    for path, table in ((networks, trained), (geometry, layers)):
        found = table.select(ENSEMBLE).unique()
        if len(found) != 1:
            raise damaged(path, f"it holds {len(found)} ensembles instead of one")
        names.append("/".join(found.row(0)))
    if names[0] != names[1]:
        raise damaged(geometry, f"it is of {names[1]}, and {networks} of {names[0]}")
    if set(layers["network"]) != set(trained["network"]):
        raise damaged(geometry, f"its networks are not those of {networks}")
    keys = ["network", "layer", "k", "measure"]
    whole = 1
    for key in keys:
        whole *= layers[key].n_unique()
    if len(layers) != whole or layers.select(keys).is_duplicated().any():
        raise damaged(geometry, "a network lacks a layer, a k or a measure")
    return layers, trained
