"""What the ledger takes over cells: parts are one array (resamples, cells, columns) a group."""

import numpy as np

from ricci_flow.statistics.measures import Measures
from ricci_flow.statistics.meta import fisher


def below(value: float) -> float:
    """Return 1 where a value is negative, else 0; nan stays."""
    return float(value < 0) if np.isfinite(value) else np.nan


def mean(parts: list[np.ndarray]) -> np.ndarray:
    """Return the mean over the cells of one group."""
    return np.asarray(parts[0][..., 0].mean(axis=1))


def ratio(parts: list[np.ndarray]) -> np.ndarray:
    """Return the ratio of geometric means, real over synthetic, of logarithms."""
    synthetic, real = (part[..., 0].mean(axis=1) for part in parts)
    return np.asarray(np.exp(real - synthetic))


def shift(ours: Measures, theirs: Measures) -> list[float]:
    """Return the difference of Fisher's z of two correlations, and its weight; nan without one."""
    correlations = np.array([ours.correlation, theirs.correlation])
    if np.isnan(correlations).any():
        return [np.nan, np.nan]
    z, variance = fisher(correlations, np.array([ours.networks, theirs.networks]))
    return [float(z[0] - z[1]), 1 / float(variance.sum())]


def own_z(measures: Measures) -> list[float]:
    """Return Fisher's z of the correlation, and its weight; nan without one."""
    if np.isnan(measures.correlation):
        return [np.nan, np.nan]
    z, variance = fisher(np.array([measures.correlation]), np.array([measures.networks]))
    return [float(z[0]), 1 / float(variance[0])]


def weighted_mean(parts: list[np.ndarray]) -> np.ndarray:
    """Return the mean of the first column weighted by the second."""
    values, weights = parts[0][..., 0], parts[0][..., 1]
    return np.asarray((values * weights).sum(axis=1) / weights.sum(axis=1))
