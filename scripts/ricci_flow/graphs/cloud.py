"""The points of one layer, before a graph is put on them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ricci_flow.graphs.edges import spanning_tree
from ricci_flow.graphs.neighbours import NeighbourLists, nearest_neighbours


@dataclass(frozen=True)
class Cloud:
    """The points (n, d) of one layer; points are None where only `found` is known.

    k_max: the most neighbours that are needed. found: neighbour lists, where they are known.
    """

    points: np.ndarray | None
    k_max: int
    found: NeighbourLists | None = None

    @cached_property
    def lists(self) -> NeighbourLists:
        """Nearest neighbours of every point."""
        return self.found or nearest_neighbours(self._points, self.k_max)

    @cached_property
    def tree(self) -> np.ndarray:
        """Edges (n - 1, 2) of a Euclidean minimum spanning tree."""
        return spanning_tree(self._points)

    @property
    def _points(self) -> np.ndarray:
        if self.points is None:
            raise ValueError("the points of this cloud are not known, only its neighbour lists")
        return self.points
