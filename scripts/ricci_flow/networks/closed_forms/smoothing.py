"""Layers of infinitely wide linear networks of one heat filter each: smoothing alone.

Layer l is exp(-l t L) X with X the points and L their Laplacian (`networks/heat.py`), seen by units
that each weigh the features at random: the covariance of the points is that of smoothed points.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from ricci_flow.networks.heat import heat_modes
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import options_of

TRAINER = "whole_cloud"


def covariances(
    recipe: Recipe, X: np.ndarray, y: np.ndarray, X_test: np.ndarray, widths: Sequence[int]
) -> Iterator[np.ndarray]:
    """Yield G = Y Y^T / features of the smoothed points Y of each layer; t: option `time`."""
    rates, modes = heat_modes(X_test)
    along, time = modes.T @ X_test, options_of(recipe)["time"]
    for layer in range(1, len(widths) + 1):
        smoothed = modes @ (np.exp(-layer * time * rates)[:, None] * along)
        yield smoothed @ smoothed.T / X_test.shape[1]
