"""The mean of an upper and a lower bound of Ollivier's curvature, from degrees and triangles.

With t triangles, s = 1 - 1/d_u - 1/d_v and x+ = max(x, 0), Ollivier's curvature (no idleness) lies
between -(s - t/min(d_u, d_v))+ - (s - t/max(d_u, d_v))+ + t/max(d_u, d_v) and t/max(d_u, d_v).
Sources: bounds, Jost and Liu 2014, Discrete & Computational Geometry 51:300-322; their mean, Tian,
Lubberts and Weber 2025, JMLR 26; used so by Hehl et al. 2025, arXiv 2509.22362.
"""

from typing import Any

import numpy as np

from ricci_flow.graphs.counts import count_triangles
from ricci_flow.graphs.graph import Graph

SCOPE = "edge"
COST = "low"
OPTIONS: dict[str, Any] = {}


def bounds(graph: Graph) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and the upper bound for every edge, (m,) float64 each."""
    first, second = graph.end_degrees()
    triangles = count_triangles(graph)
    of_larger = triangles / np.maximum(first, second)
    of_smaller = triangles / np.minimum(first, second)
    rest = 1 - 1 / first - 1 / second
    lower = of_larger - np.maximum(rest - of_smaller, 0) - np.maximum(rest - of_larger, 0)
    return lower, of_larger


def measure(graph: Graph) -> np.ndarray:
    """Return the curvature of every edge, (m,) float64."""
    lower, upper = bounds(graph)
    return (lower + upper) / 2
