"""A part of the test points, drawn once for a data set."""

from dataclasses import replace

import numpy as np

from ricci_flow.datasets.cloud import Cloud, Part
from ricci_flow.errors import InputError
from ricci_flow.seeds import derive_generator, derive_seed


def draw_rows(n: int, count: int | None, seed_name: str, data_set: str) -> np.ndarray | None:
    """Return which of n test points are kept, ascending; None where all of them are.

    count: the most to keep, None for all. They are drawn without replacement, by the stream
    (seed_name, data_set, "test_points"), so every layer, network and condition has the same.
    """
    if count is None or n <= count:
        return None
    generator = derive_generator(seed_name, data_set, "test_points")
    return np.sort(generator.choice(n, count, replace=False))


def drawn_note(n: int, count: int, seed_name: str, data_set: str) -> str:
    """Return the line that says what was drawn."""
    seed = derive_seed(seed_name, data_set, "test_points")
    return f"{count} of the {n} test points were drawn (test_points; seed {seed})"


def draw_test_points(
    cloud: Cloud, count: int | None, seed_name: str, data_set: str
) -> tuple[Cloud, Part | None]:
    """Return the cloud with at most `count` test points, and those left over, None for none.

    Raises InputError where no point of a class is drawn.
    """
    n = len(cloud.test.y)
    rows = draw_rows(n, count, seed_name, data_set)
    if rows is None or count is None:
        return cloud, None
    X, y = cloud.test.X, cloud.test.y
    others = np.setdiff1d(np.arange(n), rows)
    for label, name in enumerate(cloud.classes):
        if not (y[rows] == label).any():
            raise InputError(
                f"data set {data_set!r}: none of the {count} test points that are drawn is of "
                f"class {name!r}; raise test_points"
            )
    drawn = replace(
        cloud,
        test=Part(np.ascontiguousarray(X[rows]), y[rows]),
        notes=(*cloud.notes, drawn_note(n, count, seed_name, data_set)),
    )
    return drawn, Part(np.ascontiguousarray(X[others]), y[others])
