"""A graph on the points of one layer, and what is known of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ricci_flow.graphs.bits import BitGraph, bit_degrees, set_bits
from ricci_flow.graphs.hops import adjacency_lists, hop_sums
from ricci_flow.graphs.neighbours import NeighbourLists, row_ends


@dataclass(frozen=True)
class Graph:
    """A simple undirected graph of n points, maybe with the directed one that it is made of.

    bits: (n, words) uint64, symmetric rows of bits, 64 points to a word. degrees: (n,) int64.
    hop_sum: sum of hop distances over ordered pairs that a path joins; components: their number;
    diameter: the longest finite hop distance; all three None where they were not counted.
    out_degrees, in_degrees: (n,) int64 of the directed graph, None where there is none.
    left_out: points of the n that do not count; these have no edges.
    partition: of a graph whose geodesic mass is that within its components, a number that two
    graphs share where the same points hang together in both; None for other graphs.
    """

    bits: np.ndarray
    degrees: np.ndarray
    hop_sum: int | None = None
    components: int | None = None
    diameter: int | None = None
    out_degrees: np.ndarray | None = None
    in_degrees: np.ndarray | None = None
    left_out: int = 0
    partition: int | None = None

    @property
    def n(self) -> int:
        """Number of points, those left out among them."""
        return len(self.degrees)

    @property
    def connected(self) -> bool:
        """Whether every point that counts can be reached from every other one."""
        return self.components == 1

    @property
    def geodesic_mass(self) -> float | None:
        """Sum of hop distances over unordered pairs, None where the graph is not connected.

        Of a graph with a partition the sum over pairs that a path joins, connected or not.

        Where points were left out, times n (n - 1) / (m (m - 1)), m the points that count: else a
        layer that loses points would look as if its distances had shrunk.
        """
        apart = not self.connected and self.partition is None
        if apart or self.hop_sum is None:
            return None
        n, m = self.n, self.n - self.left_out
        return self.hop_sum / 2 if n == m else self.hop_sum / 2 * (n * (n - 1)) / (m * (m - 1))

    def per_layer(self, total: float) -> float:
        """Return a sum over edges, times n / m where only m of n points count."""
        return total * self.n / (self.n - self.left_out) if self.left_out else total

    @cached_property
    def lists(self) -> tuple[np.ndarray, np.ndarray]:
        """Row starts (n + 1,) int64 and neighbours (2 m,) int32, ascending in each row."""
        return adjacency_lists(self.bits, self.degrees)

    @property
    def starts(self) -> np.ndarray:
        """Where the neighbours of each point start in `targets`, (n + 1,) int64."""
        return self.lists[0]

    @property
    def targets(self) -> np.ndarray:
        """Neighbours of each point, ascending, (2 m,) int32."""
        return self.lists[1]

    @cached_property
    def edges(self) -> np.ndarray:
        """(m, 2) int32, first end below the second, in lexicographic order."""
        sources = np.repeat(np.arange(self.n, dtype=np.int32), self.degrees)
        once = sources < self.targets
        return np.stack([sources[once], self.targets[once]], axis=1)

    def end_degrees(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the degrees of the first and the second end of every edge, (m,) int64 each."""
        return self.degrees[self.edges[:, 0]], self.degrees[self.edges[:, 1]]

    def kept(self) -> "Graph":
        """Return the graph with bits of its own, which stay as they are when others grow."""
        return replace(self, bits=self.bits.copy())


def graph_of_bits(bits: np.ndarray, *, hops: bool = False) -> Graph:
    """Return the graph of a symmetric bit matrix (n, words) without bits on its diagonal.

    hops: whether hop distances are counted.
    """
    graph = Graph(bits, bit_degrees(bits))
    if not hops:
        return graph
    total, components, diameter = hop_sums(bits, *graph.lists, longest_expected=len(bits))
    return replace(graph, hop_sum=total, components=components, diameter=diameter)


def graph_of_edges(n: int, edges: np.ndarray) -> Graph:
    """Return the graph of n points with edges (m, 2), given in any order and direction."""
    bits = np.zeros((n, (n + 63) // 64), dtype=np.uint64)
    set_bits(bits, edges)
    return graph_of_bits(bits)


def union_graphs(lists: NeighbourLists, grid: Sequence[int]) -> Iterator[Graph]:
    """Yield the kNN graph at every k of the grid, k ascending: directed, and as a union.

    One neighbour list serves every k by truncation (ties included), and the graph at a larger k
    contains the one at a smaller k, so edges are only ever added, to the same bits: a graph is to
    be used, or `kept`, before the next one is asked for.
    Raises ValueError where a k exceeds the lists' k_max.
    """
    grown = BitGraph(lists)
    begins = lists.starts[:-1]
    for k in sorted(set(grid)):
        ends = row_ends(lists, k)
        grown.add(begins, ends)
        begins = ends
        hop_sum, components, diameter = grown.hops()
        yield Graph(
            grown.union,
            grown.degrees,
            hop_sum,
            components,
            diameter,
            ends - lists.starts[:-1],
            grown.in_degrees.copy(),
        )
