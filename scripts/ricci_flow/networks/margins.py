"""Two simple numbers of a network that may go with its accuracy as well as a curvature does."""

from collections.abc import Mapping

import numpy as np


def mean_margins(
    parameters: Mapping[str, np.ndarray], X: np.ndarray, y: np.ndarray, activation: str
) -> np.ndarray:
    """Return the mean margin of every network over the points X, (S,) float64.

    The margin of a point is (2y - 1) times its logit, the output unit before the sigmoid: positive
    where the network is right, in the units of the logit, not divided by any norm of the weights.
    `parameters` W1.. (S, fan_in, fan_out) and b1.. (S, fan_out); `X` (n, d) scaled as for training;
    `y` (n) in {0, 1}. In float64, a network at a time, so none depends on those beside it. Not
    finite where a logit is not.
    """
    layers = sum(name.startswith("W") for name in parameters)
    signs = np.where(y > 0, 1.0, -1.0)
    margins = np.empty(len(parameters["W1"]))
    with np.errstate(over="ignore", invalid="ignore"):
        for s in range(len(margins)):
            h = X.astype(np.float64)
            for layer in range(1, layers + 1):
                h = h @ parameters[f"W{layer}"][s].astype(np.float64) + parameters[f"b{layer}"][s]
                if activation == "relu" and layer < layers:
                    h = np.maximum(h, 0.0)
            margins[s] = (signs * h[:, 0]).mean()
    return margins


def weight_norms(parameters: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the norm of all weights of every network, (S,) float64.

    The root of the sum of the squared Frobenius norms of W1 .. W{L+1}, the output layer included,
    biases left out.
    """
    squares = np.zeros(len(parameters["W1"]))
    for name, stack in parameters.items():
        if name.startswith("W"):
            squares += np.square(stack, dtype=np.float64).sum(axis=(1, 2))
    return np.sqrt(squares)
