"""How well the networks of an ensemble do on a set of rows."""

from typing import NamedTuple

import numpy as np


class Performance(NamedTuple):
    """Mean binary cross-entropy and share of right answers (logit > 0) per network, (S,) float64.

    A loss that is not finite stays as it is.
    """

    loss: np.ndarray
    accuracy: np.ndarray
