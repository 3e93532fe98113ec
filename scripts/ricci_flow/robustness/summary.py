"""What every variant does to the coefficients, over a whole study."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ricci_flow.analysis.join import read_ensembles
from ricci_flow.coefficients.pearson import pearson
from ricci_flow.robustness.schema import ENSEMBLE, VARIANTS_SCHEMA

SUMMARY_SCHEMA = {
    "condition": pl.String,
    "variant": pl.String,
    "convention": pl.String,
    "networks": pl.Int32,
    "coefficients": pl.Int32,
    "undefined": pl.Int32,
    "reasons": pl.String,
    "negative": pl.Float64,
    "median_rho": pl.Float64,
    "compared": pl.Int32,
    "median_change": pl.Float64,
    "flips": pl.Float64,
    "spearman": pl.Float64,
    "regained": pl.Int32,
    "regained_negative": pl.Float64,
    "dropped": pl.Float64,
    "deviation": pl.Float64,
}
# What a variant's row and the baseline's of the same network have in common.
_PAIR = (*ENSEMBLE, "network", "convention", "fraction")


def gather(root: Path, ensembles: Sequence[str]) -> pl.DataFrame:
    """Return all variants.parquet of a study with `baseline`, the coefficient to compare with.

    root: results/<study>; ensembles: "data_set/architecture/condition", maybe none. Raises
    InputError naming the file that is damaged, lacks a column, or is of another ensemble.
    """
    if not ensembles:
        return pl.DataFrame(schema={**VARIANTS_SCHEMA, "baseline": pl.Float64})
    needed = tuple(VARIANTS_SCHEMA)
    table = read_ensembles(root, "robustness", "variants.parquet", ensembles, needed)
    baseline = table.filter(variant="baseline").select(*_PAIR, baseline="rho")
    return table.join(baseline, on=_PAIR, how="left", maintain_order="left")


def summarise(variants: pl.DataFrame) -> pl.DataFrame:
    """Return statistics/robustness.parquet: a row a condition, variant and convention.

    variants: from `gather`. A coefficient is one of a network, share of points and draw; those of
    all data sets and architectures are taken together. Schema: reports/guide/files.md.
    """
    keys = ["condition", "variant", "convention"]
    rows = []
    for names, group in variants.group_by(keys, maintain_order=True):
        defined = group["rho"].drop_nulls()
        both = group.drop_nulls(["rho", "baseline"])
        here, before = both["rho"], both["baseline"]
        regained = group.filter(pl.col("baseline").is_null())["rho"].drop_nulls()
        reasons = Counter(
            reason.partition(" at layer")[0] for reason in group["reason"].drop_nulls()
        )
        rows.append(
            dict(zip(keys, names, strict=True))
            | {
                "networks": group.select(*ENSEMBLE, "network").n_unique(),
                "coefficients": len(group),
                "undefined": len(group) - len(defined),
                "reasons": "; ".join(f"{n} {reason}" for reason, n in reasons.most_common())
                or None,
                "negative": (defined < 0).mean(),
                "median_rho": defined.median(),
                "compared": len(both),
                "median_change": (here - before).abs().median(),
                "flips": ((here < 0) != (before < 0)).mean(),
                "spearman": rank_correlation(here, before),
                "regained": len(regained),
                "regained_negative": (regained < 0).mean(),
                "dropped": (group["dropped_points"] / group["n_points"]).max(),
                "deviation": group["deviation"].max(),
            }
        )
    return pl.DataFrame(rows, schema=SUMMARY_SCHEMA)


def rank_correlation(x: pl.Series, y: pl.Series) -> float | None:
    """Return Spearman's correlation, ties at their mean rank; None where it is undefined."""
    if len(x) < 3:
        return None
    return pearson(x.rank("average").to_numpy(), y.rank("average").to_numpy())
