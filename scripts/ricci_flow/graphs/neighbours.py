"""Exact nearest neighbours of a point cloud, with all ties.

Distances are summed coordinate by coordinate in float64 from differences, never from a Gram
matrix: twins are at distance exactly 0, d(i, j) equals d(j, i) to the last bit, points that are
equally far by symmetry of equal coordinates tie exactly, and the result is the same on every
IEEE machine whatever its BLAS.
"""

from dataclasses import dataclass

import numba
import numpy as np

# Rows of the distance matrix held at once: 32 MB of float64 at most, whatever n.
_BLOCK_ENTRIES = 4_000_000
# Candidates beyond k_max, so that the usual short tie at the end needs no second look.
_SLACK = 16


@dataclass(frozen=True)
class NeighbourLists:
    """Neighbours of n points, nearest first; the layout of graphs/.../neighbours.safetensors.

    starts: (n + 1,) int64, where each point's row starts in `indices` and `tied`.
    indices: neighbours, nearest first, equally far ones in order of index.
    tied: whether an entry is exactly as far as the entry before it in its row.
    k_max: every row holds at least k_max entries, and all those as far as the k_max-th.
    duplicates: points with a twin at distance 0.
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


@numba.njit(cache=True)
def _squared_distances(
    points: np.ndarray, columns: np.ndarray, start: int, out: np.ndarray
) -> None:
    """Fill `out` with squared distances from points[start:] to all; a point to itself is inf."""
    for r in range(out.shape[0]):
        row = out[r]
        row[:] = 0.0
        for f in range(columns.shape[0]):
            here = points[start + r, f]
            column = columns[f]
            for j in range(column.shape[0]):
                difference = here - column[j]
                row[j] += difference * difference
        row[start + r] = np.inf


@numba.njit(cache=True)
def _order_ties(distances: np.ndarray, order: np.ndarray) -> None:
    """Within each row sort the indices of equal distances, in place."""
    for r in range(distances.shape[0]):
        row = distances[r]
        i = 0
        while i < row.shape[0]:
            j = i + 1
            while j < row.shape[0] and row[j] == row[i]:
                j += 1
            if j - i > 1:
                order[r, i:j] = np.sort(order[r, i:j])
            i = j


def _sorted_candidates(block: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the `count` smallest entries of each row and their columns, smallest first."""
    if count < block.shape[1]:
        columns = np.argpartition(block, count - 1, axis=1)[:, :count]
        values = np.take_along_axis(block, columns, axis=1)
    else:
        columns = np.broadcast_to(np.arange(block.shape[1]), block.shape)
        values = block
    order = np.argsort(values, axis=1)
    columns = np.take_along_axis(columns, order, axis=1)
    values = np.take_along_axis(values, order, axis=1)
    _order_ties(values, columns)
    return values, columns


def nearest_neighbours(points: np.ndarray, k_max: int) -> NeighbourLists:
    """Return each point's neighbours up to the k_max-th nearest, all ties included.

    points: (n, d) finite, n > k_max >= 1. Euclidean distance, the point itself excluded. Time
    O(n^2 d), memory 32 MB plus the lists. Ties as in the R function cccd::nng of the paper's
    authors: a row holds every point that is at most as far as its k_max-th nearest.
    Raises ValueError where k_max does not lie in 1..n-1 or a coordinate is not finite.
    """
    n = len(points)
    if not 1 <= k_max < n:
        raise ValueError(f"k_max = {k_max} must lie in 1..{n - 1} for {n} points")
    exact = np.ascontiguousarray(points, dtype=np.float64)
    if not np.isfinite(exact).all():
        raise ValueError("points must be finite")
    columns = np.ascontiguousarray(exact.T)
    height = max(1, min(n, _BLOCK_ENTRIES // n))
    candidates = min(n - 1, k_max + _SLACK)
    rows: list[np.ndarray] = []
    flags: list[np.ndarray] = []
    lengths: list[np.ndarray] = []
    duplicates = 0
    for start in range(0, n, height):
        block = np.empty((min(height, n - start), n))
        _squared_distances(exact, columns, start, block)
        values, order = _sorted_candidates(block, candidates)
        if candidates < n - 1 and (values[:, -1] == values[:, k_max - 1]).any():
            # A tie runs past the candidates: sort these whole rows (the last entry is oneself).
            values, order = _sorted_candidates(block, n)
            values, order = values[:, :-1], order[:, :-1]
        within = values <= values[:, k_max - 1 : k_max]
        tied = np.zeros(values.shape, dtype=bool)
        tied[:, 1:] = values[:, 1:] == values[:, :-1]
        rows.append(order[within])
        flags.append(tied[within])
        lengths.append(within.sum(axis=1))
        duplicates += int((values[:, 0] == 0).sum())
    starts = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.concatenate(lengths), out=starts[1:])
    dtype = np.uint16 if n <= 65535 else np.int32
    return NeighbourLists(
        starts, np.concatenate(rows).astype(dtype), np.concatenate(flags), k_max, duplicates
    )


@numba.njit(cache=True)
def _row_ends(starts: np.ndarray, tied: np.ndarray, k: int, ends: np.ndarray) -> None:
    for i in range(ends.shape[0]):
        end = starts[i] + k
        while end < starts[i + 1] and tied[end]:
            end += 1
        ends[i] = end


def row_ends(lists: NeighbourLists, k: int) -> np.ndarray:
    """Return where each row ends, (n,) int64, when only the k nearest and their ties are kept.

    Raises ValueError where k exceeds the lists' k_max.
    """
    if not 1 <= k <= lists.k_max:
        raise ValueError(f"k = {k} must lie in 1..{lists.k_max}")
    ends = np.empty(lists.n, dtype=np.int64)
    _row_ends(lists.starts, lists.tied, k, ends)
    return ends
