"""Layers of infinitely wide linear networks: every layer is the input (Gaussian process)."""

from collections.abc import Iterator, Sequence

import numpy as np

from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import options_of

TRAINER = "gibbs_linear"


def covariances(
    recipe: Recipe, X: np.ndarray, y: np.ndarray, X_test: np.ndarray, widths: Sequence[int]
) -> Iterator[np.ndarray]:
    """Yield sigma^(2 l) G for layer l, with G = X_test X_test^T / features."""
    sigma = options_of(recipe)["sigma"]
    G = X_test @ X_test.T / X_test.shape[1]
    for layer in range(1, len(widths) + 1):
        yield sigma ** (2 * layer) * G
