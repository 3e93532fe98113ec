"""What the ledger is made of, against slow literal references."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from ricci_flow.analysis.cells import Cell, cells_of
from ricci_flow.analysis.resampling import over_cells, wilson
from ricci_flow.claims.base import StudyView, side_of, words_of
from ricci_flow.claims.cell_measures import SPLITS, CellMeasures, measure_cell
from ricci_flow.claims.ledger import published_numbers
from tests.fixtures.simulated_ledger import CLAIMS, KS, POINTS, flow
from tests.unit.test_statistics import MEASURES, study


@pytest.mark.parametrize(("hits", "of"), [(0, 6), (6, 6), (37, 42), (1, 2)])
def test_wilson_against_scipy(hits, of):
    expected = stats.binomtest(hits, of).proportion_ci(0.9, method="wilson")
    assert wilson(hits, of, 0.9) == pytest.approx(tuple(expected))


def mean(parts):
    return parts[0][..., 0].mean(axis=1)


def test_bootstrap_covers_with_few_cells():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(400):
        low, high = over_cells([rng.normal(size=(7, 1))], mean, 0.95, rng)
        hits += low < 0 < high
    # The normal law at 400 trials: within four standard errors of 0.95.
    assert abs(hits / 400 - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 400)


def test_bootstrap_of_normal_values_is_near_students():
    values = np.random.default_rng(2).normal(size=(40, 1))
    found = over_cells([values], mean, 0.95, np.random.default_rng(3))
    expected = stats.ttest_1samp(values[:, 0], 0).confidence_interval(0.95)
    assert found == pytest.approx(tuple(expected), abs=0.04)


def test_bootstrap_resamples_inside_the_groups():
    groups = [np.zeros((5, 1)), np.ones((9, 1))]

    def gap(parts):
        assert [part.shape[1] for part in parts] == [5, 9]
        return parts[1][..., 0].mean(axis=1) - parts[0][..., 0].mean(axis=1)

    assert over_cells(groups, gap, 0.95, np.random.default_rng(0)) == (1.0, 1.0)


def literal(cell, rows, generator):
    """The same, network by network and split by split."""

    def pairs(network, k):
        return np.diff(cell.mass[network, k]), cell.curvature[network, k, :-1]

    def rho(networks, k):
        known = [n for n in networks if np.isfinite(cell.mass[n, k]).all()]
        if not known:
            return np.nan
        eta, ric = (np.concatenate([pairs(n, k)[side] for n in known]) for side in (0, 1))
        return stats.pearsonr(eta, ric).statistic

    ks = range(len(KS))
    curve = [rho(rows, k) for k in ks]
    star = int(np.nanargmin(curve))
    shares = [np.log(KS[k] / POINTS) for k in ks if np.isfinite(curve[k])]
    known = [n for n in rows if np.isfinite(cell.mass[n, star]).all()]
    profile = np.mean([cell.curvature[n, star] for n in known], axis=0)
    held, below, orders = [], [], []
    for order in np.argsort(generator.random((SPLITS, len(rows))), axis=1):
        first = [rows[i] for i in order[: len(rows) // 2]]
        rest = [rows[i] for i in order[len(rows) // 2 :]]
        k = int(np.nanargmin([rho(first, k) for k in ks]))
        held.append(rho(rest, k))
        single = {n: rho([n], k) for n in rest}
        below += [value < 0 for value in single.values() if np.isfinite(value)]
        orders += [cell.null_negative[n, k] for n, v in single.items() if np.isfinite(v)]
    tenth = int(np.argmin([abs(k - POINTS / 10) for k in KS]))

    def single_at(k):
        values = {n: rho([n], k) for n in rows}
        return {n: value for n, value in values.items() if np.isfinite(value)}

    def trend(k):
        known = [n for n in rows if np.isfinite(cell.mass[n, k]).all()]
        profile = np.mean([cell.curvature[n, k] for n in known], axis=0)
        return stats.spearmanr(range(len(profile)), profile).statistic

    there, best = single_at(tenth), single_at(star)
    return CellMeasures(
        np.nanmean(held),
        np.log(KS[star] / POINTS) - np.mean(shares),
        stats.spearmanr(range(len(profile)), profile).statistic,
        stats.spearmanr([rho([n], star) for n in known], cell.accuracy[known]).statistic,
        len(known),
        np.mean(below),
        np.mean(orders),
        fixed=curve[tenth],
        fixed_negative=np.mean([value < 0 for value in there.values()]),
        fixed_order_negative=np.mean([cell.null_negative[n, tenth] for n in there]),
        fixed_trend=trend(tenth),
        fixed_correlation=stats.spearmanr(
            list(there.values()), cell.accuracy[list(there)]
        ).statistic,
        fixed_networks=len(there),
        star=curve[star],
        star_negative=np.mean([value < 0 for value in best.values()]),
        star_order_negative=np.mean([cell.null_negative[n, star] for n in best]),
    )


def test_measures_against_a_literal_reference():
    cell = flow(np.random.default_rng(4), "synthetic")
    cell.mass[:] = 1e6 + 1e3 * cell.mass
    cell.curvature[:] = -1e8 + 1e4 * cell.curvature
    # Not connected: a network at every small k, everybody at the smallest.
    cell.mass[2, :3, 1] = np.nan
    cell.mass[:, 0, 3] = np.nan
    rows = [0, 1, 2, 4, 5, 7, 9]
    found = measure_cell(cell, set(rows), np.random.default_rng(5))
    expected = literal(cell, rows, np.random.default_rng(5))
    assert vars(found) == pytest.approx(vars(expected), abs=1e-6)


def test_a_network_of_little_spread_in_a_wide_cell_has_a_coefficient_of_its_own():
    """Its spread is a millionth of the cell's; its coefficients are those it has by itself."""
    cell = flow(np.random.default_rng(4), "synthetic")
    cell.mass[:] = 1e6 + 1e3 * cell.mass
    cell.curvature[:] = -1e8 + 1e4 * cell.curvature
    cell.mass[3] = 1e6 + 1e-6 * (cell.mass[3] - 1e6)
    rows = list(range(10))
    found = measure_cell(cell, set(rows), np.random.default_rng(5))
    expected = literal(cell, rows, np.random.default_rng(5))
    assert vars(found) == pytest.approx(vars(expected), abs=1e-6)
    assert found.networks == len(rows)
    cell.mass[3] = 1e6  # constant, it has none
    assert measure_cell(cell, set(rows), np.random.default_rng(5)).networks == len(rows) - 1


