"""Pearson's r where an input may be constant up to rounding."""

import numpy as np

# Spread below this share of the largest value is rounding, not variation.
ROUNDING = 1e-12


def pearson(x: np.ndarray, y: np.ndarray) -> float | None:
    """Return Pearson's r, or None where either input is constant (up to rounding)."""
    x = np.asarray(x, dtype=np.float64)
    y = np.asarray(y, dtype=np.float64)
    if is_constant(x) or is_constant(y):
        return None
    dx, dy = x - x.mean(), y - y.mean()
    # Scaled first, so that curvature sums of 1e9 do not lose digits or overflow when squared.
    dx, dy = dx / np.abs(dx).max(), dy / np.abs(dy).max()
    return float(np.clip(dx @ dy / np.sqrt((dx @ dx) * (dy @ dy)), -1.0, 1.0))


def is_constant(x: np.ndarray) -> bool:
    """Say whether all values are equal up to rounding (or there are fewer than two)."""
    if len(x) < 2:
        return True
    return bool(np.ptp(x) <= ROUNDING * np.abs(x).max())
