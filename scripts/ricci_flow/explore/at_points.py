"""The curvature at a point: the mean over the edges that end there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ricci_flow.graphs.bits import BitGraph
from ricci_flow.graphs.graph import Graph
from ricci_flow.graphs.neighbours import NeighbourLists, nearest_neighbours, row_ends
from ricci_flow.measurement.catalogue import read_constants
from ricci_flow.measurement.points import mean_at_points


@dataclass(frozen=True)
class Coloured:
    """The measure that colours points: its module, and of an edge measure its function."""

    module: str
    function: Callable[[Graph], np.ndarray]


def unavailable(module: str) -> str | None:
    """Return why a measure, by its module, has no value at points here; None where it has."""
    constants = read_constants(module)
    if constants["COST"] == "high":
        return "it takes too long to compute again for this page"
    if constants["SCOPE"] != "edge" and module != "forman_directed":
        return "it is a measure of whole layers"
    return None


def curvature_at_points(
    points: np.ndarray, ks: Sequence[int], of: Coloured, rows: np.ndarray
) -> np.ndarray:
    """Return the mean curvature of the edges at some points, (k, rows) float64.

    points: (n, d) of one layer; ks: ascending; of: a measure that is available; rows: numbers of
    the points, each once. The graph is that of all n points, so every point has an edge.
    """
    lists = nearest_neighbours(points, ks[-1])
    if of.module == "forman_directed":
        return np.array(list(_directed(lists, ks, rows)))
    graphs = _graphs(lists, ks)
    if of.module == "forman_union":
        return np.array([_union(graph)[rows] for graph in graphs])
    return np.array([mean_at_points(graph, of.function(graph))[rows] for graph in graphs])


def _graphs(lists: NeighbourLists, ks: Sequence[int]) -> Iterator[Graph]:
    """Yield the undirected kNN graph at every k; hops, which take the longest, are not counted."""
    grown = BitGraph(lists)
    begins = lists.starts[:-1]
    for k in ks:
        ends = row_ends(lists, k)
        grown.add(begins, ends)
        begins = ends
        yield Graph(grown.union, grown.degrees)


def _union(graph: Graph) -> np.ndarray:
    """Mean of 4 - deg u - deg v over the edges at u, from degrees alone: no list of edges."""
    sums = np.add.reduceat(graph.degrees[graph.targets], graph.starts[:-1])
    return np.asarray(4 - graph.degrees - sums / graph.degrees)


def _directed(lists: NeighbourLists, ks: Sequence[int], rows: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the mean of 4 - D_u - D_v over the directed edges that begin or end at u, at every k.

    The edges at a k are those at the k before, and some more. Of edges that are counted, only
    those at the points of `rows` are kept.
    """
    n, begins = lists.n, lists.starts[:-1]
    place = np.full(n, -1)
    place[rows] = np.arange(len(rows))
    degrees = np.zeros(n, np.int64)
    at = across = np.empty(0, np.int64)  # of every edge at a row: its place, and the other end
    for k in ks:
        ends = row_ends(lists, k)
        lengths = ends - begins
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        sources = np.repeat(np.arange(n), lengths)
        targets = lists.indices[np.repeat(begins, lengths) + within].astype(np.int64)
        begins = ends
        degrees += np.bincount(sources, minlength=n) + np.bincount(targets, minlength=n)
        for here, there in ((sources, targets), (targets, sources)):
            kept = place[here] >= 0
            at = np.append(at, place[here[kept]])
            across = np.append(across, there[kept])
        own = degrees[rows]
        yield 4 - own - np.bincount(at, degrees[across], len(rows)) / own
