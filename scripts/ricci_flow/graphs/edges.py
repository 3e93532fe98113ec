"""Edges of the other graphs: mutual ones, components, the minimum spanning tree."""

from typing import TYPE_CHECKING

import numpy as np

from ricci_flow.compiled import Kernels
from ricci_flow.graphs.neighbours import check_points

if TYPE_CHECKING:
    from ricci_flow.graphs import edge_kernels as kernels
else:
    kernels = Kernels("ricci_flow.graphs.edge_kernels")


def mutual_bits(begins: np.ndarray, ends: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Return the bit rows (n, words) of the pairs i, j that both have the other as a neighbour.

    Neighbours of point i: indices[begins[i]:ends[i]].
    """
    directed = np.zeros((len(begins), (len(begins) + 63) // 64), dtype=np.uint64)
    mutual = np.zeros_like(directed)
    kernels.mutual_bits(begins, ends, indices, directed, mutual)
    return mutual


def spanning_tree(points: np.ndarray) -> np.ndarray:
    """Return the edges (n - 1, 2) int64 of a Euclidean minimum spanning tree of points (n, d).

    O(n^2 d). Squared distances are summed coordinate by coordinate as in the neighbour search, so
    what ties there ties here; of equally near points the one of lowest index joins first, at the
    point it was nearest to first.
    """
    n = len(points)
    columns = np.array(check_points(points, 1).T, order="C")
    edges = np.empty((n - 1, 2), dtype=np.int64)
    kernels.grow_tree(
        *(columns, np.arange(n), np.full(n, np.inf), np.zeros(n, dtype=np.int64)),
        *(np.empty(n), np.empty(len(columns)), edges),
    )
    return edges
