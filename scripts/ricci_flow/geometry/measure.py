"""Curvature and geodesic mass of kNN graphs, over a whole grid of k.

Source: Baptista et al. 2024, "Deep learning as Ricci flow"; Forman curvature of an unweighted
graph, 4 - D_i - D_j an edge. Definitions of the two conventions: reports/guide/method.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ricci_flow.geometry.bits import BitGraph
from ricci_flow.graphs.neighbours import NeighbourLists, row_ends


@dataclass(frozen=True)
class LayerGeometry:
    """Geometry of one layer's kNN graph at one k in one convention.

    edges: directed edges (`directed`) or undirected ones (`union`).
    curvature: Forman curvature 4 - D_i - D_j summed over those edges.
    in_degree_variance: population variance of the directed graph's in-degrees (hubness).
    geodesic_mass: sum of hop distances over unordered pairs of the union graph, or None where
    it is not connected. diameter: its largest hop distance, or None likewise.
    """

    k: int
    convention: str
    n: int
    edges: int
    components: int
    connected: bool
    curvature: float
    in_degree_variance: float
    geodesic_mass: float | None
    diameter: int | None


def directed_curvature(out_degrees: np.ndarray, in_degrees: np.ndarray) -> int:
    """Return the sum of 4 - D_i - D_j over directed edges, D = out-degree + in-degree.

    Every edge meets D_i once at each of its ends and a point i is an end of D_i edges, so the
    sum is 4 m - sum_i D_i^2 with m directed edges.
    """
    degrees = (out_degrees + in_degrees).astype(np.int64)
    return int(4 * out_degrees.sum() - (degrees**2).sum())


def union_curvature(degrees: np.ndarray) -> int:
    """Return the sum of 4 - deg(i) - deg(j) over undirected edges: 4 |E| - sum_i deg(i)^2."""
    degrees = degrees.astype(np.int64)
    return int(2 * degrees.sum() - (degrees**2).sum())


def measure_layer(lists: NeighbourLists, grid: Sequence[int]) -> list[LayerGeometry]:
    """Measure one layer at every k of the grid, in both conventions, k ascending.

    One neighbour list serves every k by truncation, and the graph at a larger k contains the one
    at a smaller k, so edges are only ever added. Exact integer arithmetic throughout.
    Raises ValueError where a k exceeds the lists' k_max.
    """
    graph = BitGraph(lists)
    begins = lists.starts[:-1]
    table: list[LayerGeometry] = []
    for k in sorted(set(grid)):
        ends = row_ends(lists, k)
        graph.add(begins, ends)
        begins = ends
        in_degrees, degrees = graph.in_degrees, graph.degrees
        out_degrees = ends - lists.starts[:-1]
        total, components, diameter = graph.hops()
        connected = components == 1
        shared = (
            float(np.var(in_degrees)),
            total / 2 if connected else None,
            diameter if connected else None,
        )
        for convention, edges, curvature in (
            ("directed", out_degrees.sum(), directed_curvature(out_degrees, in_degrees)),
            ("union", degrees.sum() // 2, union_curvature(degrees)),
        ):
            table.append(
                LayerGeometry(
                    *(k, convention, lists.n, int(edges), components, connected),
                    float(curvature),
                    *shared,
                )
            )
    return table
