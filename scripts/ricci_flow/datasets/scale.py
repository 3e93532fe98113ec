"""Scaling of the features; the data files hold raw values, later stages scale what they read."""

import numpy as np

from ricci_flow.errors import InputError


def scale_features(X: np.ndarray, scale: str, unit: float, X_train: np.ndarray) -> np.ndarray:
    """Return `X` (rows, features) scaled, as float32.

    scale: "none"; "unit", X / unit (255 for images of 8 bits); or "standard", z-scores by the
    mean and the standard deviation (divisor: number of rows) of `X_train`, in which a feature
    that is constant over `X_train` becomes 0 throughout. `X_train` is raw, as X is.

    Raises InputError for another scale, a unit that is not positive, or a result beyond float32.
    """
    if scale == "none":
        scaled = X
    elif scale == "unit":
        if not 0 < unit < float("inf"):
            raise InputError(f"unit is {unit!r}; scale 'unit' needs a positive number")
        scaled = np.asarray(X, dtype=np.float64) / unit
    elif scale == "standard":
        train = np.asarray(X_train, dtype=np.float64)
        varies = train.min(axis=0) < train.max(axis=0)
        deviation = np.where(varies, train.std(axis=0), 1.0)
        # A spread too small to square in double precision is no spread.
        varies &= deviation > 0
        deviation[deviation == 0] = 1.0
        scaled = np.where(varies, (X - train.mean(axis=0)) / deviation, 0.0)
    else:
        raise InputError(f"scale is {scale!r}; use one of: none, unit, standard")
    with np.errstate(over="ignore"):
        result = np.asarray(scaled, dtype=np.float32)
    if not np.isfinite(result).all():
        raise InputError(f"scale {scale!r} leads beyond 32-bit floats; rescale the features first")
    return result
