"""Local and layer coefficients, measures of layers, tables against slow literal references."""

import importlib.util
import json
import sys
from itertools import pairwise

import networkx as nx
import numpy as np
import polars as pl
import pytest
from scipy.stats import pearsonr

from ricci_flow.analysis.further import block_coefficients
from ricci_flow.coefficients.local import (
    drawn_orders,
    layer_coefficient,
    local_coefficients,
    of_layer_orders,
)
from ricci_flow.coefficients.ricci import ricci_coefficient
from ricci_flow.graphs.graph import graph_of_edges
from ricci_flow.graphs.partition import Partition, across, curvature_gap
from ricci_flow.measurement.points import local_changes
from ricci_flow.measures import modularity, normalised_cut
from ricci_flow.measures.base import Layer, Undefined
from ricci_flow.seeds import derive_generator
from ricci_flow.storage import write_json, write_tensors
from tests import jobs
from tests.unit.clouds import digraph, literal_mass, literal_neighbours

NAMES = ["toy", "small", "trained"]


def union(graph):
    return graph_of_edges(len(graph), np.array(graph.edges, dtype=np.int32))


def literal_change(graph, following, x):
    """Mean over x's neighbours of the change of hop distance, None where one is out of reach."""
    hops = nx.single_source_shortest_path_length(following, x)
    if not all(y in hops for y in graph[x]):
        return None
    return sum(hops[y] - 1 for y in graph[x]) / graph.degree(x)


def literal_mean(graph, x):
    """Mean Forman curvature of the edges at x."""
    values = [4 - graph.degree(x) - graph.degree(y) for y in graph[x]]
    return sum(values) / len(values)


@pytest.mark.parametrize("seed", range(4))
def test_changes_of_distance_literally(seed):
    graph = nx.watts_strogatz_graph(60, 6, 0.2, seed=seed)
    following = nx.gnm_random_graph(60, 90, seed=seed)
    found = local_changes(union(graph), union(following))
    expected = [literal_change(graph, following, x) for x in range(60)]
    assert any(value is None for value in expected)
    assert [None if np.isnan(value) else value for value in found] == expected


def test_no_distance_changes_where_the_graph_stays():
    graph = union(nx.watts_strogatz_graph(40, 4, 0.3, seed=1))
    assert (local_changes(graph, graph) == 0).all()


def test_local_coefficients_literally():
    rng = np.random.default_rng(0)
    changes, means = rng.normal(size=(2, 5, 30))
    changes[2, 7] = np.nan
    changes[:, 8] = 0.5
    means[:, 9] = -3
    found = local_coefficients(changes, means)
    assert (found.apart, found.constant) == (1, 2)
    assert np.flatnonzero(np.isnan(found.rho)).tolist() == [7, 8, 9]
    for x in set(range(30)) - {7, 8, 9}:
        assert found.rho[x] == pytest.approx(pearsonr(changes[:, x], means[:, x])[0], abs=1e-12)


def test_layer_coefficient_leaves_out_points_without_a_change():
    rng = np.random.default_rng(1)
    changes, means = rng.normal(size=(2, 30))
    changes[4:9] = np.nan
    keep = [x for x in range(30) if not 4 <= x < 9]
    points, rho, reason = layer_coefficient(changes, means)
    assert (points, reason) == (25, None)
    assert rho == pytest.approx(pearsonr(changes[keep], means[keep])[0], abs=1e-12)
    assert layer_coefficient(np.full(9, np.nan), means[:9])[2].startswith("0 points")
    assert layer_coefficient(np.zeros(9), means[:9]) == (9, None, "constant curvature or change")


def literal_local(graphs):
    """The local coefficients that are defined, of graphs of the layers in order."""
    found = []
    for x in range(len(graphs[0])):
        changes = [literal_change(*pair, x) for pair in pairwise(graphs)]
        if None not in changes and np.ptp(changes) > 0:
            found.append(pearsonr(changes, [literal_mean(g, x) for g in graphs[:-1]])[0])
    return np.array(found)


