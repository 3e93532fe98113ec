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


def measure(graph: Graph) -> np.ndarray:
    """Return the curvature of every edge, (m,) float64."""
    first, second = graph.end_degrees()
    idleness = 1 / (np.maximum(first, second) + 1)
    return transport_curvature(graph, idleness) / (1 - idleness)
