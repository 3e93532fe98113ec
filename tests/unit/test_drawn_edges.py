"""Curvature of edges drawn for every point, against that of all edges and slow references."""

import networkx as nx
import numpy as np
import polars as pl
import pytest
from scipy.stats import chisquare, norm, pearsonr

from ricci_flow.coefficients.local import drawn_orders, layer_coefficient_p
from ricci_flow.errors import InputError
from ricci_flow.graphs.graph import graph_of_edges
from ricci_flow.graphs.partition import across, curvature_gap
from ricci_flow.measurement.catalogue import known_modules, read_constants
from ricci_flow.measurement.points import DrawnEdges, mean_at_points
from ricci_flow.measurement.registry import load_measures
from ricci_flow.seeds import derive_seed
from ricci_flow.storage import write_json, write_tensors
from ricci_flow.study.blocks import check_blocks
from tests import jobs
from tests.unit.clouds import digraph, literal_neighbours
from tests.unit.test_study import study

NAMES = ["toy", "small", "trained"]
SUBSETS = [name for name in known_modules() if read_constants(name)["SUBSET"]]


def graph_of(graph):
    return graph_of_edges(len(graph), np.array(graph.edges, dtype=np.int32))


# With a point of no edges, and points of one to eleven.
WITH_ISOLATED = nx.gnm_random_graph(40, 110, seed=2)
WITH_ISOLATED.remove_edges_from(list(WITH_ISOLATED.edges(7)))


def drawn(graph, count, seed=0):
    return DrawnEdges.of(graph, count, np.random.default_rng(seed))


@pytest.mark.parametrize("count", [1, 3, 200])
def test_every_point_gets_edges_of_its_own(count):
    graph = graph_of(WITH_ISOLATED)
    found = drawn(graph, count)
    assert found.edges.dtype == graph.edges.dtype
    every, of_all = set(map(tuple, found.edges.tolist())), set(map(tuple, graph.edges.tolist()))
    assert len(every) == len(found.edges)
    assert every <= of_all
    assert found.edges.tolist() == sorted(found.edges.tolist())
    for x in range(graph.n):
        places = found.places[found.points == x]
        assert len(set(places)) == len(places) == min(count, graph.degrees[x])
        assert (found.edges[places] == x).any(axis=1).all()
        assert found.weights[found.points == x].sum() == pytest.approx(graph.degrees[x])
    if count == 200:
        values = np.random.default_rng(1).normal(size=len(graph.edges))
        assert every == of_all
        same = found.mean_at_points(graph.n, values), mean_at_points(graph, values)
        assert same[0] == pytest.approx(same[1], nan_ok=True)
        assert found.total(values) == pytest.approx(values.sum())


def test_every_edge_of_a_point_is_as_likely():
    graph = graph_of(nx.star_graph(9))
    chosen = [drawn(graph, 3, seed) for seed in range(600)]
    counts = np.bincount(
        np.concatenate([d.edges[d.places[d.points == 0], 1] for d in chosen]), minlength=10
    )
    assert counts[0] == 0
    assert chisquare(counts[1:]).pvalue > 0.01


def test_means_and_sums_are_unbiased():
    graph = graph_of(WITH_ISOLATED)
    values = graph.edges @ [1.0, 0.3] + np.random.default_rng(3).normal(size=len(graph.edges))
    draws = [drawn(graph, 2, seed) for seed in range(2000)]
    of_draws = [values[np.searchsorted(_codes(graph), _codes(d, graph.n))] for d in draws]
    pairs = list(zip(draws, of_draws, strict=True))
    for found, exact in (
        (np.array([d.mean_at_points(graph.n, v) for d, v in pairs]), mean_at_points(graph, values)),
        (np.array([[d.total(v)] for d, v in pairs]), np.array([values.sum()])),
    ):
        known = ~np.isnan(exact)
        assert (np.isnan(found) == ~known).all()
        error = found[:, known].std(axis=0) / len(draws) ** 0.5
        # Points of no more than two edges have no error.
        apart = np.abs(found[:, known].mean(axis=0) - exact[known])
        assert (apart <= norm.ppf(1 - 0.001 / 80) * error + 1e-9).all()


def _codes(graph, n=None):
    return graph.edges @ [n or graph.n, 1]


