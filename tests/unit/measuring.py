"""What one cloud, or one network, gives: shortcuts to the stage of measures, for tests."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from ricci_flow.analysis.further import block_coefficients
from ricci_flow.graphs.cloud import Cloud
from ricci_flow.graphs.graph import union_graphs
from ricci_flow.graphs.kinds import builder
from ricci_flow.measurement.ensemble import Plan, measure_ensemble
from ricci_flow.measurement.grids import grid_of
from ricci_flow.measurement.registry import load_measures
from ricci_flow.measurement.settings import read_settings
from ricci_flow.measurement.sources import Activations
from ricci_flow.measures.base import Layer
from ricci_flow.seeds import derive_generator
from ricci_flow.storage import write_json, write_tensors
from ricci_flow.yaml_file import load_yaml

FORMAN = {name: {"module": name} for name in ("forman_directed", "forman_union")}


def measure_graph(graph, measures):
    """Return the values of measures of one graph by name, of those that it has."""
    values = {}
    for name, measure in measures.items():
        if measure.directed and graph.out_degrees is None:
            continue
        if measure.scope == "layer":
            values[name] = measure.function(Layer(graph))
        else:
            values[name] = graph.per_layer(float(measure.function(graph).sum()))
            assert values[name] == graph.per_layer(measure.total(graph))
    return values


def measure_layer(points, grid):
    """Return a row per k and measure of the kNN graph of points (n, d)."""
    measures, rows = load_measures(FORMAN, "test"), []
    cloud = Cloud(np.asarray(points), max(grid))
    for k, graph in zip(sorted(set(grid)), union_graphs(cloud.lists, grid), strict=True):
        for name, value in measure_graph(graph, measures).items():
            directed = name == "forman_directed"
            edges = graph.out_degrees.sum() if directed else len(graph.edges)
            rows.append(
                SimpleNamespace(
                    k=k,
                    measure=name,
                    n=graph.n,
                    edges=int(edges),
                    curvature=value,
                    components=graph.components,
                    connected=graph.connected,
                    geodesic_mass=graph.geodesic_mass,
                    diameter=graph.diameter if graph.connected else None,
                    in_degree_variance=float(np.var(graph.in_degrees)),
                )
            )
    return rows


def measure_points(points, ks, kinds=()):
    """Return (kind of graph, k) -> mass, curvature by measure, and points that are left out."""
    measures, found = load_measures(FORMAN, "test"), {}
    cloud, grid = Cloud(np.asarray(points), max(ks)), sorted(set(ks))
    for k, union in zip(grid, union_graphs(cloud.lists, grid), strict=True):
        for kind in ("knn", *kinds):
            graph = builder(kind)(cloud, k, union)
            found[kind, k] = SimpleNamespace(
                mass=graph.geodesic_mass,
                curvature=measure_graph(graph, measures),
                left_out=graph.left_out,
            )
    return found


def network_rows(folder, settings, layers, X, *, weights=None, activation="relu", draws=2,
                 fractions=(0.2, 0.4), measures=FORMAN, catalogue=None, spare=None):  # fmt: skip
    """Return the coefficients of one network under settings of the catalogue, one dict each.

    layers: (n, width) of its hidden layers; X: (n, d); weights: W1.. (1, a, b) and b1.. (1, b);
    spare: (m, d) test points that were not drawn.
    """
    labels = (np.arange(len(X)) % 2).astype(np.uint8)
    names = ("data.safetensors", "data.json", "layers.safetensors", "weights.safetensors")
    data, facts, file, kept = (folder / name for name in names)
    left = {} if spare is None else {"X_spare": spare, "y_spare": np.zeros(len(spare), np.uint8)}
    write_tensors(data, {"X_train": X, "X_test": X, "y_train": labels, "y_test": labels} | left)
    write_json(facts, {"scale": "none", "unit": 1.0})
    write_tensors(file, {f"layer_{i}": layer[None] for i, layer in enumerate(layers, 1)})
    if weights is not None:
        write_tensors(kept, weights, {"activation": activation})
    source = Activations(
        file, range(1), labels, lambda *names: derive_generator("test", *names), data, facts,
        weights=None if weights is None else kept,
    )  # fmt: skip
    chosen = read_settings({name: (catalogue or settings_catalogue())[name] for name in settings})
    grid = grid_of(None, fractions, by_share=True)
    plan = Plan(load_measures(measures, "test"), chosen, grid, draws)
    found = measure_ensemble(plan, source, ("d", "a", "c"), lambda line: None)
    return block_coefficients(found.table, found.local, "test").rows(named=True)


def settings_catalogue():
    """Return config/settings.yaml."""
    return load_yaml(Path(__file__).parents[2] / "config" / "settings.yaml")
