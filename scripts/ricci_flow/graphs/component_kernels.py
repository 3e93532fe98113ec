"""Kernel of `components`, loaded by `compiled.Kernels`."""

import numba
import numpy as np


# Nothing is allocated here: see `compiled`.
@numba.njit(_nrt=False)  # type: ignore[call-overload]
def label_components(
    starts: np.ndarray, targets: np.ndarray, labels: np.ndarray, stack: np.ndarray
) -> None:
    """Fill `labels`, given as -1, with 0, 1, ... in order of the components' first points."""
    count = 0
    for first in range(labels.shape[0]):
        if labels[first] >= 0:
            continue
        labels[first] = count
        stack[0] = first
        height = 1
        while height > 0:
            height -= 1
            i = stack[height]
            for e in range(starts[i], starts[i + 1]):
                j = np.int64(targets[e])
                if labels[j] < 0:
                    labels[j] = count
                    stack[height] = j
                    height += 1
        count += 1
