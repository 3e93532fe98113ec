"""A growing graph as rows of bits, on a CPU."""

import numpy as np

from ricci_flow.graphs.hops import adjacency_lists, hop_sums, kernels
from ricci_flow.graphs.neighbours import NeighbourLists


def bit_degrees(bits: np.ndarray) -> np.ndarray:
    """Return how many bits each row (n, words) has, (n,) int64."""
    return np.asarray(np.bitwise_count(bits).sum(axis=1, dtype=np.int64))


def set_bits(bits: np.ndarray, edges: np.ndarray) -> None:
    """Set the bits of undirected edges (m, 2) in rows (n, words), in both directions."""
    here, there = np.concatenate([edges, edges[:, ::-1]]).T
    np.bitwise_or.at(bits, (here, there >> 6), np.uint64(1) << (there & 63).astype(np.uint64))


class BitGraph:
    """Directed kNN graph of n points and its union, to which edges are only ever added.

    in_degrees, degrees: (n,) int64, of the directed graph and of the union. Memory: n^2 / 8 bytes
    for the union's bits and 4 bytes per edge and direction.
    """

    def __init__(self, lists: NeighbourLists) -> None:
        n = lists.n
        self.indices = lists.indices
        self.union = np.zeros((n, (n + 63) // 64), dtype=np.uint64)
        self.in_degrees = np.zeros(n, dtype=np.int64)
        self.degrees = np.zeros(n, dtype=np.int64)
        self.longest = n  # the longest hop distance is at most this, once connected

    def add(self, begins: np.ndarray, ends: np.ndarray) -> None:
        """Add the edges from every point i to indices[begins[i]:ends[i]]."""
        kernels.add_edges(begins, ends, self.indices, self.union, self.in_degrees)
        self.degrees = bit_degrees(self.union)

    def hops(self) -> tuple[int, int, int]:
        """Return (sum over ordered pairs, components, longest finite hop distance)."""
        lists = adjacency_lists(self.union, self.degrees)
        total, components, longest = hop_sums(self.union, *lists, longest_expected=self.longest)
        # More edges make no distance longer, but may join what was apart.
        self.longest = longest if components == 1 else self.longest
        return total, components, longest
