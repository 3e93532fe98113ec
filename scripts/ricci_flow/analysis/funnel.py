"""From networks trained to networks with a negative coefficient: counts, exclusions, summary."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from ricci_flow.tables.keys import ENSEMBLE, NETWORK_KEYS
from ricci_flow.tables.statistics import EXCLUDED, FUNNEL

STEPS = (
    "trained",
    "above the accuracy threshold",
    "connected at k*",
    "negative coefficient",
)


def funnel(
    accuracy: pl.DataFrame,
    networks: pl.DataFrame,
    measures: list[str],
    published: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """Return funnel.parquet: condition, measure, step, networks, published.

    accuracy: accuracy.parquet. networks: coefficients at k*. "connected at k*" counts kept
    networks whose coefficient is defined there, "negative" those of them with rho < 0.
    published: step -> networks; the same in all rows of a step, null where not given.
    """
    rows = []
    for condition in accuracy["condition"].unique(maintain_order=True):
        trained = accuracy.filter(pl.col("condition") == condition)
        for measure in measures:
            defined = networks.filter(
                (pl.col("condition") == condition)
                & (pl.col("measure") == measure)
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
                (condition, measure, step, count, (published or {}).get(step))
                for step, count in zip(STEPS, counts, strict=True)
            ]
    return pl.DataFrame(rows, schema=FUNNEL.schema, orient="row")


def excluded(accuracy: pl.DataFrame, networks: pl.DataFrame, measures: list[str]) -> pl.DataFrame:
    """Return excluded.parquet: every network outside the regression, and the first reason why.

    Columns: those of a network, measure, k (k* of its cell; null where the cell has none),
    reason.
    """
    frames = []
    for measure in measures:
        here = networks.filter(pl.col("measure") == measure).select(
            *NETWORK_KEYS, "k", "rho", pl.col("reason").alias("why")
        )
        joined = accuracy.join(here, on=NETWORK_KEYS, how="left")
        reason = (
            pl.when(~pl.col("kept"))
            .then(pl.format("test accuracy not above {}", pl.col("threshold")))
            .when(pl.col("k").is_null())
            .then(pl.lit("no k at which the cell has a coefficient"))
            .when(pl.col("why").is_not_null())
            .then(pl.col("why"))
        )
        frames.append(
            joined.with_columns(measure=pl.lit(measure), reason=reason)
            .filter(pl.col("reason").is_not_null())
            .select(EXCLUDED.names)
        )
    return pl.concat(frames).sort([*ENSEMBLE, "network", "measure"])


def summarise(
    tables: dict[str, pl.DataFrame],
    study: str,
    condition: str,
    measure: str,
    networks_per_ensemble: int,
    networks_per_control: int,
) -> dict[str, Any]:
    """Return summary.json: counts, the regression on z_printed, the correlations within cells.

    tables: the other tables of this stage by file stem. The numbers are those of one condition
    and measure; null where undefined, with the reason.
    """
    accuracy = tables["accuracy"]

    def here(name: str) -> pl.DataFrame:
        return tables[name].filter(condition=condition, measure=measure)

    counts = dict(here("funnel").select("step", "networks").iter_rows())
    trained, kept, connected, negative = (int(counts.get(step, 0)) for step in STEPS)
    cells = here("cells").select("data_set", "architecture").unique()
    term = here("regression").filter(
        (pl.col("coefficient") == "z_printed") & (pl.col("term") == "z_printed")
    )
    spearman = here("within_cells")["spearman"].drop_nulls()
    return {
        "study": study,
        "condition": condition,
        "primary_measure": measure,
        "conditions": accuracy["condition"].unique(maintain_order=True).to_list(),
        "measures": tables["cells"]["measure"].unique(maintain_order=True).to_list(),
        "data_sets": accuracy["data_set"].unique(maintain_order=True).to_list(),
        "architectures": accuracy["architecture"].unique(maintain_order=True).to_list(),
        "networks_per_ensemble": networks_per_ensemble,
        "networks_per_control": networks_per_control,
        "networks_all_conditions": len(accuracy),
        "networks_trained": trained,
        "cells": len(cells),
        "kept": kept,
        "connected_at_k_star": connected,
        "negative": negative,
        "negative_share": negative / connected if connected else None,
        "regression": (
            term.select("estimate", "t", "p", "low", "high", "observations", "reason").to_dicts()[0]
            if len(term)
            else {"reason": "not fitted"}
        ),
        "within_cells": {
            "cells": len(spearman),
            "negative_cells": int((spearman < 0).sum()),
            "median_spearman": spearman.median(),
        },
    }
