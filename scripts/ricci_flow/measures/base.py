"""What a measure is given."""

from dataclasses import dataclass

import numpy as np

from ricci_flow.graphs.graph import Graph
from ricci_flow.graphs.partition import Partition

UNKNOWN = "classes are not known"


class Undefined(Exception):
    """There is no value; the text says why, in a few words."""


@dataclass(frozen=True)
class Layer:
    """One layer of a network: its points (n, d), their classes (n,) 0, 1, ..., and their graph.

    points: None where only the graph is known, as in the main measurement.
    """

    graph: Graph
    labels: np.ndarray | None = None
    points: np.ndarray | None = None

    def classes(self) -> np.ndarray:
        """Return the classes of the points; raises Undefined where they are not known."""
        if self.labels is None:
            raise Undefined(UNKNOWN)
        return self.labels

    def partition(self) -> Partition:
        """Return the edges by class; raises Undefined, too, where a class has no edge."""
        parts = Partition.of(self.graph, self.classes())
        if (parts.volumes == 0).any():
            raise Undefined("a class has no edge")
        return parts
