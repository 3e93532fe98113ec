"""Compiled kernels of the other graphs: mutual edges, components, the minimum spanning tree."""

import numba
import numpy as np

_ONE = np.uint64(1)


@numba.njit(cache=True)
def mutual_bits(begins: np.ndarray, ends: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Return the bit rows (n, words) of the pairs i, j that both have the other as a neighbour.

    Neighbours of point i: indices[begins[i]:ends[i]].
    """
    n = begins.shape[0]
    directed = np.zeros((n, (n + 63) // 64), dtype=np.uint64)
    for i in range(n):
        for e in range(begins[i], ends[i]):
            j = np.int64(indices[e])
            directed[i, j >> 6] |= _ONE << np.uint64(j & 63)
    mutual = np.zeros_like(directed)
    for i in range(n):
        for e in range(begins[i], ends[i]):
            j = np.int64(indices[e])
            if directed[j, i >> 6] >> np.uint64(i & 63) & _ONE:
                mutual[i, j >> 6] |= _ONE << np.uint64(j & 63)
    return mutual


@numba.njit(cache=True)
def component_labels(starts: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return each point's component, (n,) int64, numbered in order of their first points.

    Neighbours of point i: targets[starts[i]:starts[i + 1]], symmetric.
    """
    n = starts.shape[0] - 1
    labels = np.full(n, -1, dtype=np.int64)
    stack = np.empty(n, dtype=np.int64)
    count = 0
    for first in range(n):
        if labels[first] >= 0:
            continue
        labels[first] = count
        stack[0], height = first, 1
        while height:
            height -= 1
            i = stack[height]
            for e in range(starts[i], starts[i + 1]):
                j = np.int64(targets[e])
                if labels[j] < 0:
                    labels[j] = count
                    stack[height] = j
                    height += 1
        count += 1
    return labels


@numba.njit(cache=True)
def spanning_tree(columns: np.ndarray) -> np.ndarray:
    """Return the edges (n - 1, 2) of a Euclidean minimum spanning tree of n points.

    columns: (d, n) float64, used up. Prim's algorithm from point 0, O(n^2 d). Squared distances
    are summed coordinate by coordinate as in the neighbour search, so what ties there ties here;
    of equally near points the one of lowest index joins first, at the point it was nearest to
    first.
    """
    d, n = columns.shape
    edges = np.empty((n - 1, 2), dtype=np.int64)
    points = np.arange(n)
    nearest = np.full(n, np.inf)  # squared distance to the tree
    parents = np.zeros(n, dtype=np.int64)
    row, here = np.empty(n), np.empty(d)
    newest, place, left = 0, 0, n
    for step in range(n - 1):
        # The newest point of the tree gives its place to the last one that is left.
        left -= 1
        points[place], nearest[place], parents[place] = points[left], nearest[left], parents[left]
        for f in range(d):
            here[f] = columns[f, place]
            columns[f, place] = columns[f, left]
        row[:left] = 0.0
        for f in range(d):
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
    return edges
