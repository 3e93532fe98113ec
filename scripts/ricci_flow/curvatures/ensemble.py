"""The tables of a whole ensemble. Schemas: reports/guide/files.md."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

from ricci_flow.curvatures.interface import Curvature, graph_of_lists
from ricci_flow.curvatures.trail import Trail
from ricci_flow.graphs.grid import k_of_fraction
from ricci_flow.graphs.neighbours import nearest_neighbours
from ricci_flow.seeds import derive_generator
from ricci_flow.storage import TensorFile, damaged

_NAMES = {
    "data_set": pl.String,
    "architecture": pl.String,
    "condition": pl.String,
    "network": pl.Int32,
    "k_fraction": pl.Float64,
    "k": pl.Int32,
}
SCHEMAS = {
    "curvatures": {
        **_NAMES,
        "curvature": pl.String,
        "layer": pl.Int32,
        "edges": pl.Int64,
        "total": pl.Float64,
        "mean": pl.Float64,
        "gap": pl.Float64,
        "gap_reason": pl.String,
        "layer_points": pl.Int32,
        "layer_rho": pl.Float64,
        "layer_reason": pl.String,
    },
    "local": {
        **_NAMES,
        "curvature": pl.String,
        "points": pl.Int32,
        "rho": pl.Float64,
        "p": pl.Float64,
        "p_method": pl.String,
        "reason": pl.String,
        "local_points": pl.Int32,
        "local_apart": pl.Int32,
        "local_constant": pl.Int32,
        "local_median": pl.Float64,
        "local_low": pl.Float64,
        "local_high": pl.Float64,
        "local_negative": pl.Float64,
        "local_reason": pl.String,
    },
    "partition": {
        **_NAMES,
        "layer": pl.Int32,
        "edges": pl.Int64,
        "between": pl.Int64,
        "modularity": pl.Float64,
        "normalised_cut": pl.Float64,
        "reason": pl.String,
    },
}


@dataclass(frozen=True)
class Measured:
    """The tables by file stem (see SCHEMAS), processor seconds by curvature, graphs measured."""

    tables: dict[str, pl.DataFrame]
    seconds: dict[str, float]
    graphs: int


def measure_ensemble(
    layers: Path,
    labels: np.ndarray,
    notions: Mapping[str, Curvature],
    fractions: Sequence[float],
    networks: int,
    names: Sequence[str],
    seed_name: str,
    progress: Callable[[str], None],
) -> Measured:
    """Measure the first networks of activations layers.safetensors, all where there are fewer.

    labels: (n,) class of every test point; notions: functions by name; fractions: k as shares of
    the points, each of which has rows of its own; names: data set, architecture, condition;
    seed_name: root name of random streams, drawn from only where there are more than 13 layers.
    Raises InputError where there are not as many labels as points, or an activation is not finite.
    """
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in SCHEMAS}
    seconds = dict.fromkeys(notions, 0.0)
    trails: dict[tuple[int, int], Trail] = {}
    with TensorFile(layers) as file:
        depth, n = len(file.names), len(labels)
        if depth == 0:
            raise damaged(layers, "it holds no layers")
        for layer in range(1, depth + 1):
            # Read whole, whatever is measured of it, so that it is held against its checksum.
            activations = file[f"layer_{layer}"]
            if activations.ndim != 3 or activations.shape[1] != n:
                shape = activations.shape
                raise damaged(layers, f"layer_{layer} has shape {shape}; the data set {n} points")
            if not np.isfinite(activations).all():
                raise damaged(layers, f"layer_{layer} is not finite")
            if layer == 1:
                count = min(len(activations), networks)
                ks = sorted({k_of_fraction(fraction, n) for fraction in fractions})
                for key in product(range(count), ks):
                    trails[key] = Trail(labels, notions, seconds)
            for network in range(count):
                lists = nearest_neighbours(activations[network], ks[-1])
                for k in ks:
                    trails[network, k].add(*graph_of_lists(lists, k))
                progress(f"layer {layer} of {depth}, network {network + 1} of {count} measured")
    for network, fraction in product(range(count), sorted(fractions)):
        k = k_of_fraction(fraction, n)
        trail = trails[network, k]
        generator = derive_generator(seed_name, *names, network, "curvatures", k)
        label = dict(zip(_NAMES, (*names, network, fraction, k), strict=True))
        rows["curvatures"] += [label | row for row in trail.curvature_rows()]
        rows["local"] += [label | row for row in trail.local_rows(generator)]
        rows["partition"] += [label | row for row in trail.partition_rows()]
    tables = {
        name: pl.DataFrame([{key: row.get(key) for key in schema} for row in rows[name]], schema)
        for name, schema in SCHEMAS.items()
    }
    return Measured(tables, seconds, count * depth * len(ks))
