"""Curvature and geodesic mass of one layer's points on the pipeline's graph and on others."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from ricci_flow.geometry.bits import BitGraph, bit_degrees, set_bits
from ricci_flow.geometry.hops import adjacency_lists, hop_sums
from ricci_flow.geometry.measure import directed_curvature, union_curvature
from ricci_flow.graphs.components import component_labels
from ricci_flow.graphs.neighbours import nearest_neighbours, row_ends
from ricci_flow.robustness.edges import mutual_bits, spanning_tree

# What can be measured on one layer's points beside the pipeline's own graph, `baseline`.
GRAPHS = ("mutual", "largest_component", "mst")


@dataclass(frozen=True)
class Measured:
    """Geodesic mass (nan where the graph is not connected) and curvature by convention.

    dropped: points that were left out.
    """

    mass: float
    curvature: dict[str, float]
    dropped: int = 0


def measure_points(
    points: np.ndarray, ks: Sequence[int], graphs: Collection[str] = ()
) -> dict[tuple[str, int], Measured]:
    """Return (graph, k) -> what is measured on points (n, d): `baseline` and those of `graphs`.

    baseline: the geometry stage's, curvature in both conventions, mass on the union graph.
    mutual: an edge where both are neighbours of each other; hops and curvature on that graph.
    largest_component: see `_largest`. mst: the union and a Euclidean minimum spanning tree.
    """
    lists = nearest_neighbours(points, max(ks))
    tree = np.empty((0, 2), dtype=np.int64)
    if "mst" in graphs:
        tree = spanning_tree(points)
    begins = lists.starts[:-1]
    graph, added = BitGraph(lists), begins
    found: dict[tuple[str, int], Measured] = {}
    for k in sorted(set(ks)):
        ends = row_ends(lists, k)
        graph.add(added, ends)
        added = ends
        out_degrees = ends - begins
        total, components, _ = graph.hops()
        curvature = _both(out_degrees, graph.in_degrees, graph.degrees)
        baseline = Measured(total / 2 if components == 1 else np.nan, curvature)
        found["baseline", k] = baseline
        if "mutual" in graphs:
            bits = mutual_bits(begins, ends, lists.indices)
            degrees = bit_degrees(bits)
            found["mutual", k] = Measured(_mass(bits), {"union": float(union_curvature(degrees))})
        if "largest_component" in graphs:
            found["largest_component", k] = (
                baseline if components == 1 else _largest(graph, out_degrees)
            )
        if "mst" in graphs:
            found["mst", k] = _with_tree(graph, out_degrees, tree)
    return found


def _both(out_degrees: np.ndarray, in_degrees: np.ndarray, degrees: np.ndarray) -> dict[str, float]:
    return {
        "directed": float(directed_curvature(out_degrees, in_degrees)),
        "union": float(union_curvature(degrees)),
    }


def _hops(bits: np.ndarray) -> tuple[int, int]:
    """Return (sum of hops over ordered pairs, components); nothing is known of the distances."""
    lists = adjacency_lists(bits, bit_degrees(bits))
    return hop_sums(bits, *lists, longest_expected=len(bits))[:2]


def _mass(bits: np.ndarray) -> float:
    total, components = _hops(bits)
    return total / 2 if components == 1 else np.nan


def _largest(graph: BitGraph, out_degrees: np.ndarray) -> Measured:
    """Measure the largest component of the union graph, of equals the one of the first point.

    A component has all edges of its points, so their degrees stand. With m of n points in it
    its mass is scaled by n (n - 1) / (m (m - 1)), pairs, and its curvature by n / m, points: else
    a layer that loses points would look as if its distances had shrunk. Where nothing is lost
    this is the baseline.
    """
    n = len(graph.degrees)
    labels = component_labels(*adjacency_lists(graph.union, graph.degrees))
    inside = labels == np.bincount(labels).argmax()
    m = int(inside.sum())
    # Points without edges are in nobody's reach: their pairs add nothing to the sum.
    bits = np.where(inside[:, None], graph.union, np.uint64(0))
    total, _ = _hops(bits)
    curvature = _both(out_degrees[inside], graph.in_degrees[inside], graph.degrees[inside])
    return Measured(
        total / 2 * (n * (n - 1)) / (m * (m - 1)),
        {convention: value * n / m for convention, value in curvature.items()},
        n - m,
    )


def _with_tree(graph: BitGraph, out_degrees: np.ndarray, tree: np.ndarray) -> Measured:
    """Measure the union graph with the tree's edges; those it lacks count in both directions."""
    bits = graph.union.copy()
    set_bits(bits, tree)
    degrees = bit_degrees(bits)
    new = degrees - graph.degrees
    return Measured(_mass(bits), _both(out_degrees + new, graph.in_degrees + new, degrees))
