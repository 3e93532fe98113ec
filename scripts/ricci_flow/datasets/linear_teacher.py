"""Normal points whose class a linear teacher says."""

import numpy as np

from ricci_flow.datasets.checks import check_parameters

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

    def side(count: int, sign: int) -> Points:
        points = rng.standard_normal((count, int(features)))
        score = points[:, 0] + noise * rng.standard_normal(count)
        # A point on the other side is turned through the origin, which changes no density.
        return np.where(np.sign(score) == sign, 1.0, -1.0)[:, None] * points

    return side(count_0, -1), side(count_1, 1)