@pytest.mark.parametrize("name", SUBSETS)
def test_some_edges_have_the_values_that_they_have_among_all(name):
    graph = graph_of(nx.random_geometric_graph(60, 0.25, seed=1))
    measure = load_measures({"x": {"module": name}}, "test")["x"]
    some = graph.edges[[3, 50, 51, 7]]
    assert measure.subset
    every = measure.function(graph)
    assert (measure.function(graph, edges=some) == every[[3, 50, 51, 7]]).all()
    assert (measure.function(graph, edges=graph.edges[:0]) == every[:0]).all()


def test_a_weighted_gap_is_that_of_repeated_edges():
    rng = np.random.default_rng(4)
    values, crosses, times = rng.normal(size=30), rng.random(30) < 0.4, rng.integers(1, 5, 30)
    weighted = curvature_gap(values, crosses, times / 2)
    repeated = curvature_gap(np.repeat(values, times), np.repeat(crosses, times))
    assert weighted == (pytest.approx(repeated[0]), None)
    assert curvature_gap(values, crosses, np.ones(30)) == (
        pytest.approx(curvature_gap(values, crosses)[0]),
        None,
    )


RNG = np.random.default_rng(3)
LABELS = np.repeat([0, 1], 20).astype(np.uint8)
LAYERS = {f"layer_{i}": RNG.normal(size=(2, 40, 3)).astype(np.float32) for i in range(1, 5)}
X = RNG.normal(size=(40, 2)).astype(np.float32)


def measure(folder, **fields):
    tensors = {"X_train": X, "X_test": X, "y_train": LABELS, "y_test": LABELS}
    write_tensors(folder / "data", tensors)
    write_tensors(folder / "layers", LAYERS)
    write_json(folder / "facts.json", {"scale": "none", "unit": 1.0})
    words = jobs.arguments(
        names=NAMES,
        data=folder / "data",
        facts=folder / "facts.json",
        layers=folder / "layers",
        table=folder / "table.parquet",
        local_table=folder / "local.parquet",
        measures={"exact": {"module": "ollivier"}, "tian": {"module": "tian"}},
        settings={"knn": {}, "with_input": {"layers": ["input", "hidden"]}},
        k_fractions=[0.2],
        networks=2,
        local=True,
        seed_name="s",
        **fields,
    )
    assert jobs.call("measure", words) == 0
    return pl.read_parquet(folder / "table.parquet"), pl.read_parquet(folder / "local.parquet")


OF_DRAW = ["drawn_edges", "drawn_seed"]


def test_all_edges_drawn_are_all_edges(tmp_path):
    exact, points = measure(tmp_path)
    table, local = measure(tmp_path, point_edges=39)
    there = table.filter(measure="exact")
    assert (there["drawn_edges"] == there["edges"]).all()
    assert table.filter(measure="tian")["drawn_edges"].null_count() == len(there)
    for of_all, of_drawn in ((exact, table), (points, local)):
        for column in of_all.columns:
            if of_all[column].dtype != pl.Float64:
                known = column in OF_DRAW or of_drawn[column].equals(of_all[column])
                assert known, column
            else:
                assert of_drawn[column].is_null().equals(of_all[column].is_null())
                values = of_drawn[column].drop_nulls().to_numpy()
                assert values == pytest.approx(of_all[column].drop_nulls().to_numpy(), abs=1e-9)


