"""How well the networks of an ensemble do on a set of rows."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Performance(NamedTuple):
    """Mean binary cross-entropy and share of right answers (logit > 0) per network, (S,) float64.

    A loss that is not finite stays as it is.
    """

    loss: np.ndarray
    accuracy: np.ndarray


def mean_performance(parts: Sequence[tuple[Performance, int]]) -> Performance:
    """Return that of all rows, of (that of some of them, how many these are).

    That of a single part is itself, to the bit.
    """
    if len(parts) == 1:
        return parts[0][0]
    whole = sum(rows for _, rows in parts)
    losses = [found.loss * (rows / whole) for found, rows in parts]
    hits = [found.accuracy * (rows / whole) for found, rows in parts]
    return Performance(np.sum(losses, 0), np.sum(hits, 0))
