"""Rank correlations, the correlations of many cells combined, corrections of p.

Spearman's correlation of one pair of samples is SciPy's. Where thousands of draws are correlated
at once `spearman` does the same along an axis; the two differ by rounding alone.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

# Networks below which a cell has no rank correlation.
LEAST_CORRELATED = 4

Found = tuple[float, float, float, float]  # estimate, low, high, p


def spearman(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return Spearman's correlation along the last axis, (...); nan where either is constant."""
    from scipy.stats import rankdata

    a, b = (rankdata(values, axis=-1) - (values.shape[-1] + 1) / 2 for values in (x, y))
    with np.errstate(invalid="ignore", divide="ignore"):
        result = (a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
    return np.asarray(result)


def rank_correlation(x: np.ndarray, y: np.ndarray) -> tuple[float, float] | None:
    """Return Spearman's correlation and its two-sided p, None where either is constant."""
    from scipy.stats import spearmanr

    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    result = spearmanr(x, y)
    return float(result.statistic), float(result.pvalue)


def fisher(correlations: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Fisher's z of Spearman correlations and its variance, both (..., cells).

    correlations (..., cells); sizes (cells,) at least 4. The variance is 1.06 / (n - 3) (Fieller,
    Hartley and Pearson 1957). A perfect correlation, whose z would be infinite, counts as half a
    step short of it: the next possible value is 12 / (n^3 - n) away.
    """
    limit = 1 - 6 / (sizes * (sizes**2.0 - 1))
    return np.arctanh(np.clip(correlations, -limit, limit)), 1.06 / (sizes - 3.0)


def interval(correlation: float, size: int, level: float) -> tuple[float, float]:
    """Return the interval of one cell's Spearman correlation, on Fisher's z and back."""
    from scipy.stats import norm

    z, variance = fisher(np.array([correlation]), np.array([size]))
    half = norm.ppf(0.5 + level / 2) * np.sqrt(variance[0])
    return float(np.tanh(z[0] - half)), float(np.tanh(z[0] + half))


def pooled(correlations: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the random-effects mean of Fisher's z and its standard error, both (...).

    correlations (..., cells), nan where a cell has none; sizes (cells,). DerSimonian and Laird
    1986; nan where fewer than two cells have a correlation.
    """
    z, variance = fisher(correlations, sizes)
    weights = np.where(np.isnan(z), 0.0, 1 / variance)
    z = np.where(np.isnan(z), 0.0, z)
    cells = (weights > 0).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = weights.sum(axis=-1)
        fixed = (weights * z).sum(axis=-1) / total
        q = (weights * (z - fixed[..., None]) ** 2).sum(axis=-1)
        spread = (q - (cells - 1)) / (total - (weights**2).sum(axis=-1) / total)
        between = np.maximum(0.0, np.where(cells > 1, spread, np.nan))
        random = np.where(weights > 0, 1 / (variance + between[..., None]), 0.0)
        mean = (random * z).sum(axis=-1) / random.sum(axis=-1)
        return mean, 1 / np.sqrt(random.sum(axis=-1))


def meta_analysis(correlations: np.ndarray, sizes: np.ndarray, level: float) -> Found:
    """Return the random-effects mean of Spearman correlations, its interval and p.

    correlations, sizes: (cells,), sizes at least 4; see `pooled`; transformed back. In simulated
    studies without a link (12 or 42 cells, 10 or 30 networks, the cells' own links spread by 0 or
    0.3 in z) an end of the 95 % interval is on the wrong side of 0 in 1.5 to 3.6 % of them, where
    2.5 is nominal. Knapp and Hartung's interval has 2.1 to 3.5 %, but no width where cells agree;
    kept from that as Roever, Knapp and Friede 2015 advise, it has 0.9 to 2.9 % and less power.
    """
    from scipy.stats import norm

    mean, error = (float(value) for value in pooled(correlations, sizes))
    half = float(norm.ppf(0.5 + level / 2)) * error
    p = float(2 * norm.sf(abs(mean) / error))
    return float(np.tanh(mean)), float(np.tanh(mean - half)), float(np.tanh(mean + half)), p


class NoFit(Exception):
    """A fit that failed; the message says why."""


def outcome(fit: Callable[[], Found], reason: str | None) -> dict[str, Any]:
    """Return estimate, low, high and p of a fit, or the reason why there are none.

    reason: why it cannot be fitted, None where it can.
    """
    if reason is None:
        try:
            found = fit()
        except NoFit as error:
            return {"reason": str(error)}
        if np.isfinite(found).all():
            return dict(zip(("estimate", "low", "high", "p"), found, strict=True))
        reason = "the fit has no finite error"
    return {"reason": reason}


def correct(rows: list[dict[str, Any]], family: str) -> None:
    """Add to `rows` their family, and p values corrected over those rows that have one.

    Adds `family`, `p_holm` (Holm 1979: the chance of any false finding in the family) and
    `p_benjamini_hochberg` (1995: the share of false ones among the findings).
    """
    from statsmodels.stats.multitest import multipletests

    tested = [row for row in rows if row.get("p") is not None]
    for row in rows:
        row["family"] = family
    if tested:
        p = [row["p"] for row in tested]
        for name, method in (("p_holm", "holm"), ("p_benjamini_hochberg", "fdr_bh")):
            for row, value in zip(tested, multipletests(p, method=method)[1], strict=True):
                row[name] = float(value)
