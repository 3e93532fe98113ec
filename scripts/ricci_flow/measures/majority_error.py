"""How often the guess errs that every point is of the most frequent class."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ricci_flow.measures.base import Layer

SCOPE = "network"
COST = "low"
OPTIONS: dict[str, Any] = {}


def measure(layers: Sequence[Layer]) -> float:
    """Return the share of the points that are of another class than the most frequent one."""
    classes = layers[0].classes()
    return 1 - float(np.bincount(classes).max()) / len(classes)