def test_layer_orders_literally():
    graphs = [
        nx.connected_watts_strogatz_graph(41, 8, p, seed=i)
        for i, p in enumerate((0, 0.1, 0.4, 0.2, 0.9))
    ]
    means = [np.array([literal_mean(g, x) for x in g]) for g in graphs]
    orders = drawn_orders(5, 6, np.random.default_rng(0))
    assert sorted(map(tuple, np.sort(orders, axis=1))) == [tuple(range(5))] * 6
    assert len({tuple(order) for order in orders.tolist()}) > 1
    found = of_layer_orders(
        lambda i, j: local_changes(union(graphs[i]), union(graphs[j])), means, orders
    )
    rho = [literal_local([graphs[i] for i in order]) for order in orders]
    assert found[0] == pytest.approx(np.mean([r.mean() for r in rho]), abs=1e-12)
    assert found[1] == pytest.approx(np.mean([(r < 0).mean() for r in rho]), abs=1e-12)
    flat = of_layer_orders(lambda i, j: np.zeros(41), means, orders)
    assert flat == (None, None)


@pytest.mark.parametrize("seed", range(4))
def test_partition_against_networkx(seed):
    graph = nx.gnm_random_graph(50, 200, seed=seed)
    labels = np.random.default_rng(seed).integers(0, 2, 50).astype(np.uint8)
    sides = [set(np.flatnonzero(labels == side).tolist()) for side in (0, 1)]
    layer = Layer(union(graph), labels)
    assert modularity.measure(layer) == pytest.approx(
        nx.community.modularity(graph, sides), abs=1e-12
    )
    assert normalised_cut.measure(layer) == pytest.approx(
        nx.normalized_cut_size(graph, *sides), rel=1e-12
    )
    found = Partition.of(layer.graph, labels)
    assert (found.edges, found.between) == (200, nx.cut_size(graph, *sides))


def test_partition_into_three_classes_against_networkx():
    graph = nx.gnm_random_graph(60, 240, seed=1)
    labels = np.random.default_rng(1).integers(0, 3, 60).astype(np.uint8)
    sides = [set(np.flatnonzero(labels == side).tolist()) for side in range(3)]
    layer = Layer(union(graph), labels)
    assert modularity.measure(layer) == pytest.approx(
        nx.community.modularity(graph, sides), abs=1e-12
    )
    cut = sum(nx.cut_size(graph, side) / nx.volume(graph, side) for side in sides)
    assert normalised_cut.measure(layer) == pytest.approx(cut, rel=1e-12)


def test_partition_of_two_cliques_in_closed_form():
    graph = union(nx.disjoint_union(nx.complete_graph(6), nx.complete_graph(6)))
    labels = np.repeat([0, 1], 6).astype(np.uint8)
    assert modularity.measure(Layer(graph, labels)) == pytest.approx(0.5)
    assert normalised_cut.measure(Layer(graph, labels)) == 0
    for measure in (modularity.measure, normalised_cut.measure):
        with pytest.raises(Undefined, match="a class has no edge"):
            measure(Layer(graph, np.zeros(12, np.uint8)))
        with pytest.raises(Undefined, match="classes are not known"):
            measure(Layer(graph))
    assert curvature_gap(np.arange(30.0), across(graph, labels))[1] == "no edge between the classes"


