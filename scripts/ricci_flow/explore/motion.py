"""Points in three dimensions, so that they move smoothly from layer to layer.

Each layer is shown by its first three principal components. Their signs, and axes of like variance,
are arbitrary, so a layer is turned (or mirrored) to lie as near as it can to the layer before: the
orthogonal Procrustes problem, Schoenemann 1966. Distances within a layer do not change by that.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.linalg import eigh, orthogonal_procrustes


def principal_components(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the first three principal components (n, 3), and their share of the variance.

    points: (n, d). Components that are not there are 0. The scores are divided by their root mean
    square distance from the mean, so that every layer has the same spread.
    """
    centred = points.astype(np.float64)
    centred -= centred.mean(axis=0)
    n, d = centred.shape
    size = min(n, d)
    chosen = (max(0, size - 3), size - 1)
    # The smaller one of both products has the same eigenvalues.
    product = centred.T @ centred if d <= n else centred @ centred.T
    values, vectors = eigh(product, subset_by_index=chosen)
    values, vectors = np.clip(values[::-1], 0, None), vectors[:, ::-1]
    scores = np.zeros((n, 3))
    found = centred @ vectors if d <= n else vectors * np.sqrt(values)
    scores[:, : found.shape[1]] = found
    total, spread = float(np.trace(product)), float(np.sqrt((scores**2).sum() / n))
    if total == 0 or spread == 0:  # all points are equal
        return np.zeros((n, 3)), 1.0
    return scores / spread, float(values.sum()) / total


def follow(
    layers: Sequence[np.ndarray], beside: Sequence[np.ndarray] | None = None
) -> Iterator[tuple[np.ndarray, float]]:
    """Yield components (n, 3) and share of the variance of every layer, each turned to the last.

    layers: (n, width) each. beside: the same layers of the next checkpoint, as they were turned;
    a layer is turned to both, as near as it can in squared distance.
    """
    before = None
    for number, points in enumerate(layers):
        scores, share = principal_components(points)
        targets = [] if before is None else [before]
        targets += [] if beside is None else [beside[number]]
        if targets:
            scores = scores @ orthogonal_procrustes(scores, np.sum(targets, axis=0))[0]
        before = scores
        yield scores, share