def test_drawn_edges_literally(tmp_path):
    table, _ = measure(tmp_path, point_edges=4, point_permutations=50)
    again, _ = measure(tmp_path, point_edges=4, point_permutations=50)
    assert again.equals(table)
    for network, layer in ((0, 1), (1, 3)):
        own = {"network": network, "layer": layer, "measure": "exact"}
        rows = table.filter(**own)
        # Both settings have the hidden layers, and so the same edges of them.
        assert rows.drop("setting")[0].equals(rows.drop("setting")[1])
        row = rows.row(0, named=True)
        names = ("s", *NAMES, "point edges", network, layer, -1, "knn", 8)
        assert row["drawn_seed"] == derive_seed(*names)
        graph = digraph(literal_neighbours(LAYERS[f"layer_{layer}"][network], 8)).to_undirected()
        whole = graph_of(graph)
        chosen = drawn(whole, 4, row["drawn_seed"])
        assert row["drawn_edges"] == len(chosen.edges) < row["edges"]
        every = load_measures({"x": {"module": "ollivier"}}, "test")["x"].function(whole)
        value = dict(zip(map(tuple, whole.edges.tolist()), every, strict=True))
        halves = [
            (x, value[tuple(chosen.edges[place])], graph.degree(x))
            for x, place in zip(chosen.points.tolist(), chosen.places, strict=True)
        ]
        total = sum(v * degree / min(4, degree) for _, v, degree in halves) / 2
        assert row["value"] == pytest.approx(total)
        assert row["mean"] == pytest.approx(total / row["edges"])
        means = [np.mean([v for y, v, _ in halves if y == x]) for x in range(40)]
        following = digraph(
            literal_neighbours(LAYERS[f"layer_{layer + 1}"][network], 8)
        ).to_undirected()
        hops = dict(nx.all_pairs_shortest_path_length(following))
        changes = [np.mean([hops[x][y] - 1 for y in graph[x]]) for x in range(40)]
        assert row["layer_rho"] == pytest.approx(pearsonr(changes, means)[0])
        # Each edge once for every edge of the point that it stands for, up to a factor.
        crosses = dict(zip(value, across(whole, LABELS), strict=True))
        ends = [crosses[tuple(chosen.edges[place])] for place in chosen.places]
        _, values, degrees = zip(*halves, strict=True)
        repeated = (np.repeat(part, degrees) for part in (values, ends))
        assert row["gap"] == pytest.approx(curvature_gap(*repeated)[0])


def test_the_input_has_one_draw_for_all_networks(tmp_path):
    table, _ = measure(tmp_path, point_edges=4)
    entering = table.filter(measure="exact", layer=0)
    assert entering["network"].to_list() == [0, 1]
    assert (
        entering["drawn_seed"].to_list()
        == [derive_seed("s", *NAMES, "point edges", "input", 0, -1, "knn", 8)] * 2
    )
    assert entering["value"].n_unique() == 1
    assert table.filter(measure="exact", setting="with_input")["drawn_seed"].n_unique() == 9


def test_tables_have_the_seeds_of_what_was_drawn(tmp_path):
    table, local = measure(tmp_path, point_permutations=50, layer_orders=3)
    rows = table.filter(measure="tian", setting="knn", network=1).sort("layer")
    assert rows["layer_p_method"].to_list() == ["sampled"] * 3 + [None]
    for row in rows[:3].iter_rows(named=True):
        names = (1, row["layer"], row["k"], "tian", -1)
        assert row["layer_seed"] == derive_seed("s", *NAMES, "point permutations", *names)
    assert rows["layer_seed"].n_unique() == 4
    row = local.filter(measure="tian", setting="with_input", network=1).row(0, named=True)
    assert row["orders_seed"] == derive_seed("s", *NAMES, 1, "local layer orders", 5)
    without, points = measure(tmp_path)
    assert without["layer_seed"].null_count() == len(without)
    assert points["orders_seed"].null_count() == len(points)


def test_what_is_drawn_is_drawn_again_from_the_seed():
    rng = np.random.default_rng(8)
    changes, means = rng.normal(size=(2, 30))
    seed = derive_seed("s", "x")
    first, again = (
        layer_coefficient_p(changes, means, 99, np.random.default_rng(seed)) for _ in range(2)
    )
    assert first == again
    assert first[1] == "sampled"
    assert layer_coefficient_p(changes[:8], means[:8], 99, rng)[1] == "exact"
    orders = (drawn_orders(5, 3, np.random.default_rng(seed)) for _ in range(2))
    assert np.equal(*orders).all()


def test_a_block_without_a_measure_of_some_edges_is_refused():
    block = {"measures": ["tian"], "point_edges": 5}
    with pytest.raises(InputError, match=r"further\.x\.point_edges' needs a measure") as caught:
        study(further={"x": block})
    assert "lin_lu_yau, ollivier" in str(caught.value)
    assert "\n" not in str(caught.value)
    asked = study(further={"x": block | {"measures": ["tian", "ollivier"]}})
    check_blocks(asked, "x")
    assert asked.block_job("x")["point_edges"] == 5
    plain = study(further={"x": block | {"point_edges": 0}})
    assert "point_edges" not in plain.block_job("x")
