"""Curves on the sphere, after Wang, Buchanan, Gilboa and Wright 2021 (arXiv 2107.14324)."""

import math

import numpy as np

from ricci_flow.datasets.checks import check_parameters

Points = np.ndarray


def coaxial_circles(
    rng: np.random.Generator, count_0: int, count_1: int, *, height: float = 0.2
) -> tuple[Points, Points]:
    """Draw two circles of the unit sphere about one axis, at `height` below and above the equator.

    Points of a circle are evenly spaced, from an angle drawn at random. Returns the (count, 3)
    float64 points of the classes. Raises InputError where the height is not between 0 and 1.
    """
    check_parameters(0 < height < 1, "coaxial_circles", "need 0 < height < 1")
    radius = math.sqrt(1 - height**2)

    def circle(count: int, place: float) -> Points:
        angle = rng.uniform(0, 2 * math.pi) + 2 * math.pi * np.arange(count) / count
        level = np.full(count, place)
        return np.column_stack([radius * np.cos(angle), radius * np.sin(angle), level])

    return circle(count_0, -height), circle(count_1, height)
