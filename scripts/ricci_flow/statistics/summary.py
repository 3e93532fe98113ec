"""The few numbers that the report's sentences are made of."""

from typing import Any

import polars as pl

from ricci_flow.statistics.funnel import STEPS


def summarise(
    tables: dict[str, pl.DataFrame],
    study: str,
    condition: str,
    convention: str,
    networks_per_ensemble: int,
    networks_per_control: int,
) -> dict[str, Any]:
    """Return summary.json: counts, the regression on z_printed, the correlations within cells.

    tables: the other tables of this stage by file stem. The numbers are those of one condition
    and convention; null where undefined, with the reason beside.
    """
    accuracy = tables["accuracy"]

    def here(name: str) -> pl.DataFrame:
        return tables[name].filter(condition=condition, convention=convention)

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
        "primary_convention": convention,
        "conditions": accuracy["condition"].unique(maintain_order=True).to_list(),
        "conventions": tables["cells"]["convention"].unique(maintain_order=True).to_list(),
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
