"""Every ensemble at a k that no result was used to choose: the one nearest to a tenth of n."""

from typing import Any

import polars as pl

from ricci_flow.tables.keys import ENSEMBLE
from ricci_flow.tables.statistics import FIXED_K

SIGNIFICANT = 0.05


def fixed_k_table(fixed: pl.DataFrame, level: float) -> pl.DataFrame:
    """Return fixed_k.parquet: coefficients of the kept networks of every ensemble and measure.

    fixed: rows of networks.parquet at that k, see `join.at_fixed_k`; level: of the intervals, which
    are Clopper and Pearson's, networks independent.
    """
    kept = fixed.filter("kept")
    keys = [*ENSEMBLE, "measure", "k"]
    parts = kept.group_by(keys, maintain_order=True)
    rows = [dict(zip(keys, names, strict=True)) | _of(part, level) for names, part in parts]
    return FIXED_K.frame(rows)


def _of(part: pl.DataFrame, level: float) -> dict[str, Any]:
    from statsmodels.stats.proportion import proportion_confint  # takes time to load

    rho, p = part["rho"].drop_nulls(), part["p_orders"].drop_nulls()
    row: dict[str, Any] = {
        "kept": len(part),
        "networks": len(rho),
        "rho": rho.median(),
        "rho_quarter": rho.quantile(0.25, "linear"),
        "rho_three_quarters": rho.quantile(0.75, "linear"),
    }
    for name, hits, of in (
        ("negative", int((rho < 0).sum()), len(rho)),
        ("significant", int((p <= SIGNIFICANT).sum()), len(p)),
    ):
        if of:
            low, high = proportion_confint(hits, of, alpha=1 - level, method="beta")
            row |= {name: hits / of, f"{name}_low": float(low), f"{name}_high": float(high)}
    return row
