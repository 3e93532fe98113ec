"""Claim 4 by several roads: does a more negative coefficient go with a higher accuracy?

The paper's regression pools 42 cells, keeps near-perfect networks only and takes networks of one
cell for independent. Beside it stand the same with errors clustered by cell, on the logit of
accuracy, with networks below the threshold, a mixed model with an intercept for every cell, and
the correlations inside the cells joined by a random-effects meta-analysis (DerSimonian-Laird, on
Fisher's z). Primary, stated before any is looked at: the meta-analysis, since only it compares
networks that differ in nothing but their seed.
"""

import warnings
from collections.abc import Callable

import numpy as np
import polars as pl

from ricci_flow.statistics.regression import design

PRIMARY = "random-effects meta-analysis within cells"
SCHEMA = {
    "condition": pl.String,
    "convention": pl.String,
    "method": pl.String,
    "primary": pl.Boolean,
    "estimate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "p": pl.Float64,
    "p_holm": pl.Float64,
    "p_benjamini_hochberg": pl.Float64,
    "networks": pl.Int32,
    "cells": pl.Int32,
    "reason": pl.String,
}
Found = tuple[float, float, float, float]  # estimate, low, high, p


def logit(accuracy: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return log odds of the right answers, half an answer added to each side (so 1 is finite)."""
    right = accuracy * points
    return np.log((right + 0.5) / (points - right + 0.5))


def _least_squares(table: pl.DataFrame, y: np.ndarray, level: float, clustered: bool) -> Found:
    import statsmodels.api as sm

    matrix = design(table, "z_printed").matrix
    model = sm.OLS(y, matrix)
    if clustered:
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": _cells(table)})
    else:
        fit = model.fit()
    low, high = fit.conf_int(alpha=1 - level)[1]
    return float(fit.params[1]), float(low), float(high), float(fit.pvalues[1])


def _cells(table: pl.DataFrame) -> np.ndarray:
    names = table.select(pl.concat_str("data_set", "architecture", separator="/")).to_series()
    return np.unique(names.to_numpy(), return_inverse=True)[1]


def _mixed(table: pl.DataFrame, level: float) -> Found:
    import statsmodels.api as sm

    columns = np.column_stack([np.ones(len(table)), table["z_printed"].to_numpy()])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a variance on the boundary is a result, not a failure
        fit = sm.MixedLM(table["test_accuracy"].to_numpy(), columns, groups=_cells(table)).fit()
    low, high = fit.conf_int(alpha=1 - level)[1]
    return float(fit.params[1]), float(low), float(high), float(fit.pvalues[1])


def meta_analysis(correlations: np.ndarray, sizes: np.ndarray, level: float) -> Found:
    """Return the random-effects mean of Spearman correlations, its interval and p.

    correlations, sizes: (cells,), sizes at least 4. On Fisher's z with variance 1.06 / (n - 3)
    (Fieller, Hartley and Pearson 1957), DerSimonian-Laird; transformed back.
    """
    from scipy.stats import norm
    from statsmodels.stats.meta_analysis import combine_effects

    z = np.arctanh(np.clip(correlations, -0.999999, 0.999999))
    joined = combine_effects(z, 1.06 / (sizes - 3), method_re="dl", use_t=False)
    mean, error = float(joined.mean_effect_re), float(joined.sd_eff_w_re)
    half = norm.ppf(0.5 + level / 2) * error
    p = 2 * norm.sf(abs(mean) / error)
    return (
        float(np.tanh(mean)), float(np.tanh(mean - half)), float(np.tanh(mean + half)), float(p)
    )  # fmt: skip


def accuracy_link(
    networks: pl.DataFrame, within: pl.DataFrame, points: dict[str, int], level: float
) -> pl.DataFrame:
    """Return accuracy_link.parquet: every road, per condition and convention.

    networks: networks.parquet of this stage; within: within_cells.parquet; points: test points of
    each data set; level: of the intervals. Estimates are slopes of accuracy (or its logit) on
    z_printed, and for the meta-analysis a correlation: negative is the paper's claim. p values
    are also corrected over the methods of a condition and convention (Holm, Benjamini-Hochberg).
    """
    rows: list[dict[str, object]] = []
    for (condition, convention), part in networks.group_by(
        ["condition", "convention"], maintain_order=True
    ):
        everyone = part.filter(pl.col("z_printed").is_not_null())
        kept = everyone.filter("kept")
        cells = within.filter(
            (pl.col("condition") == condition)
            & (pl.col("convention") == convention)
            & pl.col("spearman").is_not_null()
        )
        head = {"condition": condition, "convention": convention}
        found = [head | row for row in _roads(kept, everyone, cells, points, level)]
        _correct(found)
        rows += found
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)


def _roads(
    kept: pl.DataFrame,
    everyone: pl.DataFrame,
    cells: pl.DataFrame,
    points: dict[str, int],
    level: float,
) -> list[dict[str, object]]:
    def accuracy(table: pl.DataFrame) -> np.ndarray:
        return table["test_accuracy"].to_numpy()

    def odds(table: pl.DataFrame) -> np.ndarray:
        n = np.array([points[name] for name in table["data_set"]], dtype=float)
        return logit(accuracy(table), n)

    roads: list[tuple[str, pl.DataFrame, Callable[[], Found]]] = [
        ("least squares (the paper's)", kept,
         lambda: _least_squares(kept, accuracy(kept), level, False)),
        ("least squares, errors clustered by cell", kept,
         lambda: _least_squares(kept, accuracy(kept), level, True)),
        ("least squares of the logit of accuracy, clustered", kept,
         lambda: _least_squares(kept, odds(kept), level, True)),
        ("the same with networks below the threshold", everyone,
         lambda: _least_squares(everyone, odds(everyone), level, True)),
        ("mixed model, an intercept for every cell", kept, lambda: _mixed(kept, level)),
        (PRIMARY, cells, lambda: meta_analysis(
            cells["spearman"].to_numpy(), cells["networks"].to_numpy(), level)),
    ]  # fmt: skip
    rows: list[dict[str, object]] = []
    for method, table, fit in roads:
        count = len(table.select("data_set", "architecture").unique())
        size = int(table["networks"].sum()) if method == PRIMARY else len(table)
        row = {"method": method, "primary": method == PRIMARY, "networks": size, "cells": count}
        reason = _why_not(table, method)
        if reason is None:
            found = fit()
            if np.isfinite(found).all():
                row |= dict(zip(("estimate", "low", "high", "p"), found, strict=True))
            else:
                reason = "the fit has no finite error"
        rows.append(row | {"reason": reason})
    return rows


def _why_not(table: pl.DataFrame, method: str) -> str | None:
    cells = len(table.select("data_set", "architecture").unique())
    if cells < 2:
        return f"cells: {cells}, fewer than 2"
    if method == PRIMARY:
        return None
    terms = len(design(table, "z_printed").terms)
    if len(table) <= terms + 1:
        return f"networks: {len(table)}, terms: {terms}"
    for name in ("test_accuracy", "z_printed"):
        if table[name].n_unique() == 1:
            return f"{name} is constant"
    return None


def _correct(rows: list[dict[str, object]]) -> None:
    """Add p values corrected over the rows that have one."""
    from statsmodels.stats.multitest import multipletests

    tested = [row for row in rows if row.get("p") is not None]
    if tested:
        p = [row["p"] for row in tested]
        for name, method in (("p_holm", "holm"), ("p_benjamini_hochberg", "fdr_bh")):
            for row, value in zip(tested, multipletests(p, method=method)[1], strict=True):
                row[name] = float(value)
