"""Fits of accuracy on the adjusted coefficient, each returning estimate, interval and p."""

import warnings

import numpy as np
import polars as pl

from ricci_flow.statistics.families import NoFit
from ricci_flow.statistics.meta import Found
from ricci_flow.statistics.regression import design


def logit(accuracy: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return log odds of the right answers, half an answer added to each side (so 1 is finite)."""
    right = accuracy * points
    return np.log((right + 0.5) / (points - right + 0.5))


def cell_numbers(table: pl.DataFrame) -> np.ndarray:
    """Return the number of each row's cell, (rows,)."""
    names = table.select(pl.concat_str("data_set", "architecture", separator="/")).to_series()
    return np.unique(names.to_numpy(), return_inverse=True)[1]


def least_squares(
    table: pl.DataFrame, y: np.ndarray, level: float, *, clustered: bool, given: str | None = None
) -> Found:
    """Return the slope of y on z_printed, data set, width and depth (see `regression.design`).

    clustered: errors clustered by cell; given: a further column of `table` to hold, standardised.
    """
    import statsmodels.api as sm

    matrix = design(table, "z_printed").matrix
    if given is not None:
        values = table[given].to_numpy().astype(float)
        matrix = np.column_stack([matrix, (values - values.mean()) / values.std()])
    model = sm.OLS(y, matrix)
    if clustered:
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": cell_numbers(table)})
    else:
        fit = model.fit()
    low, high = fit.conf_int(alpha=1 - level)[1]
    return float(fit.params[1]), float(low), float(high), float(fit.pvalues[1])


def mixed(table: pl.DataFrame, level: float) -> Found:
    """Return the slope of accuracy on z_printed with an intercept drawn for every cell.

    Raises NoFit where the iteration does not converge.
    """
    import statsmodels.api as sm

    columns = np.column_stack([np.ones(len(table)), table["z_printed"].to_numpy()])
    cells = cell_numbers(table)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a variance on the boundary is a result, not a failure
        fit = sm.MixedLM(table["test_accuracy"].to_numpy(), columns, groups=cells).fit()
    if not fit.converged:
        raise NoFit("the fit did not converge")
    low, high = fit.conf_int(alpha=1 - level)[1]
    return float(fit.params[1]), float(low), float(high), float(fit.pvalues[1])


def why_not(table: pl.DataFrame, extra: int = 0) -> str | None:
    """Return why z_printed cannot be fitted with `extra` more terms, or None where it can."""
    cells = len(table.select("data_set", "architecture").unique())
    if cells < 2:
        return f"cells: {cells}, fewer than 2"
    terms = len(design(table, "z_printed").terms) + extra
    if len(table) <= terms + 1:
        return f"networks: {len(table)}, terms: {terms}"
    for name in ("test_accuracy", "z_printed"):
        if table[name].n_unique() == 1:
            return f"{name} is constant"
    return None
