"""Hops between all pairs of points of a graph held as rows of bits, 64 points to a word."""

from typing import TYPE_CHECKING

import numpy as np

from ricci_flow.compiled import Kernels

if TYPE_CHECKING:
    from ricci_flow.geometry import kernels
else:
    kernels = Kernels("ricci_flow.geometry.kernels")

# Words of a block of sources: 4096 points, 512 bytes a row.
_BLOCK_WORDS = 64


def adjacency_lists(union: np.ndarray, degrees: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return row starts (n + 1,) and neighbours of a symmetric bit matrix."""
    starts = np.zeros(len(union) + 1, dtype=np.int64)
    np.cumsum(degrees, out=starts[1:])
    targets = np.empty(starts[-1], dtype=np.int32)
    kernels.list_bits(union, targets)
    return starts, targets


def cover_neighbours(
    union: np.ndarray, starts: np.ndarray, targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return row starts and neighbours of lists thinned to what hops need: see `hop_sums`.

    Of each point's neighbours those are kept that have a neighbour which neither the point nor
    one kept before has: a few, where there were hundreds.
    """
    kept_starts, kept = np.empty_like(starts), np.empty_like(targets)
    room = np.empty(union.shape[1], dtype=np.uint64)
    end = kernels.cover(union, starts, targets, kept_starts, kept, room)
    return kept_starts, kept[:end]


def hop_sums(
    union: np.ndarray, starts: np.ndarray, targets: np.ndarray, many_levels: bool
) -> tuple[int, int, int]:
    """Return (sum of hops over ordered pairs, components, longest finite hop distance).

    many_levels: whether thinning the lists is expected to pay; the result is the same.

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
    if many_levels:
        starts, targets = cover_neighbours(union, starts, targets)
    total, longest = 0, 0
    leads = np.ones(n, dtype=np.bool_)  # whether a point is the first of its component
    done = np.empty(n, dtype=np.bool_)
    for first in range(0, words, _BLOCK_WORDS):
        reach = union[:, first : first + _BLOCK_WORDS].copy()
        start = first << 6
        sources = min(n - start, reach.shape[1] << 6)
        hops, level = kernels.block_hops(
            *(start, sources, reach, np.empty_like(reach), done, starts, targets, leads)
        )
        total += hops
        longest = max(longest, level)
    return total, int(leads.sum()), longest
