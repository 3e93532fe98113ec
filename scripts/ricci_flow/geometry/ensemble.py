"""The geometry table of a whole ensemble."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import polars as pl

from ricci_flow.errors import InputError
from ricci_flow.geometry.measure import measure_layer
from ricci_flow.graphs.ensemble import open_graphs
from ricci_flow.graphs.grid import resolve_grid
from ricci_flow.tables.graphs import LAYERS


def measure_ensemble(
    neighbours: Path,
    grid: Sequence[int] | None,
    fractions: Sequence[float] | None,
    conventions: Sequence[str],
    names: Sequence[str],
    progress: Callable[[str], None],
) -> pl.DataFrame:
    """Return geometry layers.parquet of one ensemble.

    neighbours: graphs neighbours.safetensors; grid or fractions: the k, or their shares of the
    points; names: data set, architecture, condition.
    Raises InputError where a k exceeds the k_max that was searched.
    """
    labels = dict(zip(("data_set", "architecture", "condition"), names, strict=True))
    rows = []
    with open_graphs(neighbours) as graphs:
        networks, depth = graphs.networks, graphs.layers
        ks = resolve_grid(grid, fractions, graphs.n)
        if ks[-1] > graphs.k_max:
            raise InputError(f"{neighbours}: searched up to k = {graphs.k_max}, not {ks[-1]}")
    for layer in range(1, depth + 1):
        for network in range(networks):
            # Opened anew each time: what was read of an open file counts as this job's memory.
            with open_graphs(neighbours) as graphs:
                lists = graphs.lists(layer, network)
            rows += [
                labels | {"network": network, "layer": layer} | asdict(row)
                for row in measure_layer(lists, ks)
                if row.convention in conventions
            ]
        progress(f"layer {layer} of {depth} measured at {len(ks)} k")
    return LAYERS.frame(rows).sort("network", "layer", "k", "convention")
