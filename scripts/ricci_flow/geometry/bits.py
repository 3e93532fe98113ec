"""A growing graph as rows of bits, on a CPU."""

import numba
import numpy as np

from ricci_flow.geometry.hops import adjacency_lists, hop_sums
from ricci_flow.graphs.neighbours import NeighbourLists

# Thinning the lists of neighbours costs about as much as two levels of the search for hops.
_MANY_LEVELS = 7
_ONE = np.uint64(1)


@numba.njit(cache=True)
def _add_edges(
    begins: np.ndarray,
    ends: np.ndarray,
    indices: np.ndarray,
    union: np.ndarray,
    in_degrees: np.ndarray,
) -> None:
    """Add the directed edges i -> indices[begins[i]:ends[i]] to the union's bits, in place."""
    for i in range(begins.shape[0]):
        word_i, bit_i = i >> 6, _ONE << np.uint64(i & 63)
        for e in range(begins[i], ends[i]):
            j = np.int64(indices[e])
            union[i, j >> 6] |= _ONE << np.uint64(j & 63)
            union[j, word_i] |= bit_i
            in_degrees[j] += 1


class BitGraph:
    """Directed kNN graph of n points and its union, to which edges are only ever added.

    in_degrees, degrees: (n,) int64, of the directed graph and of the union. Memory: n^2 / 8 bytes
    for the union's bits and 4 bytes an edge and direction.
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
        _add_edges(begins, ends, self.indices, self.union, self.in_degrees)
        self.degrees = np.bitwise_count(self.union).sum(axis=1, dtype=np.int64)

    def hops(self) -> tuple[int, int, int]:
        """Return (sum over ordered pairs, components, longest finite hop distance)."""
        lists = adjacency_lists(self.union, self.degrees)
        total, components, longest = hop_sums(self.union, *lists, self.longest > _MANY_LEVELS)
        # More edges make no distance longer, but may join what was apart.
        self.longest = longest if components == 1 else self.longest
        return total, components, longest
