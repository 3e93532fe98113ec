"""Augmented Forman curvature: 4 - deg(u) - deg(v) + 3 triangles.

Triangles count as filled two-cells. Source: Samal et al. 2018, Scientific Reports 8:8650; used by
Hehl et al. 2025, arXiv 2509.22362.
"""

from typing import Any

import numpy as np

from ricci_flow.graphs.counts import count_triangles
from ricci_flow.graphs.graph import Graph

SCOPE = "edge"
COST = "low"
OPTIONS: dict[str, Any] = {}


def measure(graph: Graph) -> np.ndarray:
    """Return the curvature of every edge, (m,) float64."""
    first, second = graph.end_degrees()
    triangles = count_triangles(graph)
    return (4 - first - second + 3 * triangles).astype(np.float64)
