"""Curvatures of edges against closed forms, networkx, linear programming and literal definitions.

And against values of GraphRicciCurvature, which cannot be locked beside the rest: its Ollivier
curvature calls solvers and functions that its current dependencies no longer have.
"""

import itertools
import json
import re
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import linprog

from ricci_flow.errors import InputError
from ricci_flow.graphs.counts import hops_of_pairs, hops_to_three
from ricci_flow.graphs.graph import graph_of_edges, union_graphs
from ricci_flow.graphs.neighbours import nearest_neighbours
from ricci_flow.measurement import catalogue
from ricci_flow.measurement.catalogue import known_modules, read_constants
from ricci_flow.measurement.registry import load_measures
from ricci_flow.measures import effective_resistance, tian
from tests.unit.clouds import digraph, literal_mass, literal_neighbours

MODULES = known_modules()
NAMES = [name for name in MODULES if read_constants(name)["SCOPE"] == "edge"]


def convert(graph):
    """Return (Graph, the networkx graph with points 0..n-1)."""
    graph = nx.convert_node_labels_to_integers(graph, ordering="sorted")
    edges = np.array(graph.edges, dtype=np.int32).reshape(-1, 2)
    return graph_of_edges(len(graph), edges), graph


def curvature(name, graph, **options):
    """Return a dict, edge (u < v) -> curvature."""
    union, _ = convert(graph)
    measure = load_measures({"x": {"module": name, "options": options}}, "test")["x"]
    values = measure.function(union)
    if measure.total:
        assert measure.total(union) == values.sum()
    assert values.dtype == np.float64
    assert values.shape == (graph.number_of_edges(),)
    return dict(zip(map(tuple, union.edges.tolist()), values.tolist(), strict=True))


def random_graphs():
    for seed in range(4):
        yield nx.gnm_random_graph(24, 40 + 25 * seed, seed=seed)
    yield nx.random_geometric_graph(70, 0.3, seed=1)
    yield nx.barbell_graph(6, 3)


RANDOM = list(random_graphs())


# name -> (complete K_n, star's leaf edge with n leaves, hypercube of dimension n), and cycles.
CLOSED = {
    "forman_union": (lambda n: 6 - 2 * n, lambda n: 3 - n, lambda n: 4 - 2 * n),
    "augmented_forman": (lambda n: n, lambda n: 3 - n, lambda n: 4 - 2 * n),
    "balanced_forman": (lambda n: n / (n - 1), lambda n: 0, lambda n: 4 / n - 2 + 2 * (n - 1) / n),
    "ollivier": (lambda n: (n - 2) / (n - 1), lambda n: 0, lambda n: 0),
    "lin_lu_yau": (lambda n: n / (n - 1), lambda n: 2 / n, lambda n: 2 / n),
    "effective_resistance": (lambda n: 2, lambda n: 3 - n, lambda n: 2 * n / (2**n - 1)),
    "tian": (lambda n: (n - 2) / (n - 1), lambda n: 0, lambda n: -(1 - 2 / n)),
}
CYCLES = {
    "forman_union": {3: 0, 4: 0, 5: 0, 6: 0, 11: 0},
    "augmented_forman": {3: 3, 4: 0, 5: 0, 6: 0, 11: 0},
    "balanced_forman": {3: 3 / 2, 4: 1, 5: 0, 6: 0, 11: 0},
    "ollivier": {3: 1 / 2, 4: 0, 5: 0, 6: 0, 11: 0},
    "lin_lu_yau": {3: 3 / 2, 4: 1, 5: 1 / 2, 6: 0, 11: 0},
    "effective_resistance": {n: 4 / (n - 1) for n in (3, 4, 5, 6, 11)},
    "tian": {3: 1 / 2, 4: 0, 5: 0, 6: 0, 11: 0},
}


def test_every_measure_is_tested_and_says_what_it_costs():
    assert set(NAMES) == set(CLOSED) == set(CYCLES)
    # Those of layers and networks: test_geometry.py, test_pointwise.py, test_betti.py,
    # test_cubical_betti.py, test_deep_linear.py, test_curves.py, test_occam.py,
    # test_mean_field.py.
    others = {"forman_directed", "modularity", "normalised_cut", "betti", "cubical_betti"}
    others |= {"label_alignment", "certificate_norm", "lz_complexity", "majority_error"}
    others |= {"unit_spread"}
    assert set(MODULES) - set(NAMES) == others
    for name in MODULES:
        read_constants(name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("OPTIONS = {}\nSCOPE = 'edge'", "holds no COST"),
        ("OPTIONS = {}\nCOST = 'low'", "holds no SCOPE"),
        ("OPTIONS = {}\nCOST = len('low')", "COST is not a literal"),
        ("OPTIONS = {}\nSCOPE = 'edge'\nCOST = 'hihg'", "COST is 'hihg'; use one of: low, high"),
        ("OPTIONS = {}\nSCOPE = 'egde'\nCOST = 'low'", "SCOPE is 'egde'; use one of: edge"),
    ],
)
def test_what_a_measure_must_say_of_itself(tmp_path, monkeypatch, text, said):
    monkeypatch.setattr(catalogue, "MEASURES", tmp_path)
    (tmp_path / "mine.py").write_text(text, "utf-8")
    with pytest.raises(InputError, match=rf"mine\.py: {re.escape(said)}"):
        read_constants("mine")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [3, 4, 5, 9])
