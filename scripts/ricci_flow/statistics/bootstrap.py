"""Bootstrap over networks within cells: what other networks of the same cells would have given.

Every cell keeps its number of networks and draws them anew, with replacement, from its own. The
cells stay as they are, so intervals speak of these cells and not of others.
"""

import numpy as np

from ricci_flow.statistics.meta import Found, pooled

DRAWS = 1000
# Draws of a smaller cell hold too few different networks.
SMALLEST = 6


def resample(cells: np.ndarray, draws: int, generator: np.random.Generator) -> np.ndarray:
    """Return rows drawn anew, (draws, rows): each place holds a row of the same cell.

    cells (rows,): the number of each row's cell.
    """
    picked = np.empty((draws, len(cells)), np.int64)
    for cell in np.unique(cells):
        members = np.flatnonzero(cells == cell)
        picked[:, members] = members[generator.integers(0, len(members), (draws, len(members)))]
    return picked


def spearman(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return Spearman's correlation along the last axis, (...); nan where either is constant."""
    from scipy.stats import rankdata

    a, b = (rankdata(values, axis=-1) - (values.shape[-1] + 1) / 2 for values in (x, y))
    with np.errstate(invalid="ignore", divide="ignore"):
        result = (a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
    return np.asarray(result)


def meta_draws(x: np.ndarray, y: np.ndarray, cells: np.ndarray, picked: np.ndarray) -> np.ndarray:
    """Return the pooled correlation inside the cells of every draw, (draws,).

    x, y, cells (rows,); picked (draws, rows), see `resample`. A cell whose draw is constant in x
    or y is left out of that draw.
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
