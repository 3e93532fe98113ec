"""Boolean functions: all strings of bits, each with the value of a target function."""

from itertools import product

import numpy as np

from ricci_flow.datasets.checks import check_parameters

Points = np.ndarray


def boolean_function(
    rng: np.random.Generator,
    count_0: int,
    count_1: int,
    *,
    features: float = 7,
    ones: float = 0,
    seed: float = 10,
    parity: float = 0,
) -> tuple[Points, Points]:
    """Return the inputs where a function is 0, and those where it is 1, as points of 0 and 1.

    Nothing is drawn from `rng`, so training and test points are the same. With `ones` the function
    is 1 at so many inputs, drawn with replacement by numpy.random.RandomState(seed).choice; with 2,
    10 or 21 of 7 bits it is a target of Mingard et al. 2025 (Nature Communications 16:220). With
    `parity` it is the parity of so many of the first bits, of one bit its value. Returns (n_0,
    features) and (n_1, features) float64 points in the order of their binary numbers. Raises
    InputError where there are other than 2^features points, or not one target.
    """
    given = {"features": features, "ones": ones, "seed": seed, "parity": parity}
    whole = all(value == int(value) and value >= 0 for value in given.values())
    check_parameters(
        whole and 1 <= features <= 16, "boolean_function", "need whole numbers, features 1 to 16"
    )
    n = 2 ** int(features)
    check_parameters(
        count_0 + count_1 == n,
        "boolean_function",
        f"{features:g} features make {n} points: set n_train and n_test to {n}",
    )
    check_parameters(
        (ones > 0) != (parity > 0) and parity <= features,
        "boolean_function",
        "need ones, or a parity of at most so many bits as there are features, not both",
    )
    cube = np.array(list(product((0.0, 1.0), repeat=int(features))))
    target = cube[:, : int(parity)].sum(axis=1) % 2 == 1
    if ones:
        target[np.random.RandomState(int(seed)).choice(n, size=int(ones))] = True
    return cube[~target], cube[target]
