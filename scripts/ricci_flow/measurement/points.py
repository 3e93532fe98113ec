"""What happens at the points of one layer and the next.

Source: Hehl, von Renesse and Weber 2025, "Neural feature geometry evolves as discrete Ricci flow",
arXiv 2509.22362.
"""

import numpy as np

from ricci_flow.graphs.counts import hops_of_pairs
from ricci_flow.graphs.graph import Graph


def mean_at_points(graph: Graph, values: np.ndarray) -> np.ndarray:
    """Return the mean over the edges at each point of one value per edge, (n,) float64.

    nan at a point without edges.
    """
    u, v = graph.edges.T
    sums = np.bincount(u, values, graph.n) + np.bincount(v, values, graph.n)
    degrees = graph.degrees
    return np.divide(sums, degrees, out=np.full(graph.n, np.nan), where=degrees > 0)


def local_changes(graph: Graph, following: Graph) -> np.ndarray:
    """Return each point's mean change of the hop distance to its neighbours, (n,) float64.

    graph: of a layer; following: of the next one, of the same points. Neighbours are one hop apart
    in `graph`. nan at a point with a neighbour that cannot be reached in `following`, or without
    neighbours.
    """
    hops = hops_of_pairs(following, graph.edges)
    apart = np.zeros(graph.n, dtype=bool)
    apart[graph.edges[hops == 0]] = True
    changes = mean_at_points(graph, (hops - 1).astype(np.float64))
    changes[apart] = np.nan
    return changes
