"""Intervals by resampling, and with whole data sets as the units.

Networks of one cell share their data and their architecture. For statements about these cells,
networks are resampled within each (`resample_networks`). For statements about cells in general,
whole cells are resampled (`over_cells`). Cells of one data set share its points. So a statement
about other data sets, too, needs data sets as the units (`over_data_sets`).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ricci_flow.analysis.inference import Found, pooled, spearman

CELL_RESAMPLES = 4000
NETWORK_RESAMPLES = 1000
# Networks below which a cell is not resampled: its draws hold too few different ones.
LEAST_RESAMPLED = 6


class Part(NamedTuple):
    """Cells of one group, (cells, columns), and the data set of each."""

    cells: np.ndarray
    data_sets: list[str]


def wilson(hits: int, of: int, level: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share (Wilson 1927); of at least 1."""
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(hits, of, alpha=1 - level, method="wilson")
    return float(low), float(high)


def over_cells(
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
        group[generator.integers(len(group), size=(CELL_RESAMPLES, len(group)))] for group in groups
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


def resample_networks(cells: np.ndarray, draws: int, generator: np.random.Generator) -> np.ndarray:
    """Return rows drawn anew, (draws, rows): each place holds a row of the same cell.

    cells (rows,): the number of each row's cell.
    """
    picked = np.empty((draws, len(cells)), np.int64)
    for cell in np.unique(cells):
        members = np.flatnonzero(cells == cell)
        picked[:, members] = members[generator.integers(0, len(members), (draws, len(members)))]
    return picked


def meta_draws(x: np.ndarray, y: np.ndarray, cells: np.ndarray, picked: np.ndarray) -> np.ndarray:
    """Return the pooled correlation inside the cells of every draw, (draws,).

    x, y, cells (rows,); picked (draws, rows), see `resample_networks`. A cell whose draw is
    constant in x or y is left out of that draw.
    """
    names, sizes = np.unique(cells, return_counts=True)
    correlations = np.empty((len(picked), len(names)))
    for column, cell in enumerate(names):
        rows = picked[:, cells == cell]
        correlations[:, column] = spearman(x[rows], y[rows])
    return np.tanh(pooled(correlations, sizes)[0])


def slope_draws(matrix: np.ndarray, y: np.ndarray, picked: np.ndarray, column: int) -> np.ndarray:
    """Return the least-squares coefficient of a column in every draw, (draws,).

    matrix (rows, terms), y (rows,). From sums of products, weighted by how often a row was drawn;
    nan where a draw leaves the terms dependent.
    """
    rows, terms = matrix.shape
    joined = np.column_stack([matrix, y])
    products = (joined[:, :, None] * joined[:, None, :]).reshape(rows, -1)
    counts = np.zeros((len(picked), rows))
    np.add.at(counts, (np.arange(len(picked))[:, None], picked), 1.0)
    sums = (counts @ products).reshape(-1, terms + 1, terms + 1)
    found = np.full(len(picked), np.nan)
    for draw, square in enumerate(sums):
        try:
            found[draw] = np.linalg.solve(square[:terms, :terms], square[:terms, terms])[column]
        except np.linalg.LinAlgError:
            continue
    return found


def percentiles(estimate: float, draws: np.ndarray, level: float) -> Found:
    """Return the estimate, the percentile interval of its draws, and p.

    p: twice the smaller share of draws on one side of 0, one more draw counted on each. All nan
    where fewer than half of the draws are defined.
    """
    defined = draws[np.isfinite(draws)]
    if 2 * len(defined) < len(draws):
        return estimate, np.nan, np.nan, np.nan
    low, high = np.quantile(defined, [0.5 - level / 2, 0.5 + level / 2])
    side = min((defined <= 0).sum(), (defined >= 0).sum())
    return estimate, float(low), float(high), float(min(1.0, 2 * (side + 1) / (len(defined) + 1)))
