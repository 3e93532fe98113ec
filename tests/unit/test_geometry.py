"""Curvature and geodesic mass against closed forms, networkx and a literal loop."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from ricci_flow.graphs.hops import adjacency_lists, cover_neighbours, hop_sums
from ricci_flow.measures.forman_union import curvature as union_curvature
from tests.unit.clouds import clouds, digraph, literal_curvature, literal_mass, literal_neighbours
from tests.unit.measuring import measure_layer


def bits(graph):
    n = graph.number_of_nodes()
    rows = np.zeros((n, (n + 63) // 64), dtype=np.uint64)
    for i, j in graph.edges:
        rows[i, j >> 6] |= np.uint64(1) << np.uint64(j & 63)
        rows[j, i >> 6] |= np.uint64(1) << np.uint64(i & 63)
    return rows


def hops(graph):
    """Return the sums, which must not depend on whether the lists of neighbours are thinned."""
    rows = bits(graph)
    lists = adjacency_lists(rows, np.bitwise_count(rows).sum(axis=1))
    plain, thinned, thorough = (
        hop_sums(rows, *lists, longest_expected=expected) for expected in (2, 6, 99)
    )
    assert plain == thinned == thorough
    return plain


CLOSED_FORMS = {
    # name: (graph, Wiener index, diameter, Forman curvature of the undirected graph)
    "path": (lambda n: nx.path_graph(n), lambda n: (n**3 - n) // 6, lambda n: n - 1, lambda n: 2),
    "cycle": (
        lambda n: nx.cycle_graph(n),
        lambda n: n**3 // 8 if n % 2 == 0 else n * (n * n - 1) // 8,
        lambda n: n // 2,
        lambda n: 0,
    ),
    "complete": (
        lambda n: nx.complete_graph(n),
        lambda n: n * (n - 1) // 2,
        lambda n: 1,
        lambda n: n * (n - 1) // 2 * (6 - 2 * n),
    ),
    "star": (
        lambda n: nx.star_graph(n - 1),
        lambda n: (n - 1) ** 2,
        lambda n: 2,
        lambda n: (n - 1) * (4 - n),
    ),
}


@pytest.mark.parametrize("n", [3, 63, 64, 65, 130])
@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_closed_forms(name, n):
    make, wiener, diameter, curvature = CLOSED_FORMS[name]
    graph = make(n)
    total, components, longest = hops(graph)
    assert (total, components, longest) == (2 * wiener(n), 1, diameter(n))
    degrees = np.array([degree for _, degree in graph.degree])
    assert union_curvature(degrees) == curvature(n) == literal_curvature(graph)


@pytest.mark.parametrize("n", [2048, 2049, 2150])
def test_more_points_than_one_block_of_sources(n):
    assert hops(nx.star_graph(n - 1)) == (2 * (n - 1) ** 2, 1, 2)
    graph = nx.disjoint_union(nx.complete_graph(5), nx.star_graph(n - 7))
    assert hops(graph) == (20 + 2 * (n - 7) ** 2, 2, 2)
    graph.add_nodes_from(range(n - 1, n + 70))  # points on their own
    assert hops(graph)[1] == 2 + 71


@pytest.mark.parametrize(("rows", "columns"), [(2, 3), (8, 8), (5, 27)])
def test_grid(rows, columns):
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(rows, columns))
    # Sum of |dx| + |dy| over unordered pairs.
    wiener = (columns**2 * (rows**3 - rows) + rows**2 * (columns**3 - columns)) // 6
    assert hops(graph) == (2 * wiener, 1, rows + columns - 2)


@pytest.mark.parametrize("seed", range(8))
def test_random_graphs_against_networkx(seed):
    graph = nx.gnm_random_graph(97, 40 + 25 * seed, seed=seed)
    total, components, longest = hops(graph)
    parts = [graph.subgraph(part) for part in nx.connected_components(graph)]
    assert components == len(parts)
    assert total == sum(2 * literal_mass(part) for part in parts)
    assert longest == max(nx.diameter(part) for part in parts)


@pytest.mark.parametrize("thorough", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_thinned_lists_still_reach_every_neighbour_of_a_neighbour(seed, thorough):
    graph = nx.watts_strogatz_graph(150, 12, 0.05, seed=seed)
    rows = bits(graph)
    lists = adjacency_lists(rows, np.bitwise_count(rows).sum(axis=1))
    starts, kept = cover_neighbours(rows, *lists, thorough=thorough)
    assert len(kept) < 2 * graph.number_of_edges()
    for i in graph:
        thinned = set(kept[starts[i] : starts[i + 1]].tolist())
        assert thinned <= set(graph[i])
        near = {i, *graph[i]}
        assert near.union(*(graph[j] for j in thinned)) == near.union(*(graph[j] for j in graph[i]))
        for j in thinned if thorough else ():  # and none of them is needless
            assert set(graph[j]) - near.union(*(graph[other] for other in thinned - {j}))


@settings(max_examples=120, deadline=None)
@given(clouds())
def test_both_measures_against_networkx_and_a_literal_loop(cloud):
    points, k_max = cloud
    grid = sorted({1, (k_max + 1) // 2, k_max})
    table = measure_layer(points, grid)
    assert [(row.k, row.measure) for row in table] == [
        (k, measure) for k in grid for measure in ("forman_directed", "forman_union")
    ]
    for row in table:
        directed = digraph(literal_neighbours(points, row.k))
        union = directed.to_undirected()
        graph = directed if row.measure == "forman_directed" else union
        assert row.edges == graph.number_of_edges()
        assert row.curvature == literal_curvature(graph)
        assert row.components == nx.number_connected_components(union)
        assert row.connected == nx.is_connected(union)
        assert row.geodesic_mass == literal_mass(union)
        assert row.diameter == (nx.diameter(union) if row.connected else None)
        in_degrees = [degree for _, degree in directed.in_degree]
        assert row.in_degree_variance == pytest.approx(np.var(in_degrees))


def test_directed_curvature_is_hubness_where_nothing_ties():
    points = np.random.default_rng(3).normal(size=(200, 5))
    for row in measure_layer(points, [1, 7, 50]):
        if row.measure == "forman_directed":
            k, n = row.k, row.n
            expected = 4 * n * k * (1 - k) - n * row.in_degree_variance
            assert row.curvature == pytest.approx(expected, rel=1e-12)


def test_all_neighbours_give_the_complete_graph():
    points = np.random.default_rng(4).normal(size=(50, 2))
    directed, union = measure_layer(points, [49])
    assert (union.edges, union.diameter, union.geodesic_mass) == (1225, 1, 1225.0)
    assert directed.edges == 2450


@pytest.mark.parametrize("n", [63, 64, 130])
def test_constant_layer_is_complete_at_every_k(n):
    for row in measure_layer(np.zeros((n, 3)), [1, n // 2, n - 1]):
        assert (row.diameter, row.geodesic_mass) == (1, n * (n - 1) / 2)
        assert row.edges == n * (n - 1) // (1 if row.measure == "forman_directed" else 2)


@pytest.mark.parametrize("n", [64, 101])
def test_one_dimensional_layer_of_equal_steps_is_a_path(n):
    # On a line of equal steps ties make k = 1 the path itself.
    directed, union = measure_layer(np.arange(float(n))[:, None], [1])
    assert (union.edges, union.diameter) == (n - 1, n - 1)
    assert union.geodesic_mass == (n**3 - n) // 6
    assert (directed.edges, union.curvature) == (2 * n - 2, 2)


def test_disconnected_graph_has_no_mass_and_is_never_summed_over_finite_pairs():
    points = np.concatenate([np.arange(5.0), 1000 + np.arange(6.0)])[:, None]
    for row in measure_layer(points, [1, 3]):
        assert row.components == 2
        assert (row.connected, row.geodesic_mass, row.diameter) == (False, None, None)


def test_order_of_points_does_not_matter():
    rng = np.random.default_rng(5)
    points = rng.integers(0, 5, size=(120, 3)).astype(np.float32)
    shuffled = points[rng.permutation(120)]
    assert measure_layer(points, [5, 30]) == measure_layer(shuffled, [5, 30])
