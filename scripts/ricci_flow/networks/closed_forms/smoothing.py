"""Smoothing alone: heat flow on the points, layer by layer, which is known in closed form.

Layer l is exp(-l t L) X with X the points and L their Laplacian (`networks/heat.py`), as after l
heat filters of one tap, without activation, that weigh nothing.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from ricci_flow.networks.heat import heat_modes
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import options_of

TRAINER = "whole_cloud"


def points(
    recipe: Recipe, X: np.ndarray, y: np.ndarray, X_test: np.ndarray, widths: Sequence[int]
) -> Iterator[np.ndarray]:
    """Yield the smoothed points of each layer; t is the option `time`."""
    rates, modes = heat_modes(X_test)
    along, time = modes.T @ X_test, options_of(recipe)["time"]
    for layer in range(1, len(widths) + 1):
        yield modes @ (np.exp(-layer * time * rates)[:, None] * along)
