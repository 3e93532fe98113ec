"""The classes of points as a partition of a graph."""

from dataclasses import dataclass

import numpy as np

from ricci_flow.graphs.graph import Graph


def across(graph: Graph, labels: np.ndarray) -> np.ndarray:
    """Return whether the ends of each edge differ in class, (m,) bool."""
    return np.asarray(labels[graph.edges[:, 0]] != labels[graph.edges[:, 1]])


@dataclass(frozen=True)
class Partition:
    """Edges of a graph by class, of two classes at least.

    edges, between: all edges, and those between different classes. volumes: sum of the degrees in
    each class, and leaving: edges that leave it, (classes,).
    """

    edges: int
    between: int
    volumes: np.ndarray
    leaving: np.ndarray

    @classmethod
    def of(cls, graph: Graph, labels: np.ndarray) -> "Partition":
        """Return the partition into labels (n,) 0, 1, ..."""
        crosses = across(graph, labels)
        classes = max(2, int(labels.max()) + 1)
        return cls(
            len(graph.edges),
            int(crosses.sum()),
            np.bincount(labels, graph.degrees, classes),
            np.bincount(labels[graph.edges[crosses]].ravel(), minlength=classes),
        )


def curvature_gap(
    values: np.ndarray, crosses: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float | None, str | None]:
    """Return the gap between curvature within and between classes, or None and why.

    (mean within - mean between) / sqrt((variance within + variance between) / 2), population
    variances. Sources: Gosztolai and Arnaudon 2021, Nature Communications 12:4561, of which this
    keeps the sign; Hehl et al. 2025. values, crosses: (m,) curvature, and `across`, of every edge.
    weights: (m,) how many edges each stands for, one if None.
    """
    within, between = values[~crosses], values[crosses]
    if not len(between):
        return None, "no edge between the classes"
    if not len(within):
        return None, "no edge within a class"
    if weights is not None:
        (mean, variance), (other, variance_between) = (
            _moments(values[part], weights[part]) for part in (~crosses, crosses)
        )
    else:
        mean, variance = within.mean(), within.var()
        other, variance_between = between.mean(), between.var()
    spread = float(np.sqrt((variance + variance_between) / 2))
    if spread <= 1e-12 * float(np.abs(values).max()):
        return None, "curvature does not vary"
    return float((mean - other) / spread), None


def _moments(values: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    mean = float(np.average(values, weights=weights))
    return mean, float(np.average((values - mean) ** 2, weights=weights))
