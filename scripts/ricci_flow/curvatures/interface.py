"""What a curvature is given and what it gives back.

A notion is a module of `ricci_flow.curvatures.notions` that holds three names:

- `curvature(graph, **options)`: from a `UnionGraph` to one float64 an edge, in the order of
  `graph.edges`;
- `OPTIONS`: a literal dict, option -> (lowest, highest) allowed number, {} where there are none;
- `COST`: "low" or "high"; high where a graph of 2000 points takes more than seconds.

A catalogue entry in config/curvatures.yaml gives it a name, and values to its options.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ricci_flow.geometry.bits import BitGraph, bit_degrees, set_bits
from ricci_flow.geometry.hops import adjacency_lists
from ricci_flow.graphs.neighbours import NeighbourLists, row_ends


@dataclass(frozen=True)
class UnionGraph:
    """A simple undirected graph of n points.

    edges: (m, 2) int32, first end below the second, in lexicographic order. starts: (n + 1,)
    int64 and targets: (2 m,) int32, each point's neighbours ascending (CSR). bits: (n, words)
    uint64, the same as rows of bits, 64 points a word.
    """

    starts: np.ndarray
    targets: np.ndarray
    bits: np.ndarray
    edges: np.ndarray

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.starts) - 1

    @property
    def degrees(self) -> np.ndarray:
        """Degree of every point, (n,) int64."""
        return np.diff(self.starts)

    def end_degrees(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the degrees of the first and the second end of every edge, (m,) int64 each."""
        degrees = self.degrees
        return degrees[self.edges[:, 0]], degrees[self.edges[:, 1]]


Curvature = Callable[[UnionGraph], np.ndarray]


def graph_of_bits(bits: np.ndarray) -> UnionGraph:
    """Return the graph of a symmetric bit matrix (n, words) without bits on its diagonal."""
    degrees = bit_degrees(bits)
    starts, targets = adjacency_lists(bits, degrees)
    sources = np.repeat(np.arange(len(bits), dtype=np.int32), degrees)
    once = sources < targets
    return UnionGraph(starts, targets, bits, np.stack([sources[once], targets[once]], axis=1))


def graph_of_edges(n: int, edges: np.ndarray) -> UnionGraph:
    """Return the graph of n points with edges (m, 2), given in any order and direction."""
    bits = np.zeros((n, (n + 63) // 64), dtype=np.uint64)
    set_bits(bits, edges)
    return graph_of_bits(bits)


def graph_of_lists(lists: NeighbourLists, k: int) -> tuple[UnionGraph, float | None]:
    """Return the union kNN graph at k (ties included) and its geodesic mass.

    The mass is the sum of hop distances over unordered pairs, None where not connected.
    Raises ValueError where k exceeds the lists' k_max.
    """
    grown = BitGraph(lists)
    grown.add(lists.starts[:-1], row_ends(lists, k))
    total, components, _ = grown.hops()
    return graph_of_bits(grown.union), total / 2 if components == 1 else None
