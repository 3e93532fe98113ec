"""Lin-Lu-Yau curvature: the limit of kappa_a / (1 - a) as the idleness a goes to 1.

kappa_a is linear in a from 1 / (max(d_u, d_v) + 1) on, so the limit is the value there: Bourne et
al. 2018, SIAM Journal on Discrete Mathematics 32:1408-1424. Source of the notion: Lin, Lu and Yau
2011, Tohoku Mathematical Journal 63:605-627.
"""

from typing import Any

import numpy as np

from ricci_flow.graphs.graph import Graph
from ricci_flow.measures.ollivier import transport_curvature

SCOPE = "edge"
COST = "high"
OPTIONS: dict[str, Any] = {}
SUBSET = True


def measure(graph: Graph, edges: np.ndarray | None = None) -> np.ndarray:
    """Return the curvature of every edge, (m,) float64, or of these `edges` of it, (s, 2)."""
    edges = graph.edges if edges is None else edges
    idleness = 1 / (graph.degrees[edges].max(axis=1) + 1)
    return transport_curvature(graph, edges, idleness) / (1 - idleness)
