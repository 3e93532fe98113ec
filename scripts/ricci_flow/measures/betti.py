"""Betti numbers of the complex of all cliques of a graph.

The complex is that of the graph itself, or with radius r that of the graph that joins points at
most r hops apart: the Vietoris-Rips complex of the hop metric. With a setting of one class
(`of_class`) this is what Naitzat, Zhitnikov and Lim 2020 (JMLR 21:184) follow through the layers.
Homology by gudhi, with coefficients in the field of 11 elements.
"""

from typing import Any

import gudhi
import numpy as np
from scipy.sparse import csr_array

from ricci_flow.graphs.graph import Graph
from ricci_flow.measures.base import Layer, Undefined

SCOPE = "layer"
COST = "low"
OPTIONS: dict[str, Any] = {"dimension": (0, 2), "radius": (1, 4)}
# Edges by point above which the cliques of one graph may fill the memory.
MOST_EDGES = 100


def measure(layer: Layer, *, dimension: float = 0, radius: float = 1) -> float:
    """Return the Betti number of this dimension; whole numbers. Undefined where edges are too many.

    Of points that a kind of graph leaves out nothing is counted.
    """
    edges = within(layer.graph, int(radius))
    points = np.flatnonzero(layer.graph.degrees > 0) if layer.graph.left_out else None
    return float(betti_numbers(layer.graph.n, edges, int(dimension), points)[int(dimension)])


def within(graph: Graph, radius: int) -> np.ndarray:
    """Return the pairs of points at most `radius` hops apart, (m, 2), first below second."""
    if radius == 1:
        return graph.edges
    starts, targets = graph.lists
    ones = np.ones(len(targets), dtype=bool)
    near = csr_array((ones, targets, starts), shape=(graph.n, graph.n))
    reached = near
    for _ in range(radius - 1):
        reached = (reached @ near + reached).astype(bool)
    u, v = reached.nonzero()
    return np.stack([u[u < v], v[u < v]], axis=1)


def betti_numbers(
    n: int, edges: np.ndarray, dimension: int, points: np.ndarray | None = None
) -> list[int]:
    """Return the Betti numbers 0 .. dimension of the clique complex of a graph.

    n: points; edges: (m, 2); points: those that count, None for all. Raises Undefined where there
    are more than MOST_EDGES edges by point once edges that change nothing are collapsed.
    """
    tree = gudhi.SimplexTree()
    vertices = np.arange(n) if points is None else points
    tree.insert_batch(vertices[None, :].astype(np.int32), np.zeros(len(vertices)))
    if len(edges):
        tree.insert_batch(edges.T.astype(np.int32), np.zeros(len(edges)))
        tree.collapse_edges()
    left = tree.num_simplices() - tree.num_vertices()
    if left > MOST_EDGES * n:
        raise Undefined(f"{left} edges are left after collapses, more than {MOST_EDGES} per point")
    tree.expansion(dimension + 1)
    # Of the highest dimension too: a point cloud may fill the complex.
    tree.compute_persistence(persistence_dim_max=True)
    found = tree.betti_numbers()
    return [*found, *[0] * (dimension + 1)][: dimension + 1]
