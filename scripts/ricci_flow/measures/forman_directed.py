"""Forman curvature of the directed kNN graph, summed over its edges: 4 - D_i - D_j per edge.

D is the out-degree plus the in-degree of a point; a pair of which each is among the nearest of the
other has two edges. One of the two readings of Baptista et al. 2024: reports/guide/method.md.
"""

from typing import Any

import numpy as np

from ricci_flow.measures.base import Layer, Undefined

SCOPE = "layer"
COST = "low"
OPTIONS: dict[str, Any] = {}
# Only graphs with directed edges have it; of others it is left out.
DIRECTED = True


def measure(layer: Layer) -> float:
    """Return the sum over directed edges."""
    graph = layer.graph
    if graph.out_degrees is None or graph.in_degrees is None:
        raise Undefined("the graph has no directed edges")
    return graph.per_layer(float(curvature(graph.out_degrees, graph.in_degrees)))


def curvature(out_degrees: np.ndarray, in_degrees: np.ndarray) -> int:
    """Return the sum of 4 - D_i - D_j over directed edges, D = out-degree + in-degree.

    Every edge meets D_i once at each of its ends and a point i is an end of D_i edges, so the
    sum is 4 m - sum_i D_i^2 with m directed edges.
    """
    degrees = (out_degrees + in_degrees).astype(np.int64)
    return int(4 * out_degrees.sum() - (degrees**2).sum())
