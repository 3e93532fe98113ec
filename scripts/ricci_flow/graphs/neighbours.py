"""Exact nearest neighbours of a point cloud, with all ties.

Distances are summed coordinate by coordinate in float64 from differences, never from a Gram
matrix: duplicates are at distance exactly 0, d(i, j) equals d(j, i) to the last bit, points that
are equally far by symmetry of equal coordinates tie exactly, and the result is the same on every
IEEE machine whatever its BLAS.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ricci_flow.compiled import Kernels

if TYPE_CHECKING:
    from ricci_flow.graphs import kernels
else:
    kernels = Kernels("ricci_flow.graphs.kernels")

# Distances and keys of a block of rows lie in a processor's second-level cache: 0.5 MB each.
_BLOCK_ENTRIES = 65_536


@dataclass(frozen=True)
class NeighbourLists:
    """Neighbours of n points, nearest first; the layout of graphs/.../neighbours.safetensors.

    starts: (n + 1,) int64, where each point's row starts in `indices` and `tied`.
    indices: neighbours, nearest first, equally far ones in order of index.
    tied: whether an entry is exactly as far as the entry before it in its row.
    k_max: every row holds at least k_max entries, and all those as far as the k_max-th.
    duplicates: points with a duplicate at distance 0.
    """

    starts: np.ndarray
    indices: np.ndarray
    tied: np.ndarray
    k_max: int
    duplicates: int

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.starts) - 1


def check_points(points: np.ndarray, k_max: int) -> np.ndarray:
    """Return points (n, d) as float64 without the coordinates that all of them share.

    Such a coordinate, a dead unit for one, adds an exact zero to every distance.
    Raises ValueError where k_max does not lie in 1..n-1 or a coordinate is not finite.
    """
    n = len(points)
    if not 1 <= k_max < n:
        raise ValueError(f"k_max = {k_max} must lie in 1..{n - 1} for {n} points")
    exact = np.asarray(points, dtype=np.float64)
    if not np.isfinite(exact).all():
        raise ValueError("points must be finite")
    return np.ascontiguousarray(exact[:, (exact != exact[0]).any(axis=0)])


def index_type(n: int) -> type[np.integer]:
    """Return the type of the entries of neighbour lists of n points."""
    return np.uint16 if n <= 65535 else np.int32


def nearest_neighbours(points: np.ndarray, k_max: int) -> NeighbourLists:
    """Return each point's neighbours up to the k_max-th nearest, all ties included.

    points: (n, d) finite, n > k_max >= 1. Euclidean distance, the point itself excluded. Ties as
    in the R function cccd::nng of the paper's authors: a row holds every point that is at most as
    far as its k_max-th nearest. Time O(n^2 d); memory 16 n d bytes and 1 MB (16 bytes per point
    where that is more), and the lists.
    Raises ValueError where k_max does not lie in 1..n-1 or a coordinate is not finite.
    """
    n = len(points)
    exact = check_points(points, k_max)
    columns = np.ascontiguousarray(exact.T)
    height = max(1, min(n, _BLOCK_ENTRIES // n))
    distances, keys = np.empty((height, n)), np.empty((height, n), dtype=np.uint64)
    lengths, counts = np.empty(n, dtype=np.int64), np.empty(height, dtype=np.int64)
    buffer = np.empty((2, n), dtype=np.int64)
    rows: list[np.ndarray] = []
    flags: list[np.ndarray] = []
    duplicates = 0
    for start in range(0, n, height):
        stop = min(n, start + height)
        block = slice(stop - start)
        kernels.squared_distances(exact, columns, start, distances[block], keys[block])
        keys[block].partition(k_max - 1, axis=1)
        kernels.gather_rivals(keys[block], k_max, counts[block])
        keys[block, : counts[block].max()].sort(axis=1)
        indices = np.empty(counts[block].sum(), dtype=index_type(n))
        tied = np.empty(len(indices), dtype=np.bool_)
        count, found = kernels.list_neighbours(
            *(distances[block], keys[block], counts[block], k_max),
            *(indices, tied, lengths[start:stop], buffer),
        )
        duplicates += found
        rows.append(indices[:count])
        flags.append(tied[:count])
    starts = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return NeighbourLists(starts, np.concatenate(rows), np.concatenate(flags), k_max, duplicates)


def row_ends(lists: NeighbourLists, k: int) -> np.ndarray:
    """Return where each row ends, (n,) int64, when only the k nearest and their ties are kept.

    Raises ValueError where k exceeds the lists' k_max.
    """
    if not 1 <= k <= lists.k_max:
        raise ValueError(f"k = {k} must lie in 1..{lists.k_max}")
    ends = np.empty(lists.n, dtype=np.int64)
    kernels.row_ends(lists.starts, lists.tied, k, ends)
    return ends
