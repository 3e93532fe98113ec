"""Layers without networks, whose flow is known: the scale on which coefficients are read.

A tube of points has a neighbour graph that can be told what to do: its elongation sets how far
points are apart in hops, and how much they are jittered off an even spacing sets how unevenly they
are chosen as neighbours, which is what curvature is made of (directed: a constant less n times the
variance of the in-degree). So a flow can be written down: the more jitter, the more negative the
curvature, the longer the next tube.

To add a source: write one function like those below and name it in `LAYER_SOURCES`. It is given a
random generator, the number of points and the number of layers, and options as keywords, and
returns layers (depth, n, width).
"""

import inspect
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ricci_flow.datasets.checks import check_parameters

Layers = np.ndarray
FEWEST_POINTS = 20


def tube(rng: np.random.Generator, n: int, elongation: float, jitter: float) -> np.ndarray:
    """Return a cloud (n, 3): the outside of a tube of area 1, turned somehow in space.

    elongation: length by circumference; jitter: standard deviation off an even spacing, in units of
    the spacing.
    """
    spacing = 1 / np.sqrt(n)
    length, around = np.sqrt(elongation), 1 / np.sqrt(elongation)
    rings = np.array_split(np.arange(n), max(1, round(length / spacing)))
    flat = np.concatenate(
        [
            np.column_stack(
                [
                    np.full(len(ring), length * (row + 0.5) / len(rings)),
                    around * (np.arange(len(ring)) + 0.5 * (row % 2)) / len(ring),
                ]
            )
            for row, ring in enumerate(rings)
        ]
    )
    flat += jitter * spacing * rng.normal(size=flat.shape)
    angle, radius = 2 * np.pi * flat[:, 1] / around, around / (2 * np.pi)
    solid = np.column_stack([flat[:, 0], radius * np.cos(angle), radius * np.sin(angle)])
    return np.asarray(solid @ np.linalg.qr(rng.normal(size=(3, 3)))[0])


def flowing_tubes(
    rng: np.random.Generator, n: int, depth: int, *, rate: float = 0.6, start: float = 3.0
) -> Layers:
    """Return layers that follow a flow; the jitter of each is drawn uniformly from [0, 1].

    start: elongation of the first; rate: largest growth of its logarithm over one layer. Raises
    InputError where either is not positive.
    """
    _check(rate, start, "flowing_tubes")
    elongation, layers = start, []
    for jitter in rng.random(depth):
        layers.append(tube(rng, n, elongation, jitter))
        elongation *= np.exp(rate * (2 * jitter - 1))
    return np.stack(layers)


def shuffled_tubes(
    rng: np.random.Generator, n: int, depth: int, *, rate: float = 0.6, start: float = 3.0
) -> Layers:
    """Return the layers of a flow, as of `flowing_tubes`, in random order."""
    return flowing_tubes(rng, n, depth, rate=rate, start=start)[rng.permutation(depth)]


def independent_tubes(
    rng: np.random.Generator, n: int, depth: int, *, rate: float = 0.6, start: float = 3.0
) -> Layers:
    """Return tubes of as much elongation and jitter, which know nothing of each other."""
    _check(rate, start, "independent_tubes")
    elongations = start * np.exp(rate * (2 * rng.random(depth) - 1))
    return np.stack([tube(rng, n, elongation, rng.random()) for elongation in elongations])


def heat_flow(
    rng: np.random.Generator, n: int, depth: int, *, neighbours: float = 10, time: float = 0.5
) -> Layers:
    """Return a flat disc of points, with noise off its plane, that is smoothed step by step.

    Layer l is exp(-l time L) X, with X (n, 3) the disc and L = I - A / sqrt(d_i d_j) of the graph
    of the nearest neighbours of its points. The flow of X is known in closed form: along an
    eigenvector of L of eigenvalue lambda it falls by exp(-time lambda) per layer. Raises InputError
    where time is not positive, or neighbours not from 1 to n - 1.
    """
    whole = neighbours == int(neighbours) and 0 < neighbours < n
    check_parameters(time > 0 and whole, "heat_flow", "need time > 0, whole 0 < neighbours < n")
    angle, radius = rng.uniform(0, 2 * np.pi, n), np.sqrt(rng.uniform(0, 1, n))
    flat = [radius * np.cos(angle), radius * np.sin(angle), 0.1 * rng.normal(size=n)]
    points = np.column_stack(flat)
    rates, modes = np.linalg.eigh(normalised_laplacian(points, int(neighbours)))
    fall = np.exp(-time * np.arange(depth)[:, None] * rates)
    return np.asarray((modes * fall[:, None, :]) @ (modes.T @ points))


def normalised_laplacian(points: np.ndarray, k: int) -> np.ndarray:
    """Return I - A / sqrt(d_i d_j), (n, n), of the union graph of the k nearest neighbours."""
    from scipy.spatial import cKDTree  # takes time to load, and every job reads this module

    n = len(points)
    _, nearest = cKDTree(points).query(points, k + 1)
    adjacency = np.zeros((n, n))
    adjacency[np.arange(n)[:, None], nearest] = 1
    adjacency = np.maximum(adjacency, adjacency.T)
    np.fill_diagonal(adjacency, 0)
    roots = np.sqrt(adjacency.sum(axis=1))
    return np.asarray(np.eye(n) - adjacency / np.outer(roots, roots))


def _check(rate: float, start: float, source: str) -> None:
    check_parameters(rate > 0 and start > 0, source, "need rate > 0 and start > 0")


class LayerSource(NamedTuple):
    """A function that draws layers, and what readers are told of it."""

    draw: Callable[..., Layers]
    note: str

    @property
    def defaults(self) -> dict[str, float]:
        """The options and their defaults: the keyword-only arguments of the function."""
        arguments = inspect.signature(self.draw).parameters.values()
        return {a.name: a.default for a in arguments if a.kind is a.KEYWORD_ONLY}


LAYER_SOURCES: dict[str, LayerSource] = {
    "flowing_tubes": LayerSource(flowing_tubes, "tubes whose change follows their curvature"),
    "shuffled_tubes": LayerSource(shuffled_tubes, "tubes that flow, their layers in random order"),
    "independent_tubes": LayerSource(independent_tubes, "tubes that know nothing of each other"),
    "heat_flow": LayerSource(heat_flow, "a cloud smoothed by the heat equation on its graph"),
}
