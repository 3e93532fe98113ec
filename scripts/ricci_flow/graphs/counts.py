"""Counts on graphs: triangles, 4-cycles, components, hops."""

from typing import TYPE_CHECKING

import numpy as np

from ricci_flow.compiled import Kernels
from ricci_flow.graphs.graph import Graph
from ricci_flow.graphs.hops import cover_neighbours

if TYPE_CHECKING:
    from ricci_flow.graphs import count_kernels as kernels
else:
    kernels = Kernels("ricci_flow.graphs.count_kernels")


def count_triangles(graph: Graph) -> np.ndarray:
    """Return how many triangles each edge is in: the common neighbours of its ends, (m,) int64."""
    found = np.empty(len(graph.edges), dtype=np.int64)
    kernels.count_triangles(graph.bits, graph.edges, found)
    return found


def count_squares(graph: Graph) -> tuple[np.ndarray, np.ndarray]:
    """Return (|#i| + |#j|, gamma_max) of every edge i ~ j, (m,) int64 each, after Topping et al.

    #i: neighbours k of i, other than j and not neighbours of j, that have a neighbour w other
    than i which is one of j and not one of i; so i, k, w, j is a 4-cycle without diagonals.
    gamma_max: the most such w that one k of #i, or of #j with the ends exchanged, has.
    """
    squares, gamma = np.zeros((2, len(graph.edges)), dtype=np.int64)
    only = np.empty(graph.bits.shape[1], dtype=np.uint64)
    kernels.count_squares(
        *(graph.bits, graph.starts, graph.targets, graph.edges, only, squares, gamma)
    )
    return squares, gamma


def hops_to_three(graph: Graph) -> np.ndarray:
    """Return hop distances of all pairs, 3 standing for three or more, (n, n) uint8."""
    hops = np.full((graph.n, graph.n), 3, dtype=np.uint8)
    row = np.empty(graph.bits.shape[1], dtype=np.uint64)
    kernels.hops_to_three(graph.bits, graph.starts, graph.targets, row, hops)
    return hops


def hops_of_pairs(graph: Graph, pairs: np.ndarray) -> np.ndarray:
    """Return the hop distance of each pair of different points, 0 where there is no path, (p,).

    pairs: (p, 2) integers. All points are searched at once, level by level, until every pair has
    met or nothing grows any more.
    """
    # Thinned lists serve every level from the second on: see geometry.hops.
    starts, targets = cover_neighbours(graph.bits, graph.starts, graph.targets, thorough=False)
    points = np.arange(graph.n)
    reach = graph.bits.copy()
    reach[points, points >> 6] |= np.uint64(1) << (points & 63).astype(np.uint64)
    hops = np.zeros(len(pairs), dtype=np.int64)
    pending = np.arange(len(pairs))
    kernels.hops_of_pairs(reach, np.empty_like(reach), starts, targets, pairs, pending, hops)
    return hops
