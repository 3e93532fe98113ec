"""Betti numbers against linear algebra over two elements, closed forms and known clouds."""

import itertools

import networkx as nx
import numpy as np
import pytest

from ricci_flow.datasets.generators import GENERATORS
from ricci_flow.graphs.cloud import Cloud
from ricci_flow.graphs.graph import graph_of_edges, union_graphs
from ricci_flow.measurement.registry import load_measures
from ricci_flow.measures import betti
from ricci_flow.measures.base import Layer, Undefined


def rank_over_two(matrix):
    """Return the rank of a matrix of 0 and 1 over the field of two elements, by elimination."""
    matrix, rank = matrix.copy() % 2, 0
    for column in range(matrix.shape[1]):
        rows = np.flatnonzero(matrix[rank:, column]) + rank
        if not len(rows):
            continue
        matrix[[rank, rows[0]]] = matrix[[rows[0], rank]]
        others = np.flatnonzero(matrix[:, column])
        matrix[others[others != rank]] ^= matrix[rank]
        rank += 1
    return rank


def by_boundaries(graph, highest=2):
    """Return Betti numbers 0 .. highest of the clique complex by ranks of boundary matrices."""
    cliques = [
        sorted(tuple(c) for c in itertools.combinations(sorted(graph), size) if whole(graph, c))
        for size in range(1, highest + 3)
    ]
    ranks = [0]
    for lower, upper in itertools.pairwise(cliques):
        place = {simplex: row for row, simplex in enumerate(lower)}
        boundary = np.zeros((len(lower), len(upper)), dtype=np.uint8)
        for column, simplex in enumerate(upper):
            for face in itertools.combinations(simplex, len(simplex) - 1):
                boundary[place[face], column] = 1
        ranks.append(rank_over_two(boundary))
    return [len(cliques[d]) - ranks[d] - ranks[d + 1] for d in range(highest + 1)]


def whole(graph, points):
    return all(graph.has_edge(u, v) for u, v in itertools.combinations(points, 2))


def measured(graph, radius=1):
    graph = nx.convert_node_labels_to_integers(graph, ordering="sorted")
    layer = Layer(graph_of_edges(len(graph), np.array(graph.edges, np.int32).reshape(-1, 2)))
    entries = {
        f"{d}": {"module": "betti", "options": {"dimension": d, "radius": radius}} for d in range(3)
    }
    return [m.function(layer) for m in load_measures(entries, "test").values()]


@pytest.mark.parametrize("seed", range(6))
def test_random_graphs(seed):
    graph = nx.gnm_random_graph(14, 20 + 8 * seed, seed=seed)
    assert measured(graph) == by_boundaries(graph)


def test_closed_forms():
    for m in range(4, 9):
        assert measured(nx.cycle_graph(m)) == [1, 1, 0]
    assert measured(nx.complete_graph(6)) == [1, 0, 0]
    octahedron = nx.complete_multipartite_graph(2, 2, 2)
    assert measured(octahedron) == [1, 0, 1]
    apart = nx.disjoint_union_all([octahedron, nx.cycle_graph(5), nx.empty_graph(2)])
    assert measured(apart) == [4, 1, 1]


@pytest.mark.parametrize("radius", [2, 3])
def test_radius_joins_points_within_so_many_hops(radius):
    graph = nx.random_geometric_graph(22, 0.3, seed=4)
    assert measured(graph, radius) == by_boundaries(nx.power(graph, radius))
    # A long cycle keeps its hole while three arcs of the radius do not close it.
    assert measured(nx.cycle_graph(12), radius)[1] == 1
    assert measured(nx.cycle_graph(3 * radius), radius)[1] == 0


@pytest.mark.parametrize(
    ("name", "known"), [("nine_discs", [(9, 0), (1, 9)]), ("linked_rings", [(9, 9), (9, 9)])]
)
def test_clouds_of_known_betti_numbers(name, known):
    clouds = GENERATORS[name].sample(np.random.default_rng(0), 1000, 1000)
    for points, expected in zip(clouds, known, strict=True):
        cloud = Cloud(points.astype(np.float32), 20)
        (graph,) = union_graphs(cloud.lists, [20])
        assert [betti.measure(Layer(graph), dimension=d) for d in range(2)] == list(expected)


def test_nested_spheres_have_their_voids():
    clouds = GENERATORS["nested_spheres"].sample(np.random.default_rng(0), 2000, 2000)
    for points, expected in zip(clouds, [(9, 0, 9), (18, 0, 18)], strict=True):
        (graph,) = union_graphs(Cloud(points.astype(np.float32), 10).lists, [10])
        assert [betti.measure(Layer(graph), dimension=d) for d in range(3)] == list(expected)


def test_too_many_edges_have_a_reason(monkeypatch):
    monkeypatch.setattr(betti, "MOST_EDGES", 0)
    with pytest.raises(Undefined, match="edges are left after collapses"):
        measured(nx.cycle_graph(5))
