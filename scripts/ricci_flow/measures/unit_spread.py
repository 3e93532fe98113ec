"""How far the units of a layer differ from each other: 0 where all are the same.

A unit is its values h_i(x) on the points, the mean unit is the mean of all units at each point. The
spread is the root of the sum over units and points of (h_i(x) - mean(x))^2, divided by that of
h_i(x)^2: 1 where the mean unit is zero. Fang, Lee, Yang and Zhang 2021 (COLT, PMLR 134, 1887) speak
of layers of one meaningful unit, and give no formula; this one is ours.
"""

from typing import Any

import numpy as np

from ricci_flow.measures.base import Layer, Undefined

SCOPE = "layer"
COST = "low"
OPTIONS: dict[str, Any] = {}
POINTS = True


def measure(layer: Layer) -> float:
    """Return the spread, from 0 to 1; Undefined where all values are zero."""
    units = np.asarray(layer.points, np.float64)
    total = float((units**2).sum())
    if not total > 0:
        raise Undefined("all values are zero")
    apart = units - units.mean(axis=1, keepdims=True)
    return float(np.sqrt((apart**2).sum() / total))
