"""All tables of stage 7, from all tables of the stages before it."""

from collections.abc import Mapping, Sequence

import polars as pl

from ricci_flow.statistics import funnel as funnel_module
from ricci_flow.statistics.gather import (
    accuracy_table,
    at_k_star,
    layers_at_k_star,
    median_pairs,
    with_shape,
)
from ricci_flow.statistics.regression import COEFFICIENTS, SCHEMA, regression, within_cells


def statistics_tables(
    networks: pl.DataFrame,
    coefficients: pl.DataFrame,
    cells: pl.DataFrame,
    geometry: pl.DataFrame,
    ties: pl.DataFrame,
    thresholds: Mapping[str, float],
    architectures: Mapping[str, Sequence[int]],
    confidence: float,
) -> dict[str, pl.DataFrame]:
    """Return every table of this stage by file stem (schemas: workflow/README.md).

    networks, coefficients, cells, geometry, ties: the tables of all ensembles, one below the
    other. thresholds: of each data set; architectures: widths of each; confidence: of intervals.
    """
    conventions = cells["convention"].unique(maintain_order=True).to_list()
    accuracy = accuracy_table(networks, thresholds)
    stars = with_shape(at_k_star(coefficients, cells), architectures)
    fits = [
        regression(part, coefficient, str(condition), str(convention), confidence)
        for (condition, convention), part in stars.group_by(
            ["condition", "convention"], maintain_order=True
        )
        for coefficient in COEFFICIENTS
    ]
    return {
        "accuracy": accuracy,
        "cells": cells,
        "networks": stars,
        "funnel": funnel_module.funnel(accuracy, stars, conventions),
        "excluded": funnel_module.excluded(accuracy, stars, conventions),
        "regression": pl.concat(fits) if fits else pl.DataFrame(schema=SCHEMA),
        "within_cells": within_cells(stars),
        "layers": layers_at_k_star(geometry, stars),
        "pairs": median_pairs(geometry, stars),
        "ties": ties,
    }
