"""What happens at the points of one layer and the next.

Source: Hehl, von Renesse and Weber 2025, "Neural feature geometry evolves as discrete Ricci flow",
arXiv 2509.22362.
"""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class DrawnEdges:
    """Edges that were drawn for the points of a graph.

    edges: (s, 2) each edge once, in the order of `graph.edges`. points, places: (h,) a point, and
    the place in `edges` of an edge that was drawn for it. An edge that was drawn for one of its
    ends counts for that end alone. weights: (h,) how many of the point's edges each stands for.
    """

    edges: np.ndarray
    points: np.ndarray
    places: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, graph: Graph, count: int, generator: np.random.Generator) -> "DrawnEdges":
        """Draw `count` edges of every point without replacement; all where it has no more."""
        starts, targets = graph.lists
        ends = np.repeat(np.arange(graph.n), graph.degrees)
        order = np.lexsort((generator.random(len(targets)), ends))
        chosen = np.sort(order[np.arange(len(targets)) - starts[ends] < count])
        points, others = ends[chosen], targets[chosen].astype(np.int64)
        codes = np.minimum(points, others) * graph.n + np.maximum(points, others)
        found, places = np.unique(codes, return_inverse=True)
        edges = np.stack(np.divmod(found, graph.n), axis=1).astype(np.int32)
        degrees = graph.degrees[points]
        return cls(edges, points, places, degrees / np.minimum(degrees, count))

    def mean_at_points(self, n: int, values: np.ndarray) -> np.ndarray:
        """Return the mean over the edges drawn for each of n points, (n,) float64.

        values: (s,) of `edges`. nan at a point without edges.
        """
        counts = np.bincount(self.points, minlength=n)
        sums = np.bincount(self.points, values[self.places], n)
        return np.divide(sums, counts, out=np.full(n, np.nan), where=counts > 0)

    def total(self, values: np.ndarray) -> float:
        """Return the sum over all edges as estimated by `values` (s,): unbiased.

        Each edge is one of the edges of both its ends, so of their sum it is half.
        """
        return float(self.weights @ values[self.places]) / 2


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
