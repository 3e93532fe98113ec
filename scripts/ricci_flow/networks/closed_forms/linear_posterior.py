"""Layers of deep linear networks of finite width: the input, and a spike along the labels.

Source: Li and Sompolinsky 2021 (Physical Review X 11, 031059), as restated by Zavatone-Veth et al.,
at temperature 0, with P points, width N and L hidden layers, P / N fixed and N large. On test
points the outer product of the labels is replaced by that of what the network says there, since a
layer knows of the labels only by the map from input to output (our own step; tests compare it with
networks that are sampled). With its mean m and covariance C:

    covariance of layer l = sigma^(2 l) ((1 - 1/N)^l G + sigma^(-2 (L + 1)) M_l / N (m m^T + C))
    M_l = z^(-L) (z^l - 1) / (z - 1),   z = u_0 / sigma^2
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ricci_flow.errors import InputError
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import options_of

TRAINER = "gibbs_linear"


class Predictor(NamedTuple):
    """What the network says: mean (n,) and covariance (n, n) on test points; u_0."""

    mean: np.ndarray
    covariance: np.ndarray
    u_0: float


def renormalisation(sigma: float, load: float, r_0: float, depth: int) -> float:
    """Return u_0, the positive root of 1 - u / sigma^2 = load (1 - r_0 u^(-depth)).

    load: points by units; r_0: y^T K_0^-1 y / P; depth: hidden layers. The right side less the left
    one rises from -inf to inf in u where r_0 > 0, so there is one root, and it goes to sigma^2 with
    load to 0.
    """
    from scipy.optimize import brentq  # takes time to load, and studies are checked by this module

    def excess(log_u: float) -> float:
        u = np.exp(log_u)
        return float((u / sigma**2 + load - 1) - load * r_0 * u**-depth)

    low, high = -1.0, 1.0
    while excess(low) > 0:
        low *= 2
    while excess(high) < 0:
        high *= 2
    return float(np.exp(brentq(excess, low, high, xtol=1e-14)))


def predictor(
    X: np.ndarray, y: np.ndarray, X_test: np.ndarray, sigma: float, width: int, depth: int
) -> Predictor:
    """Return mean and covariance of the networks on test points.

    X (P, features), y (P,): what is trained on. Raises InputError where there are not more features
    than points, or points are not independent: a linear network cannot then be right on all.
    """
    P, features = X.shape
    if np.linalg.matrix_rank(X) < P:
        raise InputError(
            f"closed form: a linear network of {features} features cannot fit {P} points exactly; "
            "use fewer training points or more features"
        )
    scale = sigma**2 / features
    K_0, k_0 = scale * X @ X.T, scale * X @ X_test.T
    solved = np.linalg.solve(K_0, np.column_stack([y, k_0]))
    u_0 = renormalisation(sigma, P / width, float(y @ solved[:, 0]) / P, depth)
    rest = scale * X_test @ X_test.T - k_0.T @ solved[:, 1:]
    return Predictor(k_0.T @ solved[:, 0], u_0**depth * (rest + rest.T) / 2, u_0)


def covariances(
    recipe: Recipe, X: np.ndarray, y: np.ndarray, X_test: np.ndarray, widths: Sequence[int]
) -> Iterator[np.ndarray]:
    """Yield the covariance of each layer; see above. Raises InputError where widths differ."""
    if len(set(widths)) > 1:
        raise InputError(
            f"closed form: the theory is of layers as wide as each other, not {list(widths)}; "
            "name another architecture"
        )
    sigma, width, depth = options_of(recipe)["sigma"], widths[0], len(widths)
    found = predictor(X, y, X_test, sigma, width, depth)
    spike = np.outer(found.mean, found.mean) + found.covariance
    G, z = X_test @ X_test.T / X_test.shape[1], found.u_0 / sigma**2
    for layer in range(1, depth + 1):
        M = z**-depth * sum(z**power for power in range(layer))
        added = sigma ** (-2 * (depth + 1)) * M / width * spike
        yield sigma ** (2 * layer) * ((1 - 1 / width) ** layer * G + added)