def test_complete_graph_star_and_hypercube(name, n):
    complete, star, cube = (form(n) for form in CLOSED[name])
    for graph, expected in (
        (nx.complete_graph(n), complete),
        (nx.star_graph(n), star),
        (nx.hypercube_graph(min(n, 5)), cube if n <= 5 else None),
    ):
        if expected is not None:
            assert list(curvature(name, graph).values()) == pytest.approx(
                [expected] * graph.number_of_edges(), abs=1e-11
            )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [3, 4, 5, 6, 11])
def test_cycle(name, n):
    found = curvature(name, nx.cycle_graph(n))
    assert list(found.values()) == pytest.approx([CYCLES[name][n]] * n, abs=1e-12)


TREES = {
    "forman_union": lambda a, b: 4 - a - b,
    "augmented_forman": lambda a, b: 4 - a - b,
    "balanced_forman": lambda a, b: 0 if min(a, b) == 1 else 2 / a + 2 / b - 2,
    "ollivier": lambda a, b: -2 * max(0, 1 - 1 / a - 1 / b),
    "lin_lu_yau": lambda a, b: 2 / a + 2 / b - 2,
    "effective_resistance": lambda a, b: 4 - a - b,
    "tian": lambda a, b: -max(0, 1 - 1 / a - 1 / b),
}


@pytest.mark.parametrize("name", NAMES)
def test_tree(name):
    graph = nx.random_labeled_tree(40, seed=3)
    for (u, v), value in curvature(name, graph).items():
        expected = TREES[name](graph.degree(u), graph.degree(v))
        assert value == pytest.approx(expected, abs=1e-11)


def test_inner_edges_of_a_grid_are_flat():
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(8, 8))
    inner = (27, 28)
    expected = {
        **{"forman_union": -4, "augmented_forman": -4, "tian": -0.5},
        **{"balanced_forman": 0, "ollivier": 0, "lin_lu_yau": 0},
    }
    for name, value in expected.items():
        assert curvature(name, graph)[inner] == pytest.approx(value, abs=1e-12)


def literal_balanced(graph, i, j):
    """Definition 1 of Topping et al. 2022, with sets."""
    near = {x: set(graph[x]) for x in (i, j)}
    degrees = sorted((len(near[i]), len(near[j])))
    if degrees[0] == 1:
        return 0.0
    triangles = len(near[i] & near[j])
    ways = []
    for a, b in ((i, j), (j, i)):
        for k in near[a] - near[b] - {b}:
            through = (set(graph[k]) & near[b]) - near[a] - {a}
            if through:
                ways.append(len(through))
    value = 2 / degrees[0] + 2 / degrees[1] - 2 + 2 * triangles / degrees[1]
    value += triangles / degrees[0]
    return value + (len(ways) / (max(ways) * degrees[1]) if ways else 0.0)


def literal_distance(graph, mu, nu):
    """W1 by linear programming over all pairs of points, hop distances by networkx."""
    hops = dict(nx.all_pairs_shortest_path_length(graph))
    a, b = sorted(mu), sorted(nu)
    cost = [hops[x][y] for x in a for y in b]
    rows = [[float(x == i) for x in a for _ in b] for i in a]
    rows += [[float(y == j) for _ in a for y in b] for j in b]
    done = linprog(cost, A_eq=rows, b_eq=[*(mu[x] for x in a), *(nu[y] for y in b)])
    assert done.status == 0
    return done.fun


def measure_at(graph, x, idleness):
    shares = {y: (1 - idleness) / graph.degree(x) for y in graph[x]}
    return {x: idleness} | shares if idleness else shares