def test_measures_need_networks_and_a_connected_k():
    cell = flow(np.random.default_rng(6), "real")
    assert np.isnan(measure_cell(cell, {3}, np.random.default_rng(0)).held_out)
    few = measure_cell(cell, {0, 1, 2}, np.random.default_rng(0))
    assert np.isnan(few.correlation)
    assert np.isfinite(few.held_out)
    cell.mass[:, :, 2] = np.nan
    assert measure_cell(cell, set(range(10)), np.random.default_rng(0)).networks == 0


def test_cells_from_tables_have_the_k_star_of_the_coefficients():
    inputs = study()
    accuracy = inputs["networks"].with_columns(kept=pl.col("test_accuracy") > 0.5)
    cells = cells_of(inputs["geometry"], accuracy, inputs["coefficients"])
    assert set(cells) == {("trained", measure) for measure in MEASURES}
    stars = inputs["cells"].filter("is_k_star")
    for row in stars.iter_rows(named=True):
        cell = cells["trained", row["measure"]][row["data_set"], row["architecture"]]
        assert cell.ks.tolist() == [4, 8]
        found = measure_cell(cell, cell.kept_numbers(), np.random.default_rng(0))
        if np.isfinite(found.k_share):
            assert np.exp(found.k_share + np.log(cell.ks / cell.n).mean()) * cell.n == (
                pytest.approx(row["k"])
            )
            assert len(cell.kept_numbers()) == row["kept"]
    known = ~np.isnan(cell.mass).any(axis=2)
    assert (np.isfinite(cell.null_negative) == known).all()


def test_published_ratio_is_relative_to_the_grids():
    cells = pl.DataFrame({"data_set": ["A", "A", "M", "M"], "k": [10, 40, 20, 80]})
    published = {
        "cells": {"A": {"x": [10, -0.1]}, "M": {"x": [80, -0.1], "y": [80, -0.2]}},
        "regression": {"t": -2.27},
        "negative_share": 0.932,
    }
    points, groups = {"A": 100, "M": 400}, {"A": "synthetic", "M": "real"}

    def found(published, groups):
        view = StudyView({"cells": cells}, points, groups, published)
        numbers = published_numbers(view, CLAIMS)
        return {claim.number: numbers[claim.key] for claim in CLAIMS if claim.key in numbers}

    # k*/n is 0.1 and 0.2, blind choices 0.2 and 0.1 in the geometric mean.
    assert found(published, groups) == pytest.approx({1: 1.0, 2: 4.0, 4: -2.27, 5: 0.932})
    assert found(None, groups) == {}
    assert 2 not in found(published, {"A": "real", "M": "real"})


def test_texts_name_the_groups_that_are_there():
    def said(*groups):
        return words_of(groups)["real"]

    assert (said("images"), said("synthetic", "table")) == ("images", "tables")
    assert said("table", "images") == said("synthetic") == "images and tables"
    sides = [side_of(group) for group in ("synthetic", "images", "table")]
    assert sides == ["synthetic", "real", "real"]


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_networks_of_few_layers_have_no_coefficient(layers):
    rng = np.random.default_rng(0)
    mass, curvature = rng.normal(size=(2, 4, 3, layers))
    cell = Cell(100, np.array([5, 10, 20]), np.arange(4), np.linspace(0.5, 1, 4),
                np.ones(4, bool), mass, curvature, np.full((4, 3), np.nan))  # fmt: skip
    found = measure_cell(cell, {0, 1, 2, 3}, np.random.default_rng(1))
    assert np.isnan([found.negative, found.fixed_negative, found.correlation]).all()
