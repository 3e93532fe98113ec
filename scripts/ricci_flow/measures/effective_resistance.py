"""Link resistance curvature: 2 (p_u + p_v) / omega_uv.

omega_uv is the effective resistance between u and v, each edge one ohm, and the node resistance
curvature p_u = 1 - (sum over neighbours of omega) / 2. Source: Devriendt and Lambiotte 2022,
Journal of Physics: Complexity 3:025008.
"""

from typing import Any

import numpy as np
from scipy.linalg import lapack

from ricci_flow.graphs.components import component_labels
from ricci_flow.graphs.graph import Graph

SCOPE = "edge"
COST = "low"
OPTIONS: dict[str, Any] = {}
PAIR_BYTES = 8  # memory, by pair of points


def measure(graph: Graph) -> np.ndarray:
    """Return the curvature of every edge, (m,) float64."""
    omega = resistances(graph)
    u, v = graph.edges.T
    around = np.bincount(u, omega, graph.n) + np.bincount(v, omega, graph.n)
    node = 1 - around / 2
    return 2 * (node[u] + node[v]) / omega


def resistances(graph: Graph) -> np.ndarray:
    """Return the effective resistance between the ends of every edge, (m,) float64.

    By Cholesky's factor of the Laplacian with a constant 1/n_c added inside each component of n_c
    points: positive definite, and the same resistances. Time n^3, memory 8 n^2 bytes.
    Raises RuntimeError where the factorisation fails.
    """
    n = graph.n
    u, v = graph.edges.T
    labels = component_labels(graph.starts, graph.targets)
    matrix = np.full((n, n), 1 / n if labels.max() == 0 else 0.0, order="F")
    for label in range(labels.max() + 1) if labels.max() else ():
        points = np.flatnonzero(labels == label)
        matrix[np.ix_(points, points)] = 1 / len(points)
    # Only the upper triangle is read.
    matrix[u, v] -= 1
    matrix[np.arange(n), np.arange(n)] += graph.degrees
    factor, failed = lapack.dpotrf(matrix, lower=0, overwrite_a=1)
    inverse, failed_too = lapack.dpotri(factor, lower=0, overwrite_c=1)
    if failed or failed_too:
        raise RuntimeError(f"the Laplacian of {n} points could not be inverted")
    diagonal = inverse.diagonal()
    return np.asarray(diagonal[u] + diagonal[v] - 2 * inverse[u, v])
