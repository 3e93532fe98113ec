"""Hops between all pairs of points of a graph held as rows of bits, 64 points to a word."""

from typing import TYPE_CHECKING

import numpy as np

from ricci_flow.compiled import Kernels
from ricci_flow.graphs.units import LANES

if TYPE_CHECKING:
    from ricci_flow.graphs import hop_kernels as kernels
else:
    kernels = Kernels("ricci_flow.graphs.hop_kernels")

# Words of a block of sources: 4096 points, 512 bytes per row.
_BLOCK_WORDS = 64
# Longest hop distance from which on thinning the lists of neighbours pays, and thoroughly so.
_THINNED, _THOROUGH = 6, 20
# Rows of the buffer: two more than the neighbours that are kept of nearly every point.
_BUFFER_ROWS = 34


def adjacency_lists(union: np.ndarray, degrees: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return row starts (n + 1,) and neighbours of a symmetric bit matrix."""
    starts = np.zeros(len(union) + 1, dtype=np.int64)
    np.cumsum(degrees, out=starts[1:])
    targets = np.empty(starts[-1], dtype=np.int32)
    kernels.list_bits(union, targets)
    return starts, targets


def cover_neighbours(
    union: np.ndarray, starts: np.ndarray, targets: np.ndarray, *, thorough: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return row starts and neighbours of lists thinned to what hops need: see `hop_sums`.

    Of each point's neighbours those are kept that have a neighbour which neither the point nor
    one kept before has: a few, where there were hundreds. thorough: of these, those are dropped
    again that later ones have made needless: half, for a little more time.
    """
    kept_starts, kept = np.empty_like(starts), np.empty_like(targets)
    rows = _padded(union.shape)
    rows[:, : union.shape[1]] = union
    buffer = _padded((_BUFFER_ROWS, union.shape[1]))
    end = kernels.cover(rows, starts, targets, kept_starts, kept, buffer, thorough)
    return kept_starts, kept[:end]


def hop_sums(
    union: np.ndarray, starts: np.ndarray, targets: np.ndarray, *, longest_expected: int
) -> tuple[int, int, int]:
    """Return (sum of hops over ordered pairs, components, longest finite hop distance).

    longest_expected: longest hop distance that is expected; a wrong one costs time, the result is
    the same.

    All points are searched at once, level by level. A path of t + 1 >= 2 hops from i begins with
    a neighbour e and one of e's, y. If y is also a neighbour of i or of s, another neighbour of
    i, then the path's end lies within t hops of i or of s. So the points within t + 1 hops of i
    are those within t hops of i or of any set of its neighbours that together with i have all
    neighbours that i's neighbours have: `cover_neighbours`, found once, serves every level.

    Sources are taken in blocks that stay in the processor's cache and are independent of each
    other. Pairs in different components add nothing to the sum: it is a geodesic mass only where
    there is one component.
    """
    n, words = union.shape
    if longest_expected >= _THINNED:
        thorough = longest_expected >= _THOROUGH
        starts, targets = cover_neighbours(union, starts, targets, thorough=thorough)
    total, longest = 0, 0
    leads = np.ones(n, dtype=np.bool_)  # whether a point is the first of its component
    done = np.empty(n, dtype=np.uint8)
    for first in range(0, words, _BLOCK_WORDS):
        bits = union[:, first : first + _BLOCK_WORDS]
        start = first << 6
        sources = min(n - start, bits.shape[1] << 6)
        reach, following = _padded(bits.shape), _padded(bits.shape)
        reach[:, : bits.shape[1]] = bits
        hops, level = kernels.block_hops(
            start, sources, reach, following, done, starts, targets, leads
        )
        total += hops
        longest = max(longest, level)
    return total, int(leads.sum()), longest


def _padded(shape: tuple[int, int]) -> np.ndarray:
    """Return zero rows of at least as many words, in whole registers that begin on cache lines."""
    rows, words = shape[0], -(-shape[1] // LANES) * LANES
    buffer = np.zeros(rows * words + LANES, dtype=np.uint64)
    start = (-buffer.ctypes.data // 8) % LANES
    return buffer[start : start + rows * words].reshape(rows, words)
