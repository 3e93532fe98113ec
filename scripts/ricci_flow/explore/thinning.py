"""What of a study the page shows: the first networks of every ensemble, and some of the points."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# (networks of an ensemble, points of a data set) at most; the first that fits into `LIMIT`.
LEVELS = ((2, 300), (2, 200), (1, 300), (1, 200), (1, 100), (1, 50))
# Bytes of all arrays. Packed as text they are a third larger at most, and a network's numbers come
# on top with some 4 kB: less than 10 MB.
LIMIT = 6_000_000
# A coordinate is two bytes, a curvature and a pixel one.
_COORDINATES, _CURVATURE = 6, 1
# Pixels of the longer side of a picture.
SIDE = 28


@dataclass(frozen=True)
class Size:
    """What decides how large an ensemble is on the page.

    n: test points; layers; networks: how many there are; ks: how many k the study measures;
    checkpoints: of networks, and ks_then: how many k they are measured at.
    """

    data_set: str
    n: int
    layers: int
    networks: int
    ks: int
    checkpoints: int = 0
    ks_then: int = 0

    def bytes(self, networks: int, points: int) -> int:
        """Return the bytes of its arrays with so many networks and points at most."""
        of_point = _COORDINATES + _CURVATURE * self.ks
        of_point += self.checkpoints * (_COORDINATES + _CURVATURE * self.ks_then)
        return min(self.networks, networks) * min(self.n, points) * self.layers * of_point


@dataclass(frozen=True)
class Thinning:
    """How many networks of an ensemble and points of a data set are shown at most."""

    networks: int
    points: int


def thin(sizes: Sequence[Size], pixels: dict[str, int]) -> Thinning:
    """Return the first of `LEVELS` that fits into `LIMIT`, the last if none does.

    pixels: of a picture, by data set; data sets without pictures are absent.
    """
    n = {size.data_set: size.n for size in sizes}
    for networks, points in LEVELS:
        room = sum(size.bytes(networks, points) for size in sizes)
        room += sum(min(n[name], points) * each for name, each in pixels.items())
        if room <= LIMIT:
            break
    return Thinning(networks, points)


def shown_points(n: int, points: int, labels: np.ndarray | None) -> np.ndarray:
    """Return the rows of the points that are shown, ascending: at most so many of n.

    They are evenly spaced in the order of the data set, within its classes where these are known,
    so that all classes have their share.
    """
    count = min(n, points)
    order = np.arange(n) if labels is None else np.argsort(labels, kind="stable")
    return np.sort(order[np.arange(count) * n // count])


def small_pictures(points: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Return pictures (m, rows, columns) uint8 of points (m, rows x columns), 255 the largest.

    Larger ones than `SIDE` are made smaller: every pixel is the mean of a square of pixels.
    """
    pictures = points.astype(np.float64).reshape(len(points), *shape)
    step = -(-max(shape) // SIDE)
    rows, columns = (side // step for side in shape)
    pictures = pictures[:, : rows * step, : columns * step]
    pictures = pictures.reshape(len(points), rows, step, columns, step).mean(axis=(2, 4))
    low, high = pictures.min(initial=0.0), pictures.max(initial=0.0)
    return np.rint((pictures - low) * (255 / (high - low or 1.0))).astype(np.uint8)


def pixels_of(shape: Sequence[int]) -> int:
    """Return the pixels of a picture as it is shown."""
    step = -(-max(shape) // SIDE)
    return (shape[0] // step) * (shape[1] // step)
