"""All tables of stage 7, from all tables of the stages before it."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ricci_flow.statistics import funnel as funnel_module
from ricci_flow.statistics.accuracy_link import accuracy_link
from ricci_flow.statistics.baselines import baselines, with_baselines
from ricci_flow.statistics.claims import claims_table
from ricci_flow.statistics.estimates import Estimates
from ricci_flow.statistics.gather import (
    accuracy_table,
    at_fixed_k,
    at_k_star,
    layers_at_k_star,
    median_pairs,
    with_shape,
)
from ricci_flow.statistics.held_out import held_out_table
from ricci_flow.statistics.k_curves import k_curves, with_fixed_band
from ricci_flow.statistics.ledger import ledger_table, primary_links, published_numbers
from ricci_flow.statistics.moments import study_moments
from ricci_flow.statistics.null_laws import null_laws
from ricci_flow.statistics.nulls import KEYS as NULL_KEYS
from ricci_flow.statistics.nulls import nulls_table
from ricci_flow.statistics.profiles import KEYS, cells_of
from ricci_flow.statistics.published import NOTHING_PUBLISHED, compare_cells, fit_to_published
from ricci_flow.statistics.published_curves import curves_of_study
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
    seed_name: str = "default",
    unfiltered: Sequence[str] = (),
    groups: Mapping[str, str] | None = None,
    published: Mapping[str, Any] | None = None,
    controls: Sequence[str] = (),
) -> dict[str, pl.DataFrame]:
    """Return every table of this stage by file stem (columns: reports/guide/files.md).

    networks, coefficients, cells, geometry, ties: the tables of all ensembles, one below the
    other. thresholds: of each data set; architectures: widths of each; confidence: of intervals;
    seed_name: root name of random streams;
    unfiltered: conditions without an accuracy filter; groups: each data set's, synthetic or real
    (real where absent); published: values to compare with (see `read_published`), if any;
    controls: conditions that the others are compared with.
    """
    conventions = cells["convention"].unique(maintain_order=True).to_list()
    accuracy = accuracy_table(networks, thresholds, unfiltered)
    stars = with_shape(at_k_star(coefficients, cells), architectures)
    stars = with_baselines(stars, accuracy, geometry)
    fits = [
        regression(part, coefficient, str(condition), str(convention), confidence)
        for (condition, convention), part in stars.group_by(
            ["condition", "convention"], maintain_order=True
        )
        for coefficient in COEFFICIENTS
    ]
    points = dict(geometry.group_by("data_set").agg(pl.col("n").max()).iter_rows())
    within = within_cells(stars, confidence)
    profiles = cells_of(geometry, accuracy, coefficients)
    laws, coupling = null_laws(profiles, stars, seed_name)
    order = geometry.select(KEYS).unique(maintain_order=True).rows()
    moments = study_moments(profiles, order)
    curves = k_curves(moments, confidence, seed_name)
    fixed = with_shape(at_fixed_k(coefficients, curves), architectures)
    nulls = nulls_table(stars, fixed)
    tables = {
        "accuracy": accuracy,
        "cells": cells,
        "networks": stars,
        "funnel": funnel_module.funnel(
            accuracy, stars, conventions, published["funnel"] if published else None
        ),
        "excluded": funnel_module.excluded(accuracy, stars, conventions),
        "regression": pl.concat(fits) if fits else pl.DataFrame(schema=SCHEMA),
        "within_cells": within,
        "accuracy_link": accuracy_link(stars, within, points, confidence, seed_name),
        "baselines": baselines(stars, confidence),
        "k_curves": curves,
        "layers": layers_at_k_star(geometry, stars),
        "pairs": median_pairs(geometry, stars),
        "ties": ties,
        "nulls": nulls.join(coupling, on=NULL_KEYS, how="left", maintain_order="left"),
        "null_laws": laws,
        "held_out": with_fixed_band(held_out_table(moments, seed_name), curves),
    }
    printed = published or NOTHING_PUBLISHED
    comparison = compare_cells(cells, printed)
    groups = {name: (groups or {}).get(name, "real") for name in thresholds}
    estimates = Estimates(
        profiles,
        groups,
        primary_links(tables["accuracy_link"]),
        confidence,
        seed_name,
    )
    numbers = published_numbers(published, cells, points, groups)
    return tables | {
        "ledger": ledger_table(estimates, controls, numbers),
        "comparison": comparison,
        "fit": fit_to_published(comparison, cells, printed),
        "published_curves": curves_of_study(printed["figure3"], cells, points),
        "claims": claims_table(tables | {"fixed": fixed}, points, groups, published),
    }
