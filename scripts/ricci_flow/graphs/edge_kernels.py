"""Kernels of `edges`, loaded by `compiled.Kernels`."""

import numba
import numpy as np

# Nothing is allocated here: see `compiled`.
_kernel = numba.njit(_nrt=False)  # type: ignore[call-overload]
_ONE = np.uint64(1)


@_kernel
def mutual_bits(
    begins: np.ndarray,
    ends: np.ndarray,
    indices: np.ndarray,
    directed: np.ndarray,
    mutual: np.ndarray,
) -> None:
    """Set the bits of the edges, and of those whose opposite is there too; both given as zeros."""
    n = begins.shape[0]
    for i in range(n):
        for e in range(begins[i], ends[i]):
            j = np.int64(indices[e])
            directed[i, j >> 6] |= _ONE << np.uint64(j & 63)
    for i in range(n):
        for e in range(begins[i], ends[i]):
            j = np.int64(indices[e])
            if directed[j, i >> 6] >> np.uint64(i & 63) & _ONE:
                mutual[i, j >> 6] |= _ONE << np.uint64(j & 63)


@_kernel
def grow_tree(
    columns: np.ndarray,
    points: np.ndarray,
    nearest: np.ndarray,
    parents: np.ndarray,
    row: np.ndarray,
    here: np.ndarray,
    edges: np.ndarray,
) -> None:
    """Fill `edges` (n - 1, 2) by Prim's algorithm from point 0; all other arrays are used up.

    columns (d, n): coordinates. points: 0..n-1. nearest: infinity, and parents: 0, of every point:
    its squared distance to the tree, and to which point of it.
    """
    left = points.shape[0]
    newest, place = 0, 0
    for step in range(edges.shape[0]):
        # The newest point of the tree gives its place to the last one that is left.
        left -= 1
        points[place], nearest[place], parents[place] = points[left], nearest[left], parents[left]
        for f in range(columns.shape[0]):
            here[f] = columns[f, place]
            columns[f, place] = columns[f, left]
        row[:left] = 0.0
        for f in range(columns.shape[0]):
            column, value = columns[f], here[f]
            for j in range(left):
                difference = value - column[j]
                row[j] += difference * difference
        place = 0
        for j in range(left):
            if row[j] < nearest[j]:
                nearest[j], parents[j] = row[j], newest
            closer = nearest[j] < nearest[place]
            if closer or (nearest[j] == nearest[place] and points[j] < points[place]):
                place = j
        newest = points[place]
        edges[step, 0], edges[step, 1] = parents[place], newest
