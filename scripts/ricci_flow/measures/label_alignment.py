"""Share of the variance of a layer's points that lies along their labels.

For two classes, with y = -1 and 1 less its mean and K the products of centred points: y^T K y /
(|y|^2 trace K), 1 where all points lie on two places. With more classes, the trace of K over the
span of their indicators: the share of variance between classes.
"""

from typing import Any

import numpy as np

from ricci_flow.measures.base import Layer, Undefined

SCOPE = "layer"
COST = "low"
OPTIONS: dict[str, Any] = {}
POINTS = True


def measure(layer: Layer) -> float:
    """Return the share, from 0 to 1; Undefined where all points are equal, or classes unknown."""
    classes = layer.classes()
    points = np.asarray(layer.points, np.float64)
    points = points - points.mean(axis=0)
    total = float((points**2).sum())
    if not total > 0:
        raise Undefined("all points are equal")
    between = 0.0
    for value in np.unique(classes):
        own = points[classes == value]
        between += float((own.sum(axis=0) ** 2).sum()) / len(own)
    return between / total