def test_curvature_gap_literally():
    rng = np.random.default_rng(2)
    values, crosses = rng.normal(size=200), rng.random(200) < 0.3
    values[crosses] -= 2
    inside = [v for v, c in zip(values, crosses, strict=True) if not c]
    outside = [v for v, c in zip(values, crosses, strict=True) if c]

    def moments(x):
        mean = sum(x) / len(x)
        return mean, sum((v - mean) ** 2 for v in x) / len(x)

    (a, var_a), (b, var_b) = moments(inside), moments(outside)
    gap, reason = curvature_gap(values, crosses)
    assert gap == pytest.approx((a - b) / ((var_a + var_b) / 2) ** 0.5, rel=1e-10)
    assert reason is None
    assert curvature_gap(values, ~crosses)[0] == pytest.approx(-gap, rel=1e-12)
    assert curvature_gap(np.ones(200), crosses) == (None, "curvature does not vary")


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Two networks of three, 5 layers; in the second network layer 3 tears an end off layer 2."""
    folder = tmp_path_factory.mktemp("curvatures")
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1], 20).astype(np.uint8)
    layers = {f"layer_{i}": rng.normal(size=(3, 40, 3)).astype(np.float32) for i in range(1, 6)}
    layers["layer_2"][1] *= [5, 1, 1]
    torn = layers["layer_2"][1, :, 0] > np.sort(layers["layer_2"][1, :, 0])[29]
    layers["layer_3"][1] += 1000 * torn[:, None]
    write_tensors(folder / "layers", layers)
    assert call(folder, labels, **ASKED, k_fractions=[0.2, 0.1], networks=2) == 0
    tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in ("table", "local")}
    tables["coefficients"] = block_coefficients(tables["table"], tables["local"], "s")
    return layers, tables, json.loads((folder / "costs.json").read_text())


ASKED = {
    "measures": {
        "forman": {"module": "forman_union"},
        "lazy": {"module": "ollivier", "options": {"idleness": 0.5}},
        "modularity": {"module": "modularity"},
    },
    "local": True,
    "layer_orders": 3,
    "seed_name": "s",
}


def call(folder, labels, **fields):
    """Run the entry on layers that lie in a folder; return its status."""
    X = np.zeros((len(labels), 2), np.float32)
    tensors = {"X_train": X, "X_test": X, "y_train": labels, "y_test": labels}
    write_tensors(folder / "data", tensors)
    write_json(folder / "facts.json", {"scale": "none", "unit": 1.0})
    words = jobs.arguments(
        names=NAMES,
        data=folder / "data",
        facts=folder / "facts.json",
        layers=folder / "layers",
        table=folder / "table.parquet",
        local_table=folder / "local.parquet",
        costs=folder / "costs.json",
        **fields,
    )
    return jobs.call("measure", words)


def literal_graphs(layers, network, k):
    return [
        digraph(literal_neighbours(layers[f"layer_{i}"][network], k)).to_undirected()
        for i in range(1, 6)
    ]


@pytest.mark.parametrize(("network", "fraction"), [(0, 0.1), (0, 0.2), (1, 0.1), (1, 0.2)])
def test_tables_literally(measured, network, fraction):
    layers, tables, _ = measured
    k = round(40 * fraction)
    graphs = literal_graphs(layers, network, k)
    here = {"network": network, "k_fraction": fraction, "k": k, "measure": "forman"}
    rows = tables["table"].filter(**here).sort("layer")
    totals = [sum(4 - g.degree(u) - g.degree(v) for u, v in g.edges) for g in graphs]
    assert rows["value"].to_list() == totals
    assert rows["edges"].to_list() == [g.number_of_edges() for g in graphs]
    assert rows["mean"].to_numpy() == pytest.approx(rows["value"] / rows["edges"])
    changes = [[literal_change(graphs[i], graphs[i + 1], x) for x in range(40)] for i in range(4)]
    means = [[literal_mean(graphs[i], x) for x in range(40)] for i in range(4)]
    for i in range(4):
        good = [x for x in range(40) if changes[i][x] is not None]
        assert rows["layer_points"][i] == len(good)
        expected = pearsonr([changes[i][x] for x in good], [means[i][x] for x in good])[0]
        assert rows["layer_rho"][i] == pytest.approx(expected, abs=1e-10)
    assert rows["layer_reason"][4] == "the last layer"
    local = tables["coefficients"].filter(**here).row(0, named=True)
    masses = [np.nan if (g := literal_mass(graph)) is None else g for graph in graphs]
    whole = ricci_coefficient(np.array(masses), np.array(totals, float))
    assert (local["rho"], local["reason"]) == (whole.rho, whole.reason)
    assert (local["rho"] is None) == (network == 1)
    columns = [x for x in range(40) if all(row[x] is not None for row in changes)]
    assert local["local_apart"] == 40 - len(columns)
    assert (local["local_apart"] > 0) == (network == 1)
    rho = [
        pearsonr([row[x] for row in changes], [row[x] for row in means])[0]
        for x in columns
        if np.ptp([row[x] for row in changes]) > 0
    ]
    assert local["local_points"] == len(rho)
    assert local["local_constant"] == len(columns) - len(rho)
    orders = drawn_orders(5, 3, derive_generator("s", *NAMES, network, "local layer orders", 5))
    in_orders = [literal_local([graphs[i] for i in order]) for order in orders]
    if rho:
        assert local["local_mean"] == pytest.approx(np.mean(rho), abs=1e-10)
        for column, value in (
            ("orders_mean", np.mean([r.mean() for r in in_orders if len(r)])),
            ("orders_negative", np.mean([(r < 0).mean() for r in in_orders if len(r)])),
        ):
            assert local[column] == pytest.approx(value, abs=1e-10)
        assert local["local_median"] == pytest.approx(np.median(rho), abs=1e-10)
        assert local["local_negative"] == pytest.approx(np.mean(np.array(rho) < 0))
    else:
        assert local["local_reason"] == "no point has a coefficient"


def test_shape_of_the_tables_and_costs(measured):
    _, tables, costs = measured
    assert len(tables["table"]) == 2 * 2 * 3 * 5
    assert len(tables["local"]) == 2 * 2 * 2
    assert len(tables["coefficients"]) == 2 * 2 * 3
    assert tables["local"]["measure"].unique().sort().to_list() == ["forman", "lazy"]
    assert costs["graphs"] == 2 * 2 * 5
    assert costs["seconds"]["lazy"] > costs["seconds"]["forman"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"module": "forman_unionn"}, "did you mean 'forman_union'?"),
        ({"module": "../registry"}, "key 'module' is '../registry'; it must be small letters"),
        ({"module": "base"}, "no module of ricci_flow.measures"),
        ({"module": "ollivier", "options": {"idle": 0.5}}, "did you mean 'idleness'?"),
        ({"module": "ollivier", "options": {"idleness": 1.5}}, "must lie in 0.0..0.99"),
    ],
)
def test_bad_measures_get_one_line(tmp_path, capsys, entry, message):
    labels = np.zeros(4, np.uint8)
    assert call(tmp_path, labels, measures={"x": entry}, k_fractions=[0.1], networks=1) == 1
    text = capsys.readouterr().err
    assert message in text
    assert text.count("\n") == 1


@pytest.mark.parametrize(
    ("layer", "labels", "message"),
    [
        (np.zeros((1, 5, 2)), np.zeros(6, np.uint8), "layers: cannot be read (layer_1 has shape"),
        (np.full((1, 6, 2), np.nan), np.zeros(6, np.uint8), "layers: layer 1 is not finite"),
        (np.zeros((1, 6, 2)), np.full(6, 0.5), "data: cannot be read (y_test holds no"),
    ],
)
def test_damaged_inputs_are_named_in_one_line(tmp_path, capsys, layer, labels, message):
    write_tensors(tmp_path / "layers", {"layer_1": layer.astype(np.float32)})
    assert call(tmp_path, labels, **ASKED, k_fractions=[0.1], networks=1) == 1
    text = capsys.readouterr().err
    assert message in text
    assert text.count("\n") == 1


def test_a_measure_of_whole_networks_is_one_row_without_a_layer(tmp_path, monkeypatch):
    """Layers whose modularity is above that of the first one, counted over the network."""
    monkeypatch.setattr("ricci_flow.measurement.catalogue.MEASURES", tmp_path)
    (tmp_path / "rising.py").write_text(RISING, "utf-8")
    name = "ricci_flow.measures.rising"
    spec = importlib.util.spec_from_file_location(name, tmp_path / "rising.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, name, module)
    rng, labels = np.random.default_rng(1), np.repeat([0, 1], 20).astype(np.uint8)
    layers = {f"layer_{i}": rng.normal(size=(2, 40, 3)).astype(np.float32) for i in range(1, 6)}
    for number in (3, 4):
        layers[f"layer_{number}"][0] += 9 * labels[:, None]
    write_tensors(tmp_path / "layers", layers)
    asked = {"rising": {"module": "rising"}}
    assert call(tmp_path, labels, measures=asked, k_fractions=[0.2], networks=2) == 0
    table = pl.read_parquet(tmp_path / "table.parquet")
    assert table.select("network", "scope", "layer").rows() == [
        (i, "network", None) for i in (0, 1)
    ]
    for network in (0, 1):
        values = [
            nx.community.modularity(graph, [set(range(20)), set(range(20, 40))])
            for graph in literal_graphs(layers, network, 8)
        ]
        assert table["value"][network] == sum(value > values[0] for value in values)
    assert block_coefficients(table, pl.read_parquet(tmp_path / "local.parquet"), "s").is_empty()


RISING = """
from ricci_flow.measures import modularity

SCOPE = "network"
COST = "low"
OPTIONS = {}


def measure(layers):
    values = [modularity.measure(layer) for layer in layers]
    return sum(value > values[0] for value in values)
"""