@pytest.mark.parametrize("graph", RANDOM, ids=str)
def test_triangles_and_squares_literally(graph):
    _, graph = convert(graph)
    triangles = curvature("augmented_forman", graph)
    balanced = curvature("balanced_forman", graph)
    for u, v in triangles:
        common = len(list(nx.common_neighbors(graph, u, v)))
        assert triangles[u, v] == 4 - graph.degree(u) - graph.degree(v) + 3 * common
        assert balanced[u, v] == pytest.approx(literal_balanced(graph, u, v), abs=1e-12)
    total = sum((value - 4 + graph.degree(u) + graph.degree(v)) / 3
                for (u, v), value in triangles.items())  # fmt: skip
    assert total == sum(nx.triangles(graph).values())


@pytest.mark.parametrize("graph", RANDOM[:3] + RANDOM[-1:], ids=str)
def test_transport_against_linear_programming(graph):
    _, graph = convert(graph)
    plain, lazy = curvature("ollivier", graph), curvature("ollivier", graph, idleness=0.3)
    limit = curvature("lin_lu_yau", graph)
    for u, v in list(plain)[::3]:
        for found, idleness, scale in (
            (plain, 0.0, 1.0),
            (lazy, 0.3, 1.0),
            # So near 1 that the measures are linear in the idleness.
            (limit, 0.999, 1 / 0.001),
        ):
            measures = (measure_at(graph, x, idleness) for x in (u, v))
            expected = scale * (1 - literal_distance(graph, *measures))
            assert found[u, v] == pytest.approx(expected, abs=1e-9 * scale)


@pytest.mark.parametrize(
    ("key", "name", "options"),
    [
        ("augmented_forman", "augmented_forman", {}),
        ("ollivier", "ollivier", {}),
        ("ollivier_lazy", "ollivier", {"idleness": 0.5}),
    ],
)
def test_karate_club_as_by_graphriccicurvature(key, name, options):
    path = Path(__file__).parents[1] / "fixtures" / "karate_curvatures.json"
    facts = json.loads(path.read_text("utf-8"))
    found = curvature(name, nx.Graph(sorted(map(tuple, facts["edges"]))), **options)
    assert len(found) == 78
    # The kept values are those of an interior-point solver.
    assert [found[tuple(edge)] for edge in facts["edges"]] == pytest.approx(facts[key], abs=1e-6)


@pytest.mark.parametrize("graph", RANDOM, ids=str)
def test_bounds_of_ollivier_hold_and_tian_is_between(graph):
    union, _ = convert(graph)
    exact = np.array(list(curvature("ollivier", graph).values()))
    lower, upper = tian.bounds(union)
    assert (lower <= exact + 1e-12).all()
    assert (exact <= upper + 1e-12).all()
    assert list(curvature("tian", graph).values()) == pytest.approx((lower + upper) / 2)


@pytest.mark.parametrize("graph", RANDOM, ids=str)
def test_resistance_against_networkx(graph):
    union, graph = convert(graph)
    found = effective_resistance.resistances(union)
    parts = [graph.subgraph(part).copy() for part in nx.connected_components(graph)]
    omega = {}
    for part in parts:
        if len(part) > 1:
            distances = nx.resistance_distance(part)
            omega |= {(u, v): distances[u][v] for u, v in part.to_directed().edges}
    assert found == pytest.approx([omega[u, v] for u, v in union.edges.tolist()], rel=1e-9)
    # Foster: resistances over edges sum to points less components.
    assert found.sum() == pytest.approx(len(graph) - len(parts), rel=1e-12)
    node = {x: 1 - sum(omega[x, y] for y in graph[x]) / 2 for x in graph}
    for (u, v), value in curvature("effective_resistance", graph).items():
        assert value == pytest.approx(2 * (node[u] + node[v]) / omega[u, v], abs=1e-8)


@pytest.mark.parametrize("graph", RANDOM, ids=str)
def test_hops_against_networkx(graph):
    union, graph = convert(graph)
    hops = dict(nx.all_pairs_shortest_path_length(graph))
    near = hops_to_three(union)
    pairs = np.array(list(itertools.combinations(graph, 2)))
    expected = [hops[i].get(j, 0) for i, j in pairs.tolist()]
    assert [near[i, j] for i, j in pairs] == [min(hop or 3, 3) for hop in expected]
    assert hops_of_pairs(union, pairs).tolist() == expected


def test_graph_of_neighbour_lists_is_the_union_with_its_mass():
    points = np.random.default_rng(0).integers(0, 6, (80, 3)).astype(float)
    lists = nearest_neighbours(points, 12)
    for k in (3, 12):
        (union,) = union_graphs(lists, [k])
        literal = digraph(literal_neighbours(points, k)).to_undirected()
        assert union.edges.tolist() == sorted(sorted(edge) for edge in literal.edges)
        assert [union.degrees[x] for x in literal] == [degree for _, degree in literal.degree]
        assert union.geodesic_mass == literal_mass(literal)
