"""Normal points whose class a linear teacher says, which may be a matrix of low rank."""

import numpy as np

from ricci_flow.datasets.checks import check_parameters
from ricci_flow.seeds import derive_generator

Points = np.ndarray


def linear_teacher(
    rng: np.random.Generator,
    count_0: int,
    count_1: int,
    *,
    features: float = 80,
    noise: float = 0.5,
) -> tuple[Points, Points]:
    """Draw standard normal points; the class is the sign of the first feature and normal noise.

    Their distribution is the same in all directions, so one teacher is as good as another.
    noise: standard deviation; 1 makes the teacher err on a quarter. Returns the (count, features)
    float64 points of the classes. Raises InputError where features are not a whole number of 1 or
    more, or noise is negative.
    """
    whole = features == int(features) and features >= 1
    check_parameters(whole and noise >= 0, "linear_teacher", "need whole features >= 1, noise >= 0")
    teacher = np.eye(1, int(features))[0]
    return _side(rng, teacher, noise, count_0, -1), _side(rng, teacher, noise, count_1, 1)


def matrix_teacher(
    rng: np.random.Generator,
    count_0: int,
    count_1: int,
    *,
    side: float = 8,
    rank: float = 2,
    noise: float = 0.0,
    teacher: float = 0,
) -> tuple[Points, Points]:
    """Draw square matrices of standard normal numbers; the class is the sign of <X, T> and noise.

    T, the teacher, is of a rank: a sum of outer products u o v, the u orthonormal and the v, drawn
    of a stream that `teacher` numbers, and of norm 1. noise: standard deviation. Returns the
    (count, side * side) float64 points of the classes, row by row. Raises InputError where side,
    rank or teacher are not whole, rank is not from 1 to side, or noise is negative.
    """
    whole = all(value == int(value) for value in (side, rank, teacher))
    check_parameters(
        whole and 1 <= rank <= side and noise >= 0,
        "matrix_teacher",
        "need whole side, rank and teacher, 1 <= rank <= side, noise >= 0",
    )
    stream = derive_generator("matrix_teacher", int(teacher), int(side), int(rank))
    u, v = (
        np.linalg.qr(stream.standard_normal((int(side), int(side))))[0][:, : int(rank)]
        for _ in range(2)
    )
    matrix = (u @ v.T / np.sqrt(rank)).ravel()
    return _side(rng, matrix, noise, count_0, -1), _side(rng, matrix, noise, count_1, 1)


def _side(
    rng: np.random.Generator, teacher: np.ndarray, noise: float, count: int, sign: int
) -> Points:
    """Return normal points (count, features) on one side of a teacher (features) of norm 1."""
    points = rng.standard_normal((count, len(teacher)))
    score = points @ teacher + noise * rng.standard_normal(count)
    # A point on the other side is turned through the origin, which changes no density.
    return np.where(np.sign(score) == sign, 1.0, -1.0)[:, None] * points
