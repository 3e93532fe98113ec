"""Heat flow on a cloud of points: its Laplacian, and the modes along which heat falls.

Source: Belkin and Niyogi 2008 (Journal of Computer and System Sciences 74, 1289), as used by Wang,
Ruiz and Ribeiro 2022 (arXiv 2210.00376). Points are joined by w_ij = exp(-|x_i - x_j|^2 / 4 eps).
For n points uniform on a manifold of dimension d and volume V, (D - W) V / (n eps (4 pi eps)^(d/2))
goes to its Laplace-Beltrami operator as n grows and eps falls. The mean degree is then
n (4 pi eps)^(d/2) / V, so that (D - W) / mean degree is eps times this operator, whatever d and V.
"""

from functools import lru_cache

import numpy as np

from ricci_flow.errors import InputError

# The kernel is as wide as the mean distance of a point to its neighbour of this rank.
NEIGHBOURS = 10


def kernel_width(points: np.ndarray) -> float:
    """Return eps of a cloud (n, d): a quarter of the mean squared distance to the 10th neighbour.

    In squared units of the points. Raises InputError where it is not positive.
    """
    squared = np.partition(_squared(points), min(NEIGHBOURS, len(points) - 1), axis=1)
    width = float(squared[:, min(NEIGHBOURS, len(points) - 1)].mean() / 4)
    if not 0 < width < np.inf:
        raise InputError(
            f"heat flow: the {len(points)} points are not apart, or not finite; use other data"
        )
    return width


def laplacian(points: np.ndarray, epsilon: float) -> np.ndarray:
    """Return D - W of a cloud (n, d), (n, n) float64; see above."""
    weights = np.exp(-_squared(points) / (4 * epsilon))
    return np.asarray(np.diag(weights.sum(axis=1)) - weights)


def heat_modes(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rates (n,) and modes (n, n), one a column, of the heat flow on a cloud (n, d).

    After a time t what is along a mode is exp(-t rate) of what it was. Time is in units of the
    cloud's `kernel_width`, in which heat spreads over about ten neighbours in one unit. What is
    found of one cloud is kept for the next call.
    """
    points = np.ascontiguousarray(points, np.float64)
    return _heat_modes(points.tobytes(), len(points))


@lru_cache(maxsize=4)
def _heat_modes(values: bytes, n: int) -> tuple[np.ndarray, np.ndarray]:
    points = np.frombuffer(values).reshape(n, -1)
    found = laplacian(points, kernel_width(points))
    # A point counts as its own neighbour, of weight 1, which D - W leaves out.
    rates, modes = np.linalg.eigh(found / (np.trace(found) / n + 1))
    return rates.clip(0), modes


def _squared(points: np.ndarray) -> np.ndarray:
    from scipy.spatial.distance import cdist  # takes time to load, and studies read this module

    return np.asarray(cdist(points, points, "sqeuclidean"))
