"""The paper's final test: does a stronger coefficient go with a higher accuracy?

Source: Baptista et al. 2024: ordinary least squares of test accuracy on the adjusted coefficient,
the data set, the width and the depth, over all kept networks connected at k*.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.statistics.families import correct
from ricci_flow.statistics.meta import interval
from ricci_flow.statistics.profiles import CELL

COEFFICIENTS = ("z_printed", "z_standardised", "rho")
FACTORS = ("data_set", "width", "depth")
# An observed accuracy or coefficient with less spread than this has nothing to explain.
_CONSTANT = 1e-12
NO_ACCURACY = "networks of this condition have no test accuracy"

SCHEMA = {
    "condition": pl.String,
    "convention": pl.String,
    "coefficient": pl.String,
    "term": pl.String,
    "estimate": pl.Float64,
    "standard_error": pl.Float64,
    "t": pl.Float64,
    "p": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "observations": pl.Int32,
    "reason": pl.String,
}
WITHIN_SCHEMA = {
    **dict.fromkeys(["data_set", "architecture", "condition", "convention"], pl.String),
    "networks": pl.Int32,
    **dict.fromkeys(["spearman", "low", "high", "p"], pl.Float64),
    "family": pl.String,
    **dict.fromkeys(["p_holm", "p_benjamini_hochberg"], pl.Float64),
    "reason": pl.String,
}


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
    table: pl.DataFrame, coefficient: str, condition: str, convention: str, confidence: float
) -> pl.DataFrame:
    """Return the rows of regression.parquet for one coefficient.

    table: networks.parquet at k*, one condition and convention. A single row with a reason where
    there is no fit: fewer observations than terms + 1, or a constant accuracy or coefficient.
    """
    import statsmodels.api as sm

    used = table.filter(
        pl.col("kept") & pl.col(coefficient).is_not_null() & pl.col("test_accuracy").is_not_null()
    )
    head = (condition, convention, coefficient)

    def refused(reason: str) -> pl.DataFrame:
        row = (*head, coefficient, *[None] * 6, len(used), reason)
        return pl.DataFrame([row], schema=SCHEMA, orient="row")

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
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def within_cells(
    networks: pl.DataFrame, level: float = 0.95, kept_only: bool = True
) -> pl.DataFrame:
    """Return within_cells.parquet: Spearman's correlation of accuracy and z inside every cell.

    networks: networks.parquet at k*; level: of the interval, on Fisher's z (see `meta.interval`);
    kept_only: leave out networks below the accuracy threshold. z is a monotone function of rho
    inside a cell, so the choice of its formula does not matter. The cells of a condition and
    convention are a family, over which p is also corrected. Null with a reason below 4 networks or
    at a constant, or without test accuracies.
    """
    names = ["condition", "convention"]
    rows: list[dict[str, Any]] = []
    for key, part in networks.group_by(names, maintain_order=True):
        found = []
        for cell, members in part.group_by(CELL, maintain_order=True):
            head = dict(zip([*CELL, *names], (*cell, *key), strict=True))
            found.append(head | _inside(members, level, kept_only))
        correct(found, f"cells, {key[0]}, {key[1]}")
        rows += found
    return pl.DataFrame(
        [{name: row.get(name) for name in WITHIN_SCHEMA} for row in rows], schema=WITHIN_SCHEMA
    )


def _inside(cell: pl.DataFrame, level: float, kept_only: bool) -> dict[str, Any]:
    from scipy.stats import spearmanr

    used = cell.filter(pl.col("rho").is_not_null() & pl.col("test_accuracy").is_not_null())
    if kept_only:
        used = used.filter("kept")
    row: dict[str, Any] = {"networks": len(used)}
    if cell["test_accuracy"].is_null().all():
        return row | {"reason": NO_ACCURACY}
    if len(used) < 4:
        return row | {"reason": f"{len(used)} networks, fewer than 4"}
    if used["test_accuracy"].n_unique() == 1 or used["rho"].n_unique() == 1:
        return row | {"reason": "constant accuracy or coefficient"}
    result = spearmanr(used["rho"].to_numpy(), used["test_accuracy"].to_numpy())
    low, high = interval(float(result.statistic), len(used), level)
    numbers = {"spearman": float(result.statistic), "low": low, "high": high}
    return row | numbers | {"p": float(result.pvalue)}
