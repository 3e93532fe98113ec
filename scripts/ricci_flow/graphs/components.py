"""Components of a graph given as lists of neighbours."""

from typing import TYPE_CHECKING

import numpy as np

from ricci_flow.compiled import Kernels

if TYPE_CHECKING:
    from ricci_flow.graphs import component_kernels as kernels
else:
    kernels = Kernels("ricci_flow.graphs.component_kernels")


def component_labels(starts: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return each point's component, (n,) int64, numbered in order of their first points.

    Neighbours of point i: targets[starts[i]:starts[i + 1]], symmetric.
    """
    labels = np.full(len(starts) - 1, -1, dtype=np.int64)
    kernels.label_components(starts, targets, labels, np.empty_like(labels))
    return labels
