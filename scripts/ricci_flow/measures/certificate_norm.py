"""How hard two classes on the sphere are for a deep ReLU network: the norm of the certificate.

Source: Wang, Buchanan, Gilboa and Wright 2021 (NeurIPS; arXiv 2107.14324). For two inputs at angle
v the neural tangent kernel of L hidden layers of infinite width (weights of variance 2 / width, no
biases), divided by the width, is

    Theta(v) = 1/2 sum over l < L of cos(phi^l(v)) prod over l <= q < L of (1 - phi^q(v) / pi)
    phi(v) = arccos((1 - v / pi) cos v + sin(v) / pi),   phi^l: l times

The certificate is the g on the points with mean over points of Theta g = y, y = -1 and 1; where its
norm is small, gradient descent is fast. All points have the same weight, 1/n.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ricci_flow.measures.base import Layer, Undefined

SCOPE = "network"
COST = "low"
OPTIONS: dict[str, Any] = {}
POINTS = True
PAIR_BYTES = 48  # memory, by pair of points


def measure(layers: Sequence[Layer]) -> float:
    """Return the root mean square of g over the points of the first layer, which is the input.

    So it is for settings with the input, and all further layers count as hidden ones. Lengths of
    points are left out. Undefined for other than two classes, and where the kernel is singular.
    """
    classes = layers[0].classes()
    if len(np.unique(classes)) != 2:
        raise Undefined("there are not two classes")
    points = np.asarray(layers[0].points, np.float64)
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    if not lengths.all():
        raise Undefined("a point has no direction")
    cosines = (points / lengths) @ (points / lengths).T
    angles = np.arccos(cosines.clip(-1, 1))
    np.fill_diagonal(angles, 0)
    y = np.where(classes == classes.max(), 1.0, -1.0)
    try:
        g = np.linalg.solve(tangent_kernel(angles, len(layers) - 1) / len(y), y)
    except np.linalg.LinAlgError:
        raise Undefined("the kernel is singular") from None
    return float(np.sqrt(np.mean(g**2)))


def tangent_kernel(angles: np.ndarray, depth: int) -> np.ndarray:
    """Return Theta at angles from 0 to pi (radians), of their shape; depth: hidden layers."""
    total, angle = np.zeros_like(angles), angles
    for _ in range(depth):
        # Every term so far gets one more factor, and the next begins with it.
        total = (total + np.cos(angle) / 2) * (1 - angle / np.pi)
        angle = turned(angle)
    return total


def turned(angle: np.ndarray) -> np.ndarray:
    """Return the angle of two points after a layer, phi."""
    cosine = (1 - angle / np.pi) * np.cos(angle) + np.sin(angle) / np.pi
    return np.asarray(np.arccos(cosine.clip(-1, 1)))
