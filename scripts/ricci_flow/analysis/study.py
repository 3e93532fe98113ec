"""The analysis of a whole study: all tables of stage 7 but for the claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ricci_flow.analysis import funnel
from ricci_flow.analysis.accuracy_link import accuracy_link, within_cells
from ricci_flow.analysis.baselines import baselines, with_baselines
from ricci_flow.analysis.beyond_controls import beyond_controls
from ricci_flow.analysis.cells import Cell, cells_of, study_moments
from ricci_flow.analysis.choice_of_k import held_out_table, k_curves, with_fixed_band
from ricci_flow.analysis.comparison import compare_cells, curves_of_study, fit_to_published
from ricci_flow.analysis.fixed_k import fixed_k_table
from ricci_flow.analysis.join import (
    accuracy_table,
    at_fixed_k,
    at_k_star,
    layers_at_k_star,
    median_pairs,
    with_shape,
)
from ricci_flow.analysis.nulls import KEYS as NULL_KEYS
from ricci_flow.analysis.nulls import null_laws, nulls_table
from ricci_flow.analysis.published import NOTHING_PUBLISHED
from ricci_flow.analysis.regression import COEFFICIENTS, regression
from ricci_flow.tables.keys import CELL_KEYS
from ricci_flow.tables.statistics import REGRESSION


@dataclass(frozen=True)
class Measured:
    """The tables of all ensembles of a study, concatenated: training/networks.parquet,
    coefficients/networks.parquet and cell.parquet, geometry/layers.parquet, graphs/ties.parquet.

    further: of the further blocks, see `further.further_networks`, for claims that need them;
    stopping: statistics/early_stopping.parquet, likewise.
    """

    networks: pl.DataFrame
    coefficients: pl.DataFrame
    cells: pl.DataFrame
    geometry: pl.DataFrame
    ties: pl.DataFrame
    further: tuple[pl.DataFrame, pl.DataFrame] | None = None
    stopping: pl.DataFrame | None = None


@dataclass(frozen=True)
class Settings:
    """What a study says of its analysis.

    thresholds: accuracy above which networks are kept, of each data set; unfiltered: conditions
    without one; architectures: (depth, width) of each; confidence: level of all
    intervals; seed_name: root name of random streams; groups: each data set's: synthetic,
    images or table (table where absent); controls: conditions that the others are compared with;
    drawn: those without networks, whose accuracies are those of the networks they are like;
    published: values to compare with (see `published.read_published`), if any; published_local: the
    same of a paper on local coefficients (`published_local.read_coefficients`).
    """

    thresholds: Mapping[str, float | None]
    architectures: Mapping[str, tuple[int, str]]
    confidence: float = 0.95
    seed_name: str = "default"
    unfiltered: Sequence[str] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    controls: Sequence[str] = ()
    drawn: Sequence[str] = ()
    published: Mapping[str, Any] | None = None
    published_local: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Analysis:
    """An analysed study, as the claims need it.

    cells: see `cells.cells_of`; points: test points of each data set; tables: those of this stage
    by file stem, without the claims; fixed: rows of networks.parquet at the k fixed beforehand;
    further, stopping: of `Measured`.
    """

    settings: Settings
    cells: Mapping[tuple[str, str], Mapping[tuple[str, str], Cell]]
    points: Mapping[str, int]
    tables: dict[str, pl.DataFrame]
    fixed: pl.DataFrame
    further: tuple[pl.DataFrame, pl.DataFrame] | None = None
    stopping: pl.DataFrame | None = None


def analyse(measured: Measured, settings: Settings) -> Analysis:
    """Return the analysis of a study; its tables: `ricci_flow.tables.statistics`."""
    level, seed_name, published = settings.confidence, settings.seed_name, settings.published
    geometry, cells = measured.geometry, measured.cells
    measures = cells["measure"].unique(maintain_order=True).to_list()
    accuracy = accuracy_table(measured.networks, settings.thresholds, settings.unfiltered)
    stars = with_shape(at_k_star(measured.coefficients, cells), settings.architectures)
    stars = with_baselines(stars, accuracy, geometry)
    fits = [
        regression(part, coefficient, str(condition), str(measure), level)
        for (condition, measure), part in stars.group_by(
            ["condition", "measure"], maintain_order=True
        )
        for coefficient in COEFFICIENTS
    ]
    points = dict(geometry.group_by("data_set").agg(pl.col("n").max()).iter_rows())
    within = within_cells(stars, level)
    profiles = cells_of(geometry, accuracy, measured.coefficients)
    laws, coupling = null_laws(profiles, stars, seed_name)
    moments = study_moments(profiles, geometry.select(CELL_KEYS).unique(maintain_order=True).rows())
    curves = k_curves(moments, level, seed_name)
    fixed = with_shape(at_fixed_k(measured.coefficients, curves), settings.architectures)
    nulls = nulls_table(stars, fixed)
    printed = published or NOTHING_PUBLISHED
    comparison = compare_cells(cells, printed)
    tables = {
        "accuracy": accuracy,
        "cells": cells,
        "networks": stars,
        "funnel": funnel.funnel(
            accuracy, stars, measures, published["funnel"] if published else None
        ),
        "excluded": funnel.excluded(accuracy, stars, measures),
        "regression": pl.concat(fits) if fits else REGRESSION.frame(),
        "within_cells": within,
        "accuracy_link": accuracy_link(stars, within, points, level, seed_name),
        "baselines": baselines(stars, level),
        "k_curves": curves,
        "layers": layers_at_k_star(geometry, stars),
        "pairs": median_pairs(geometry, stars),
        "ties": measured.ties,
        "fixed_k": fixed_k_table(fixed, level),
        "beyond_controls": beyond_controls(fixed, settings.controls, level, seed_name),
        "nulls": nulls.join(coupling, on=NULL_KEYS, how="left", maintain_order="left"),
        "null_laws": laws,
        "held_out": with_fixed_band(held_out_table(moments, seed_name), curves),
        "comparison": comparison,
        "fit": fit_to_published(comparison, cells, printed),
        "published_curves": curves_of_study(printed["figure3"], cells, points),
    }
    return Analysis(settings, profiles, points, tables, fixed, measured.further, measured.stopping)
