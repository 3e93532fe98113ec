"""Forman curvature of an undirected graph without weights: 4 - deg(u) - deg(v) per edge.

Source: Forman 2003, Discrete & Computational Geometry 29:323-374, as in Baptista et al. 2024.
"""

from typing import Any

import numpy as np

from ricci_flow.graphs.graph import Graph

SCOPE = "edge"
COST = "low"
OPTIONS: dict[str, Any] = {}


def measure(graph: Graph) -> np.ndarray:
    """Return the curvature of every edge, (m,) float64."""
    first, second = graph.end_degrees()
    return (4 - first - second).astype(np.float64)


def total(graph: Graph) -> float:
    """Return the sum over edges from degrees alone: 4 |E| - sum_i deg(i)^2."""
    return float(curvature(graph.degrees))


def curvature(degrees: np.ndarray) -> int:
    """Return the sum of 4 - deg(i) - deg(j) over the edges of a graph with degrees (n,)."""
    degrees = degrees.astype(np.int64)
    return int(2 * degrees.sum() - (degrees**2).sum())
