"""Intervals of the claims ledger: cells are the units, and beside them whole data sets.

Networks of one cell share their data and their architecture, so they are not independent draws;
cells are resampled whole. Cells of one data set share its points, so what is to hold for other
data sets too has to show with data sets as the units (`over_data_sets`).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

RESAMPLES = 4000


class Part(NamedTuple):
    """Cells of one group, (cells, columns), and the data set of each."""

    cells: np.ndarray
    data_sets: list[str]


def wilson(hits: int, of: int, level: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share (Wilson 1927); of at least 1."""
    from scipy.stats import norm

    z = float(norm.ppf(0.5 + level / 2))
    share, shrink = hits / of, 1 + z * z / of
    centre = (share + z * z / (2 * of)) / shrink
    half = z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / shrink
    return max(0.0, centre - half), min(1.0, centre + half)


def bootstrap(
    groups: list[np.ndarray],
    statistic: Callable[[list[np.ndarray]], np.ndarray],
    level: float,
    generator: np.random.Generator,
) -> tuple[float, float]:
    """Return the expanded percentile interval of a statistic of cells.

    groups: one array (cells, columns) for each group, resampled within it, each of at least 2
    cells; statistic: of arrays (resamples, cells, columns) to (resamples,). With few cells plain
    percentiles are too narrow, so tails are taken at Phi(-sqrt(n / (n - 1)) t) with n the smallest
    group (Hesterberg 2015, "What teachers should know about the bootstrap", section 5.3).
    """
    from scipy.stats import norm, t

    drawn = [
        group[generator.integers(len(group), size=(RESAMPLES, len(group)))] for group in groups
    ]
    n = min(len(group) for group in groups)
    quantile = t.ppf(0.5 + level / 2, n - 1) * np.sqrt(n / (n - 1))
    tail = float(norm.cdf(-quantile))
    low, high = np.quantile(statistic(drawn), [tail, 1 - tail])
    return float(low), float(high)


def over_data_sets(parts: Sequence[Part], level: float) -> tuple[float, float] | None:
    """Return the interval of a mean over cells, data sets being the independent units.

    parts: one, or two for the difference of their means, second less first; columns: the value
    and, where there is a second, its weight. The variance of a mean is
    that of the sums of its residuals by data set (cluster-robust, Liang & Zeger 1986, times
    D / (D - 1)); t has D - 1 degrees of freedom, of a difference Satterthwaite's. None where a
    part has fewer than 2 data sets.
    """
    from scipy.stats import t

    means, variances, freedom = [], [], []
    for cells, names in parts:
        data_sets, place = np.unique(np.array(names), return_inverse=True)
        if len(data_sets) < 2:
            return None
        values = cells[:, 0]
        weights = cells[:, 1] if cells.shape[1] > 1 else np.ones(len(values))
        mean = float(np.average(values, weights=weights))
        sums = np.bincount(place, weights=weights * (values - mean)) / weights.sum()
        means.append(mean)
        freedom.append(len(data_sets) - 1)
        variances.append(float((sums**2).sum()) * len(data_sets) / freedom[-1])
    variance = sum(variances)
    centre = means[-1] - (means[0] if len(means) > 1 else 0.0)
    if variance == 0:
        return centre, centre
    weighed = sum(v * v / f for v, f in zip(variances, freedom, strict=True))
    half = float(t.ppf(0.5 + level / 2, variance**2 / weighed)) * variance**0.5
    return centre - half, centre + half
