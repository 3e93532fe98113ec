"""Objects in space: each one is a set of points on the surface of a body, drawn as one vector."""

import math
from collections.abc import Callable

import numpy as np

from ricci_flow.datasets.checks import check_parameters

Points = np.ndarray
# Draws so many points (n, 3) on a surface that just fits into the cube [-1, 1]^3.
Surface = Callable[[np.random.Generator, int], Points]


def sphere(rng: np.random.Generator, n: int) -> Points:
    """Draw points of the unit sphere, uniform by area."""
    points = rng.standard_normal((n, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def cube(rng: np.random.Generator, n: int) -> Points:
    """Draw points of the faces of the cube, uniform by area."""
    points = rng.uniform(-1, 1, (n, 3))
    points[np.arange(n), rng.integers(0, 3, n)] = rng.choice([-1.0, 1.0], n)
    return points


def cylinder(rng: np.random.Generator, n: int) -> Points:
    """Draw points of a cylinder with its two ends, uniform by area: side 4 pi, each end pi."""
    part = rng.integers(0, 6, n)
    radius = np.where(part < 4, 1.0, np.sqrt(rng.uniform(0, 1, n)))
    height = np.where(part < 4, rng.uniform(-1, 1, n), np.where(part == 4, -1.0, 1.0))
    return _around(rng, radius, height)


def cone(rng: np.random.Generator, n: int) -> Points:
    """Draw points of a cone with its base, uniform by area: side sqrt(5) pi, base pi."""
    radius = np.sqrt(rng.uniform(0, 1, n))
    base = rng.uniform(0, 1, n) < 1 / (1 + math.sqrt(5))
    return _around(rng, radius, np.where(base, -1.0, 1.0 - 2.0 * radius))


def objects_of(*surfaces: Surface) -> Callable[..., tuple[Points, ...]]:
    """Return a sampler of objects, whose classes are surfaces."""

    def objects(
        rng: np.random.Generator,
        *counts: int,
        points: float = 48,
        shortest: float = 0.5,
        noise: float = 0.02,
        rotation: float = 0,
    ) -> tuple[Points, ...]:
        """Draw objects, each with sizes of its own along the three axes.

        points: of an object, on its surface in random order. shortest: sizes are uniform from it to
        1. noise: standard deviation of normal numbers added to all coordinates. rotation: 0 for
        objects that stand upright, 1 for such that are turned by a random angle about the third
        axis, 3 for any rotation (the dimension of the group, SO(2) or SO(3)); it is drawn last, so
        the objects are otherwise the same. Returns the (count, 3 points) float64 vectors of the
        classes, point by point. Raises InputError for other values.
        """
        check_parameters(
            points == int(points) and points >= 2 and 0 < shortest <= 1 and noise >= 0,
            "objects",
            "need whole points >= 2, 0 < shortest <= 1, noise >= 0",
        )
        check_parameters(rotation in (0, 1, 3), "objects", "rotation must be 0, 1 or 3")
        size = int(points)
        drawn = []
        for surface, count in zip(surfaces, counts, strict=True):
            found = surface(rng, count * size).reshape(count, size, 3)
            found *= rng.uniform(shortest, 1, (count, 1, 3))
            drawn.append(found + noise * rng.standard_normal(found.shape))
        return tuple(
            _turned(rng, found, int(rotation)).reshape(len(found), 3 * size) for found in drawn
        )

    return objects


def _around(rng: np.random.Generator, radius: np.ndarray, height: np.ndarray) -> Points:
    """Return points at such distances from the third axis, at angles that are drawn."""
    angle = rng.uniform(0, 2 * math.pi, len(radius))
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle), height])


def _turned(rng: np.random.Generator, objects: Points, rotation: int) -> Points:
    """Return objects (count, points, 3), each turned by a rotation of its own."""
    if not rotation or not len(objects):
        return objects
    # Here alone: most studies draw no objects.
    from scipy.spatial.transform import Rotation

    if rotation == 1:
        turns = Rotation.from_euler("z", rng.uniform(0, 2 * math.pi, (len(objects), 1)))
    else:  # normal quaternions have no direction, so rotations are uniform
        turns = Rotation.from_quat(rng.standard_normal((len(objects), 4)))
    return np.asarray(objects @ turns.as_matrix().transpose(0, 2, 1))
