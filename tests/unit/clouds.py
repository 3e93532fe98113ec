"""Small point clouds and slow literal references that several tests share."""

import itertools

import networkx as nx
import numpy as np
from hypothesis import strategies as st


def literal_neighbours(points, k):
    """Return every point's neighbours as R's cccd::nng lists them: all ties of the k-th."""
    points = np.asarray(points, dtype=np.float64)
    rows = []
    for i, here in enumerate(points):
        others = [
            (sum((a - b) ** 2 for a, b in zip(here, there, strict=True)), j)
            for j, there in enumerate(points)
            if j != i
        ]
        others.sort()
        bound = others[k - 1][0]
        rows.append([j for distance, j in others if distance <= bound])
    return rows


def digraph(rows):
    """Return the directed graph of a list of neighbours a point."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(rows)))
    graph.add_edges_from((i, j) for i, row in enumerate(rows) for j in row)
    return graph


def literal_curvature(graph):
    """Return the sum of 4 - D_i - D_j edge by edge, D the degree networkx gives."""
    return sum(4 - graph.degree(i) - graph.degree(j) for i, j in graph.edges)


def literal_mass(graph):
    """Return the sum of networkx's hop distances over unordered pairs, None if disconnected."""
    if not nx.is_connected(graph):
        return None
    hops = dict(nx.all_pairs_shortest_path_length(graph))
    return sum(hops[i][j] for i, j in itertools.combinations(graph.nodes, 2))


# Coordinates on a coarse grid, so that ties and duplicates are common, and free ones.
coarse = st.integers(-3, 3).map(lambda v: v / 2)
free = st.floats(-10, 10, allow_nan=False, width=32)


@st.composite
def clouds(draw, max_points=40):
    """Draw (points, k): up to 40 points in 1 to 4 dimensions, often with ties and duplicates."""
    n = draw(st.integers(3, max_points))
    d = draw(st.integers(1, 4))
    coordinate = draw(st.sampled_from([coarse, free, st.just(0.0)]))
    values = draw(st.lists(coordinate, min_size=n * d, max_size=n * d))
    k = draw(st.integers(1, n - 1))
    return np.array(values, dtype=np.float32).reshape(n, d), k
