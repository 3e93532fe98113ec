"""Forman curvature of an unweighted graph: 4 - deg(u) - deg(v).

Source: Forman 2003, Discrete & Computational Geometry 29:323-374, as in Baptista et al. 2024.
"""

from typing import Any

import numpy as np

from ricci_flow.curvatures.interface import UnionGraph

COST = "low"
OPTIONS: dict[str, Any] = {}


def curvature(graph: UnionGraph) -> np.ndarray:
    """Return the curvature of every edge, (m,) float64."""
    first, second = graph.end_degrees()
    return (4 - first - second).astype(np.float64)
