"""Balanced Forman curvature, with its term of 4-cycles.

Ric(i, j) = 2/d_i + 2/d_j - 2 + 2 t / max(d_i, d_j) + t / min(d_i, d_j)
+ (|#i| + |#j|) / (gamma_max max(d_i, d_j)), and 0 where an end has degree 1; t triangles, #i and
gamma_max as in `count_squares`. Source: Topping et al. 2022, ICLR, Definition 1 (the definition
of the paper, not its released code, which differs).
"""

from typing import Any

import numpy as np

from ricci_flow.graphs.counts import count_squares, count_triangles
from ricci_flow.graphs.graph import Graph

SCOPE = "edge"
COST = "low"
OPTIONS: dict[str, Any] = {}


def measure(graph: Graph) -> np.ndarray:
    """Return the curvature of every edge, (m,) float64."""
    first, second = graph.end_degrees()
    larger, smaller = np.maximum(first, second), np.minimum(first, second)
    triangles = count_triangles(graph)
    squares, gamma = count_squares(graph)
    ricci = 2 / first + 2 / second - 2 + 2 * triangles / larger + triangles / smaller
    # gamma_max is 0 only where there are no squares.
    ricci += squares / (np.maximum(gamma, 1) * larger)
    return np.where(smaller == 1, 0.0, ricci)
