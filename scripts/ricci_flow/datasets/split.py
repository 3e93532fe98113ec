"""From labelled rows to a training and a test part of labelled classes."""

import numpy as np

from ricci_flow.datasets.checks import listed
from ricci_flow.datasets.cloud import Part
from ricci_flow.datasets.request import MOST_CLASSES
from ricci_flow.errors import InputError


def in_order(labels: np.ndarray) -> list[str]:
    """Return the different labels: by value where all are whole numbers, else by alphabet."""
    found = [str(label) for label in np.unique(labels)]
    try:
        return sorted(found, key=int)
    except ValueError:
        return found


def choose_classes(
    labels: np.ndarray, classes: tuple[str, ...] | None, where: str
) -> tuple[str, ...]:
    """Return the names of y = 0, 1, ...

    labels: (rows) text. classes: those wanted, two or more, or None for all, in ascending order.
    Raises InputError where a class is absent, or where there are too few or too many.
    """
    found = in_order(labels)
    shown = listed(found)
    if classes is None:
        if len(found) == 1:
            raise InputError(
                f"{where}: all rows are of one class, {shown}; two are needed: add rows of another"
            )
        if len(found) > MOST_CLASSES:
            raise InputError(
                f"{where}: there are {len(found)} classes ({shown}) and at most {MOST_CLASSES} can "
                "be taken; name those wanted with key 'classes', or another column of labels"
            )
        return tuple(found)
    for name in classes:
        if name not in found:
            raise InputError(
                f"{where}: key 'classes' names {name!r}, which no row is of; there are {shown}"
            )
    return classes


def keep_classes(X: np.ndarray, labels: np.ndarray, classes: tuple[str, ...]) -> Part:
    """Return the rows of the classes, in their order; y is the place of a row's class in them."""
    y = np.full(len(labels), -1)
    for place, name in enumerate(classes):
        y[labels == name] = place
    kept = y >= 0
    return Part(X[kept], y[kept].astype(np.uint8))


def split_at_random(
    part: Part, test_fraction: float, rng: np.random.Generator, where: str
) -> tuple[Part, Part]:
    """Return (train, test): the share `test_fraction` of each class, drawn, is the test part.

    Rows keep their order. Raises InputError where a class has too few rows to be in both.
    """
    test = np.zeros(len(part.y), dtype=bool)
    for label in np.unique(part.y):
        rows = np.flatnonzero(part.y == label)
        count = round(test_fraction * len(rows))
        if not 0 < count < len(rows):
            raise InputError(
                f"{where}: test_fraction {test_fraction} leaves a part without class y = {label} "
                f"({len(rows)} rows); give more rows or another test_fraction"
            )
        test[rng.permutation(rows)[:count]] = True
    return Part(part.X[~test], part.y[~test]), Part(part.X[test], part.y[test])
