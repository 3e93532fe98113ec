"""The other graphs against networkx and literal references."""

import itertools
import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from ricci_flow.graphs import graph as graphs
from ricci_flow.graphs.edges import spanning_tree
from ricci_flow.graphs.hops import hop_sums
from tests.unit.clouds import clouds, digraph, literal_curvature, literal_mass, literal_neighbours
from tests.unit.measuring import measure_layer, measure_points

GRAPHS = ("mutual", "largest_component", "mst")


def literal_squares(points):
    """Return the complete graph with squared distances as weights."""
    points = np.asarray(points, dtype=np.float64)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(points)))
    for i, j in itertools.combinations(range(len(points)), 2):
        weight = sum((a - b) ** 2 for a, b in zip(points[i], points[j], strict=True))
        graph.add_edge(i, j, weight=weight)
    return graph


def grid_of(k_max):
    return sorted({1, (k_max + 1) // 2, k_max})


def same(found, curvatures, mass):
    assert found.curvature == curvatures
    assert found.mass == mass


@settings(max_examples=100, deadline=None)
@given(clouds())
def test_the_kinds_leave_the_knn_graph_as_it_is(cloud):
    points, k_max = cloud
    found = measure_points(points, grid_of(k_max), GRAPHS)
    for row in measure_layer(points, grid_of(k_max)):
        measured = found["knn", row.k]
        assert measured.curvature[row.measure] == row.curvature
        assert measured.mass == row.geodesic_mass
        assert measured.left_out == 0
        if row.connected:
            assert found["largest_component", row.k] == measured


@settings(max_examples=100, deadline=None)
@given(clouds())
def test_mutual_has_an_edge_where_both_are_neighbours(cloud):
    points, k_max = cloud
    found = measure_points(points, grid_of(k_max), ["mutual"])
    for k in grid_of(k_max):
        rows = literal_neighbours(points, k)
        mutual = nx.Graph()
        mutual.add_nodes_from(range(len(rows)))
        mutual.add_edges_from((i, j) for i, row in enumerate(rows) for j in row if i in rows[j])
        same(found["mutual", k], {"forman_union": literal_curvature(mutual)}, literal_mass(mutual))


@settings(max_examples=100, deadline=None)
@given(clouds())
def test_largest_component_is_measured_alone_and_scaled_to_all_points(cloud):
    points, k_max = cloud
    n = len(points)
    for k in grid_of(k_max):
        found = measure_points(points, [k], ["largest_component"])["largest_component", k]
        directed = digraph(literal_neighbours(points, k))
        parts = sorted(nx.connected_components(directed.to_undirected()), key=min)
        part = max(parts, key=len)  # the first of equals
        m = len(part)
        alone = directed.subgraph(part)
        assert found.left_out == n - m
        mass = literal_mass(alone.to_undirected())
        assert found.mass == pytest.approx(mass / math.comb(m, 2) * math.comb(n, 2), rel=1e-12)
        for measure, graph in (("forman_directed", alone), ("forman_union", alone.to_undirected())):
            expected = literal_curvature(graph) / m * n
            assert found.curvature[measure] == pytest.approx(expected, rel=1e-12)


def test_copies_of_a_cloud_far_apart_have_the_geometry_of_one():
    points = np.random.default_rng(1).normal(size=(40, 2))
    alone = measure_points(points, [8])["knn", 8]
    copies = np.concatenate([points, points + 1000, points + 5000])
    found = measure_points(copies, [8], ["largest_component"])["largest_component", 8]
    assert found.left_out == 80
    assert found.mass / math.comb(120, 2) == pytest.approx(alone.mass / math.comb(40, 2))
    for measure in ("forman_directed", "forman_union"):
        assert found.curvature[measure] / 120 == pytest.approx(alone.curvature[measure] / 40)


@settings(max_examples=100, deadline=None)
@given(clouds())
def test_tree_is_a_minimum_spanning_tree(cloud):
    """With ties the tree is not unique, but the weights of its edges are."""
    points, _ = cloud
    tree = nx.Graph(spanning_tree(points).tolist())
    assert nx.is_tree(tree)
    assert set(tree) == set(range(len(points)))
    complete = literal_squares(points)
    expected = [w for _, _, w in nx.minimum_spanning_tree(complete).edges(data="weight")]
    assert sorted(complete.edges[edge]["weight"] for edge in tree.edges) == sorted(expected)


@pytest.mark.parametrize("seed", range(3))
def test_tree_without_ties_is_that_of_networkx(seed):
    points = np.random.default_rng(seed).normal(size=(70, 3)).astype(np.float32)
    expected = nx.minimum_spanning_tree(literal_squares(points)).edges
    assert {frozenset(edge) for edge in spanning_tree(points).tolist()} == set(
        map(frozenset, expected)
    )


@settings(max_examples=100, deadline=None)
@given(clouds())
def test_union_with_tree_is_connected_and_measured_as_by_networkx(cloud):
    points, k_max = cloud
    found = measure_points(points, grid_of(k_max), ["mst"])
    for k in grid_of(k_max):
        directed = digraph(literal_neighbours(points, k))
        union = directed.to_undirected()
        for i, j in spanning_tree(points).tolist():
            if not union.has_edge(i, j):
                directed.add_edges_from([(i, j), (j, i)])
        union = directed.to_undirected()
        curvatures = {
            "forman_directed": literal_curvature(directed),
            "forman_union": literal_curvature(union),
        }
        same(found["mst", k], curvatures, literal_mass(union))
        assert found["mst", k].mass is not None


def test_hops_of_the_other_graphs_may_be_as_many_as_points(monkeypatch):
    """Neighbour lists are thinned where distances may be long; `True` would be one hop."""
    expected = []

    def spy(*lists, longest_expected):
        expected.append(longest_expected)
        return hop_sums(*lists, longest_expected=longest_expected)

    monkeypatch.setattr(graphs, "hop_sums", spy)
    cloud = np.random.default_rng(1).normal(size=(30, 2))
    points = np.concatenate([cloud, cloud + 1000])
    measure_points(points, [4], GRAPHS)
    assert len(expected) == len(GRAPHS)
    assert all(type(value) is int and value == len(points) for value in expected)
