"""Clouds of known Betti numbers, after Naitzat, Zhitnikov and Lim 2020 (JMLR 21:184).

Written after their text and released code, but that points of discs and rings are uniform where
theirs lie on a grid; where the rings stand is this project's choice.
"""

import math

import numpy as np

from ricci_flow.datasets.checks import check_parameters

Points = np.ndarray


def nine_discs(
    rng: np.random.Generator,
    count_0: int,
    count_1: int,
    *,
    radius: float = 1.3,
    circle: float = 7.0,
    margin: float = 0.5,
    half_side: float = 10.0,
) -> tuple[Points, Points]:
    """Draw D-I: nine discs (y = 0), and the square around them (y = 1), uniform by area.

    Eight centres lie on a circle, one in its middle; between disc and square is an empty `margin`.
    Betti numbers: (9, 0) and (1, 9). Returns the (count, 2) float64 points of the classes. Raises
    InputError where the discs meet or leave the square.
    """
    hole = radius + margin
    apart = 2 * hole < min(circle, 2 * circle * math.sin(math.pi / 8))
    inside = circle + hole < half_side and radius > 0 and margin >= 0
    check_parameters(apart and inside, "nine_discs", "the discs must not meet or leave the square")
    angles = 2 * math.pi * np.arange(8) / 8
    ring = circle * np.column_stack([np.cos(angles), np.sin(angles)])
    centres = np.concatenate([ring, np.zeros((1, 2))])

    angle, r = rng.uniform(0, 2 * math.pi, count_0), radius * np.sqrt(rng.uniform(0, 1, count_0))
    discs = centres[_shared(count_0, 9)] + np.column_stack([r * np.cos(angle), r * np.sin(angle)])
    kept = np.empty((0, 2))
    while len(kept) < count_1:
        points = rng.uniform(-half_side, half_side, (2 * count_1 + 8, 2))
        distance = np.linalg.norm(points[:, None] - centres, axis=2)
        kept = np.concatenate([kept, points[(distance > hole).all(axis=1)]])
    return discs, kept[:count_1]


def linked_rings(
    rng: np.random.Generator,
    count_0: int,
    count_1: int,
    *,
    ring: float = 1.0,
    thickness: float = 0.15,
    distance: float = 4.0,
) -> tuple[Points, Points]:
    """Draw D-II: nine pairs of solid rings, each ring of a pair (a class each) through the other.

    ring: radius of the core; thickness: radius of the tube; the pairs stand on a grid of three by
    three, `distance` apart. Betti numbers: (9, 9) of each class. Uniform by volume. Returns the
    (count, 3) float64 points of the classes. Raises InputError where rings would meet.
    """
    free = 0 < 2 * thickness < ring and distance > 3 * ring + 2 * thickness
    check_parameters(free, "linked_rings", "the rings must not meet: make thickness smaller")

    def rings(count: int) -> Points:
        kept = np.empty((0, 3))
        while len(kept) < count:
            box = rng.uniform(-1, 1, (2 * count + 8, 3)) * [ring + thickness] * 3
            core = np.hypot(box[:, 0], box[:, 1]) - ring
            kept = np.concatenate([kept, box[np.hypot(core, box[:, 2]) <= thickness]])
        return kept[:count]

    places = distance * np.array([[x, y, 0.0] for x in (-1, 0, 1) for y in (-1, 0, 1)])
    first = rings(count_0) + places[_shared(count_0, 9)]
    turned = rings(count_1)[:, [0, 2, 1]] + [ring, 0, 0]
    return first, turned + places[_shared(count_1, 9)]


def nested_spheres(
    rng: np.random.Generator,
    count_0: int,
    count_1: int,
    *,
    inner: float = 0.5,
    middle: float = 1.0,
    outer: float = 2.0,
    thickness: float = 0.05,
    corner: float = 3.0,
    inner_share: float = 0.3,
) -> tuple[Points, Points]:
    """Draw D-III: nine units of nested spheres, the middle one y = 0, the others y = 1.

    Units stand at the corners of a cube, (+-corner, ...), and in its middle. Spheres are shells of
    this thickness, the inner one, with inner_share of the points of its class, is thin. Points are
    even on a sphere (a spiral of the golden angle), which is turned at random, since of uniform
    ones too many are needed to close it. Betti numbers: (9, 0, 9) and (18, 0, 18). Returns the
    (count, 3) float64 points of the classes. Raises InputError where spheres would meet.
    """
    nested = 0 < inner < middle and middle + thickness < outer and thickness >= 0
    apart = 2 * (outer + thickness) < corner * min(2, math.sqrt(3))
    check_parameters(
        nested and apart and 0 < inner_share < 1,
        "nested_spheres",
        "the spheres must lie one in another, and the units apart: make corner larger",
    )
    sides = (-corner, corner)
    centres = [(x, y, z) for x in sides for y in sides for z in sides] + [(0.0, 0.0, 0.0)]
    firsts, seconds = [], []
    for place, centre in enumerate(centres):
        own, other = (count // 9 + (place < count % 9) for count in (count_0, count_1))
        within = round(inner_share * other)
        firsts.append(_sphere(rng, own, middle, thickness) + centre)
        seconds.append(_sphere(rng, other - within, outer, thickness) + centre)
        seconds.append(_sphere(rng, within, inner, 0.0) + centre)
    return np.concatenate(firsts), np.concatenate(seconds)


def _sphere(rng: np.random.Generator, count: int, radius: float, thickness: float) -> Points:
    """Return even points of a shell around the origin, turned at random; uniform across it."""
    at = np.arange(count) + 0.5
    height = 1 - 2 * at / max(count, 1)
    angle, flat = math.pi * (1 + math.sqrt(5)) * at, np.sqrt(1 - height**2)
    directions = np.column_stack([flat * np.cos(angle), flat * np.sin(angle), height])
    turn, triangle = np.linalg.qr(rng.normal(size=(3, 3)))
    volumes = rng.uniform(radius**3, (radius + thickness) ** 3, (count, 1))
    return directions @ (turn * np.sign(np.diag(triangle))) * np.cbrt(volumes)


def _shared(count: int, parts: int) -> np.ndarray:
    """Return the part of each point: as many in all, the first ones one more."""
    return np.arange(count) % parts
