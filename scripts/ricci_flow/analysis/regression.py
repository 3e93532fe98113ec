"""Fits of accuracy on the coefficient, the paper's final test among them.

Source: Baptista et al. 2024: ordinary least squares of test accuracy on the adjusted coefficient,
the data set, the width and the depth, over all kept networks connected at k*.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import polars as pl

from ricci_flow.analysis.inference import Found, NoFit
from ricci_flow.tables.keys import CELL
from ricci_flow.tables.statistics import REGRESSION

COEFFICIENTS = ("z_printed", "z_standardised", "rho")
FACTORS = ("data_set", "width", "depth")
# An observed accuracy or coefficient with less spread than this has nothing to explain.
_CONSTANT = 1e-12
NO_ACCURACY = "networks of this condition have no test accuracy"


@dataclass(frozen=True)
class Design:
    """Design matrix (observations, terms) with the names of its columns."""

    matrix: np.ndarray
    terms: list[str]


def design(table: pl.DataFrame, coefficient: str) -> Design:
    """Return intercept, coefficient, and treatment dummies of each factor with levels to compare.

    The first level in sorted order is the reference. A factor whose dummies the earlier columns
    already span (say, every width at one depth only) would make the fit arbitrary; its spanned
    columns are left out.
    """
    columns = [np.ones(len(table)), table[coefficient].to_numpy()]
    terms = ["intercept", coefficient]
    for factor in FACTORS:
        for level in table[factor].unique().sort().to_list()[1:]:
            column = (table[factor] == level).to_numpy().astype(float)
            trial = np.column_stack([*columns, column])
            if np.linalg.matrix_rank(trial) == trial.shape[1]:
                columns.append(column)
                terms.append(f"{factor}: {level}")
    return Design(np.column_stack(columns), terms)


def regression(
    table: pl.DataFrame, coefficient: str, condition: str, measure: str, confidence: float
) -> pl.DataFrame:
    """Return the rows of regression.parquet for one coefficient.

    table: networks.parquet at k*, one condition and measure. A single row with a reason where
    there is no fit: fewer observations than terms + 1, or a constant accuracy or coefficient.
    """
    import statsmodels.api as sm

    used = table.filter(
        pl.col("kept") & pl.col(coefficient).is_not_null() & pl.col("test_accuracy").is_not_null()
    )
    head = (condition, measure, coefficient)

    def refused(reason: str) -> pl.DataFrame:
        row = (*head, coefficient, *[None] * 6, len(used), reason)
        return pl.DataFrame([row], schema=REGRESSION.schema, orient="row")

    if len(table) and table["test_accuracy"].is_null().all():
        return refused(NO_ACCURACY)
    if len(used) < 3:
        without = table.filter(pl.col("kept") & pl.col(coefficient).is_null())["reason"].unique()
        why = f" ({without[0]})" if len(without) == 1 and without[0] else ""
        return refused(f"{len(used)} networks, fewer than 3{why}")
    for name in ("test_accuracy", coefficient):
        if np.ptp(used[name].to_numpy()) < _CONSTANT:
            return refused(f"{name} is constant")
    matrix = design(used, coefficient)
    if len(used) <= len(matrix.terms):
        return refused(f"{len(used)} networks, {len(matrix.terms)} terms")
    fit = sm.OLS(used["test_accuracy"].to_numpy(), matrix.matrix).fit()
    interval = fit.conf_int(alpha=1 - confidence)
    rows = [
        (
            *head,
            term,
            *(float(v) for v in (fit.params[i], fit.bse[i], fit.tvalues[i], fit.pvalues[i])),
            *(float(v) for v in interval[i]),
            len(used),
            None,
        )
        for i, term in enumerate(matrix.terms)
    ]
    return pl.DataFrame(rows, schema=REGRESSION.schema, orient="row")


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
    """Return the slope of y on z_printed, data set, width and depth (see `design`).

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

    Raises NoFit where the iteration does not converge, or meets a singular matrix.
    """
    import statsmodels.api as sm

    columns = np.column_stack([np.ones(len(table)), table["z_printed"].to_numpy()])
    cells = cell_numbers(table)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a variance on the boundary is a result, not a failure
        try:
            fit = sm.MixedLM(table["test_accuracy"].to_numpy(), columns, groups=cells).fit()
        except np.linalg.LinAlgError:
            raise NoFit("the fit met a singular matrix") from None
    if not fit.converged:
        raise NoFit("the fit did not converge")
    low, high = fit.conf_int(alpha=1 - level)[1]
    return float(fit.params[1]), float(low), float(high), float(fit.pvalues[1])


def why_not(table: pl.DataFrame, extra: int = 0) -> str | None:
    """Return why z_printed cannot be fitted with `extra` more terms, or None where it can."""
    cells = len(table.select(CELL).unique())
    if cells < 2:
        return f"cells: {cells}, fewer than 2"
    terms = len(design(table, "z_printed").terms) + extra
    if len(table) <= terms + 1:
        return f"networks: {len(table)}, terms: {terms}"
    for name in ("test_accuracy", "z_printed"):
        if table[name].n_unique() == 1:
            return f"{name} is constant"
    return None
