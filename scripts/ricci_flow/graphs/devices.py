"""Where neighbours are searched and hops counted: compiled code on a CPU, or torch on CUDA."""

from collections.abc import Callable
from functools import partial

import numpy as np

from ricci_flow.graphs.neighbours import NeighbourLists, nearest_neighbours


def make_search(device: str) -> Callable[[np.ndarray, int], NeighbourLists]:
    """Return the function that searches (points, k_max) on cpu or cuda."""
    if device == "cpu":
        return nearest_neighbours
    from ricci_flow.graphs.accelerated import nearest_neighbours_on

    return partial(nearest_neighbours_on, device=device)
