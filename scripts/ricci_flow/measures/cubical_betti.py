"""Betti numbers of the feature maps of a convolution, after Suresh et al. 2023 (arXiv 2311.04592).

A feature map is a picture. Of each channel by itself the sub-level set is the union of the closed
pixels whose value is at most `threshold`; its Betti number is summed over channels, then averaged
over the first `points` points. They take all channels as one volume, whose Betti numbers depend on
the order of the channels, which means nothing; with `volume: 1` this is done here too. Homology by
gudhi.
"""

import math
from typing import Any

import gudhi
import numpy as np

from ricci_flow.measures.base import Layer, Undefined

SCOPE = "layer"
COST = "low"
POINTS = True
OPTIONS: dict[str, Any] = {
    "dimension": (0, 2),
    "threshold": (-1000.0, 1000.0),
    "channels": (1, 10_000),
    "points": (1, 100_000),
    "volume": (0, 1),
}


def measure(
    layer: Layer,
    *,
    dimension: float = 0,
    threshold: float = 0.0,
    channels: float = 1,
    points: float = 100,
    volume: float = 0,
) -> float:
    """Return the mean Betti number of this dimension.

    Undefined where the layer is not made of so many square maps.
    """
    assert layer.points is not None
    width, count = layer.points.shape[1], int(channels)
    side = math.isqrt(width // count)
    if count * side**2 != width:
        raise Undefined(f"{width} units are not {count} square maps")
    maps = layer.points[: int(points)].reshape(-1, count, side, side)
    pictures = maps if volume else maps.reshape(-1, side, side)
    found = [sublevel_betti(picture, threshold)[int(dimension)] for picture in pictures]
    return float(sum(found)) / len(maps)


def sublevel_betti(picture: np.ndarray, threshold: float) -> list[int]:
    """Return the Betti numbers 0, 1 and 2 of the closed pixels, or voxels, up to a threshold."""
    inside = np.where(picture <= threshold, 0.0, 1.0)
    if inside.all():
        return [0, 0, 0]
    cubes = gudhi.CubicalComplex(top_dimensional_cells=inside)
    cubes.compute_persistence()
    found = cubes.persistent_betti_numbers(from_value=0.0, to_value=0.0)
    return [*found, 0, 0, 0][:3]
