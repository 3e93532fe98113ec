"""From networks trained to networks with a negative coefficient, and who fell out on the way."""

from collections.abc import Mapping

import polars as pl

from ricci_flow.statistics.gather import ENSEMBLE, NETWORK

STEPS = (
    "trained",
    "above the accuracy threshold",
    "connected at k*",
    "negative coefficient",
)


def funnel(
    accuracy: pl.DataFrame,
    networks: pl.DataFrame,
    conventions: list[str],
    published: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """Return funnel.parquet: condition, convention, step, networks, published.

    accuracy: accuracy.parquet. networks: coefficients at k*. "connected at k*" counts kept
    networks whose coefficient is defined there, "negative" those of them with rho < 0.
    published: step -> networks; the same in all rows of a step, null where not given.
    """
    there = published or {}
    rows = []
    for condition in accuracy["condition"].unique(maintain_order=True):
        trained = accuracy.filter(pl.col("condition") == condition)
        for convention in conventions:
            defined = networks.filter(
                (pl.col("condition") == condition)
                & (pl.col("convention") == convention)
                & pl.col("kept")
                & pl.col("rho").is_not_null()
            )
            counts = (
                len(trained),
                int(trained["kept"].sum()),
                len(defined),
                int((defined["rho"] < 0).sum()),
            )
            rows += [
                (condition, convention, step, count, there.get(step))
                for step, count in zip(STEPS, counts, strict=True)
            ]
    schema = {
        "condition": pl.String,
        "convention": pl.String,
        "step": pl.String,
        "networks": pl.Int32,
        "published": pl.Int32,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def excluded(
    accuracy: pl.DataFrame, networks: pl.DataFrame, conventions: list[str]
) -> pl.DataFrame:
    """Return excluded.parquet: every network outside the regression, and the first reason why.

    Columns: those of a network, convention, k (k* of its cell; null where the cell has none),
    reason.
    """
    frames = []
    for convention in conventions:
        here = networks.filter(pl.col("convention") == convention).select(
            *NETWORK, "k", "rho", pl.col("reason").alias("why")
        )
        joined = accuracy.join(here, on=NETWORK, how="left")
        reason = (
            pl.when(~pl.col("kept"))
            .then(pl.format("test accuracy not above {}", pl.col("threshold")))
            .when(pl.col("k").is_null())
            .then(pl.lit("no k at which the cell has a coefficient"))
            .when(pl.col("why").is_not_null())
            .then(pl.col("why"))
        )
        frames.append(
            joined.with_columns(convention=pl.lit(convention), reason=reason)
            .filter(pl.col("reason").is_not_null())
            .select(*NETWORK, "convention", "k", "reason")
        )
    return pl.concat(frames).sort([*ENSEMBLE, "network", "convention"])
