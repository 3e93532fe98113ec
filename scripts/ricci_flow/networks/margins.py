"""Two simple numbers of a network that may go with its accuracy as well as a curvature does."""

from collections.abc import Iterable, Mapping

import numpy as np


def mean_margin(logits: np.ndarray, y: np.ndarray) -> float:
    """Return the mean margin of a network over points, in the units of its logits.

    logits: (n, outputs) float64; y: (n) class indices. The margin of a point is the logit of its
    class less the largest of the others: positive where the network is right. Of two classes there
    is one logit, and that of the first class is zero. Not divided by any norm of the weights. Not
    finite where a logit is not.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if logits.shape[1] == 1:
            return float((np.where(y > 0, 1.0, -1.0) * logits[:, 0]).mean())
        rows = np.arange(len(y))
        others = logits.copy()
        others[rows, y] = -np.inf
        return float((logits[rows, y] - others.max(axis=1)).mean())


def mean_margins(logits: Iterable[np.ndarray], y: np.ndarray) -> np.ndarray:
    """Return the mean margin of every network, (S,) float64; logits: of one network after another.

    One network's does not depend on the others.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return np.array([mean_margin(values, y) for values in logits])


def weight_norms(parameters: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the norm of all weights of every network, (S,) float64.

    The root of the sum of the squares of all entries of weights, the output layer's included;
    biases, and whatever else has one number per unit, left out.
    """
    squares = np.zeros(len(next(iter(parameters.values()))))
    for stack in parameters.values():
        if stack.ndim > 2:
            axes = tuple(range(1, stack.ndim))
            squares += np.square(stack, dtype=np.float64).sum(axis=axes)
    return np.sqrt(squares)
