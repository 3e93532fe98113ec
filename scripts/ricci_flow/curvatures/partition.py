"""How well the classes part a graph: modularity, normalised cut, curvature gap."""

from dataclasses import dataclass

import numpy as np

from ricci_flow.curvatures.interface import UnionGraph


@dataclass(frozen=True)
class Partition:
    """The classes as a partition of a graph; None where a class has no edge, `reason` says so.

    edges, between: all edges, and those between different classes. modularity: Newman and Girvan
    2004, Physical Review E 69:026113. normalised_cut: Shi and Malik 2000, IEEE TPAMI 22:888-905,
    the sum over the classes of the edges that leave the class, divided by its volume; Hehl et al.
    2025 take half of it.
    """

    edges: int
    between: int
    modularity: float | None
    normalised_cut: float | None
    reason: str | None


def across(graph: UnionGraph, labels: np.ndarray) -> np.ndarray:
    """Return whether the ends of each edge differ in class, (m,) bool."""
    return np.asarray(labels[graph.edges[:, 0]] != labels[graph.edges[:, 1]])


def measure_partition(graph: UnionGraph, labels: np.ndarray) -> Partition:
    """Return the measures of the partition into labels (n,) 0, 1, ..., of two classes at least."""
    crosses = across(graph, labels)
    edges, between = len(graph.edges), int(crosses.sum())
    classes = max(2, int(labels.max()) + 1)
    volumes = np.bincount(labels, graph.degrees, classes)
    leaving = np.bincount(labels[graph.edges[crosses]].ravel(), minlength=classes)
    if (volumes == 0).any():
        return Partition(edges, between, None, None, "a class has no edge")
    modularity = (edges - between) / edges - ((volumes / (2 * edges)) ** 2).sum()
    return Partition(edges, between, float(modularity), float((leaving / volumes).sum()), None)


def curvature_gap(values: np.ndarray, crosses: np.ndarray) -> tuple[float | None, str | None]:
    """Return the gap between curvature within and between classes, or None and why.

    (mean within - mean between) / sqrt((variance within + variance between) / 2), population
    variances. Sources: Gosztolai and Arnaudon 2021, Nature Communications 12:4561, of which this
    keeps the sign; Hehl et al. 2025. values, crosses: (m,) curvature, and `across`, of every edge.
    """
    within, between = values[~crosses], values[crosses]
    if not len(between):
        return None, "no edge between the classes"
    if not len(within):
        return None, "no edge within a class"
    spread = float(np.sqrt((within.var() + between.var()) / 2))
    if spread <= 1e-12 * float(np.abs(values).max()):
        return None, "curvature does not vary"
    return float((within.mean() - between.mean()) / spread), None
