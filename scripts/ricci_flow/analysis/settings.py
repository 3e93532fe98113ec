"""What every setting does to the coefficients, over a whole study."""

from collections import Counter

import polars as pl

from ricci_flow.coefficients.pearson import pearson
from ricci_flow.tables.keys import ENSEMBLE
from ricci_flow.tables.statistics import SETTINGS


def summarise_settings(networks: pl.DataFrame) -> pl.DataFrame:
    """Return statistics/settings.parquet: a row per block, condition, setting and measure.

    networks: statistics/further.parquet. A coefficient is one of a network, share of points and
    draw; those of all data sets and architectures are taken together.
    """
    keys = ["block", "condition", "setting", "measure"]
    rows = []
    for names, group in networks.group_by(keys, maintain_order=True):
        defined = group["rho"].drop_nulls()
        both = group.drop_nulls(["rho", "reference"])
        here, before = both["rho"], both["reference"]
        regained = group.filter(pl.col("reference").is_null())["rho"].drop_nulls()
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
                "left_out": (group["left_out"] / group["n"]).max(),
                "deviation": group["deviation"].max(),
            }
        )
    return SETTINGS.frame(rows)


def spread_of_draws(networks: pl.DataFrame) -> pl.DataFrame:
    """Return how much coefficients differ between the draws of one network.

    networks: statistics/further.parquet. A row per block, condition, setting that is drawn,
    measure and share of points: networks with two draws or more that have a coefficient, the most
    draws of one, the median and the largest over networks of the standard deviation (divisor:
    draws - 1), and between: the standard deviation over these networks of their mean, within a
    cell, as the root of the mean variance; null where no cell has two.
    """
    keys = ["block", "condition", "setting", "measure", "k_fraction"]
    drawn = networks.filter(pl.col("draw").is_not_null()).drop_nulls("rho")
    each = drawn.group_by(*keys, "data_set", "architecture", "network", maintain_order=True).agg(
        draws=pl.len(), spread=pl.col("rho").std(), mean=pl.col("rho").mean()
    )
    each = each.filter(pl.col("draws") > 1)
    cells = each.group_by(*keys, "data_set", "architecture", maintain_order=True).agg(
        variance=pl.col("mean").var()
    )
    found = each.group_by(keys, maintain_order=True).agg(
        networks=pl.len(),
        draws=pl.col("draws").max(),
        median=pl.col("spread").median(),
        largest=pl.col("spread").max(),
    )
    between = cells.group_by(keys, maintain_order=True).agg(
        between=pl.col("variance").mean().sqrt()
    )
    return found.join(between, on=keys, how="left", nulls_equal=True, maintain_order="left")


def rank_correlation(x: pl.Series, y: pl.Series) -> float | None:
    """Return Spearman's correlation, ties at their mean rank; None where it is undefined."""
    if len(x) < 3:
        return None
    return pearson(x.rank("average").to_numpy(), y.rank("average").to_numpy())
