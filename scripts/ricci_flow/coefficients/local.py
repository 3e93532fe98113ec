"""Coefficients point by point and layer by layer.

Source: Hehl, von Renesse and Weber 2025, "Neural feature geometry evolves as discrete Ricci flow",
arXiv 2509.22362. They take the input and the output for layers too: setting with_input_and_output.
"""

from dataclasses import dataclass

import numpy as np

from ricci_flow.coefficients.nulls import rows_pearson
from ricci_flow.coefficients.pearson import ROUNDING, pearson


@dataclass(frozen=True)
class LocalCoefficients:
    """Local coefficients of one network, one k, one curvature.

    rho: (n,) Pearson's r over the layers of each point's change and mean curvature, nan where there
    is none. apart: points whose neighbours a next layer does not connect; constant: points
    whose change or curvature is the same at every layer.
    """

    rho: np.ndarray
    apart: int
    constant: int


def local_coefficients(changes: np.ndarray, means: np.ndarray) -> LocalCoefficients:
    """Return the local coefficients of changes and mean curvatures, (L - 1, n) each."""
    apart = np.isnan(changes).any(axis=0)
    flat = ~apart & (_is_constant(changes) | _is_constant(means))
    rho = np.full(changes.shape[1], np.nan)
    good = ~apart & ~flat
    rho[good] = np.clip(rows_pearson(changes[:, good].T, means[:, good].T), -1.0, 1.0)
    return LocalCoefficients(rho, int(apart.sum()), int(flat.sum()))


def _is_constant(rows: np.ndarray) -> np.ndarray:
    return np.ptp(rows, axis=0) <= ROUNDING * np.abs(rows).max(axis=0)


def layer_coefficient(
    changes: np.ndarray, means: np.ndarray
) -> tuple[int, float | None, str | None]:
    """Return (points, Pearson's r over points, or None, and why) of one layer.

    changes, means: (n,) of that layer; points without a change are left out.
    """
    defined = ~np.isnan(changes)
    points = int(defined.sum())
    if points < 3:
        return points, None, f"{points} points with a change, fewer than 3"
    rho = pearson(means[defined], changes[defined])
    return points, rho, None if rho is not None else "constant curvature or change"
