"""Intervals of the claims ledger: cells are the units, whatever happens inside them.

Networks of one cell share their data and their architecture, so they are not independent draws;
cells are resampled whole.
"""

from collections.abc import Callable

import numpy as np

RESAMPLES = 4000


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
