"""Synthetic clouds of Hehl, von Renesse and Weber 2025 (arXiv 2509.22362), section on data.

Written after their released code, but that training and test points are drawn apart from each
other and classes have fixed numbers of points.
"""

import math

import numpy as np

from ricci_flow.datasets.checks import check_parameters

Points = np.ndarray


def _check_rings(generator: str, inner_radius: float, noise: float) -> None:
    holds = 0 < inner_radius < 1 and noise >= 0
    check_parameters(holds, generator, "need 0 < inner_radius < 1, noise >= 0")


def concentric_circles(
    rng: np.random.Generator,
    count_0: int,
    count_1: int,
    *,
    inner_radius: float = 0.8,
    noise: float = 0.03,
) -> tuple[Points, Points]:
    """Draw Syn-I: the unit circle (y = 0) around a smaller one (y = 1), with normal noise.

    Points lie at equal angles, as of scikit-learn's make_circles. Returns the (count, 2) float64
    points of the classes. Raises InputError where the radius is not between 0 and 1, or noise < 0.
    """
    _check_rings("concentric_circles", inner_radius, noise)

    def circle(count: int, radius: float) -> Points:
        angle = 2 * math.pi * np.arange(count) / max(count, 1)
        points = radius * np.column_stack([np.cos(angle), np.sin(angle)])
        return points + rng.normal(0.0, noise, points.shape)

    return circle(count_0, 1.0), circle(count_1, inner_radius)


def discs_in_disc(
    rng: np.random.Generator, count_0: int, count_1: int, *, radius: float = 0.2
) -> tuple[Points, Points]:
    """Draw Syn-II: the unit disc (y = 0) without four discs in it (y = 1), uniform by area.

    The small discs have centres (0, +-0.5) and (+-0.5, 0). Returns the (count, 2) float64 points of
    the classes. Raises InputError where the small discs would meet or touch the unit circle.
    """
    check_parameters(0 < radius <= 0.35, "discs_in_disc", "need 0 < radius <= 0.35")
    centres = np.array([[0.0, 0.5], [-0.5, 0.0], [0.0, -0.5], [0.5, 0.0]])

    def disc(count: int) -> Points:
        angle, r = rng.uniform(0, 2 * math.pi, count), np.sqrt(rng.uniform(0, 1, count))
        return np.column_stack([r * np.cos(angle), r * np.sin(angle)])

    kept = np.empty((0, 2))
    while len(kept) < count_0:
        points = disc(2 * count_0 + 8)
        distance = np.linalg.norm(points[:, None] - centres, axis=2)
        kept = np.concatenate([kept, points[(distance > radius).all(axis=1)]])
    return kept[:count_0], centres[rng.integers(4, size=count_1)] + radius * disc(count_1)


def cylinder_shells(
    rng: np.random.Generator,
    count_0: int,
    count_1: int,
    *,
    inner_radius: float = 0.8,
    noise: float = 0.1,
) -> tuple[Points, Points]:
    """Draw Syn-III: a cylinder of radius 1 (y = 0) around a thinner one (y = 1), both 1 high.

    Radii have uniform noise of at most `noise` on either side. Returns the (count, 3) float64
    points of the classes. Raises InputError where the radius is not between 0 and 1, or noise < 0.
    """
    _check_rings("cylinder_shells", inner_radius, noise)

    def shell(count: int, radius: float) -> Points:
        angle = rng.uniform(0, 2 * math.pi, count)
        r = radius + rng.uniform(-noise, noise, count)
        return np.column_stack([r * np.cos(angle), rng.uniform(0, 1, count), r * np.sin(angle)])

    return shell(count_0, 1.0), shell(count_1, inner_radius)


def linked_tori(
    rng: np.random.Generator,
    count_0: int,
    count_1: int,
    *,
    major_radius: float = 2.0,
    minor_radius: float = 1.0,
    distance: float = 2.0,
) -> tuple[Points, Points]:
    """Draw Syn-IV: two solid tori, each through the hole of the other.

    The first (y = 0) lies around the z axis, the second (y = 1) is turned about the x axis and
    moved along it. Both angles and the distance from the core are uniform. Returns the (count, 3)
    float64 points of the classes. Raises InputError where a size is not positive.
    """
    sizes = min(major_radius, minor_radius, distance)
    check_parameters(sizes > 0, "linked_tori", "need major_radius, minor_radius and distance > 0")

    def torus(count: int) -> Points:
        around, across = rng.uniform(0, 2 * math.pi, (2, count))
        r = rng.uniform(0, minor_radius, count)
        outwards = major_radius + r * np.cos(across)
        return np.column_stack(
            [outwards * np.cos(around), outwards * np.sin(around), r * np.sin(across)]
        )

    first, second = torus(count_0), torus(count_1)[:, [0, 2, 1]]
    second[:, 0] += distance
    return first, second
