"""The bootstrap against slow loops, and its intervals against their nominal rate."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from ricci_flow.analysis.inference import pooled, spearman
from ricci_flow.analysis.resampling import (
    meta_draws,
    percentiles,
    resample_networks,
    slope_draws,
)

CELLS = np.array([2, 0, 0, 1, 2, 2, 0, 1, 2, 0, 1, 0, 1, 2, 1])


def test_every_place_draws_from_its_own_cell():
    picked = resample_networks(CELLS, 4000, np.random.default_rng(0))
    assert (CELLS[picked] == CELLS).all()
    for place, cell in enumerate(CELLS):
        members = np.flatnonzero(cell == CELLS)
        counts = [(picked[:, place] == member).sum() for member in members]
        assert stats.chisquare(counts).pvalue > 1e-4


def test_spearman_with_ties_and_constants():
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 5, (2, 6, 9)).astype(float)
    y[3] = 2.0
    found = spearman(x, y)
    assert np.isnan(found[3])
    for row in (0, 1, 2, 4, 5):
        assert found[row] == pytest.approx(stats.spearmanr(x[row], y[row]).statistic)


def test_meta_draws_are_the_meta_analysis_of_each_draw():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 15))
    picked = resample_networks(CELLS, 20, rng)
    picked[4, CELLS == 1] = 3  # one network over and over: no correlation in this cell
    found = meta_draws(x, y, CELLS, picked)
    for rows, value in zip(picked, found, strict=True):
        r, n = [], []
        for cell in (0, 1, 2):
            here = rows[cell == CELLS]
            if len(set(here)) > 1:
                r.append(stats.spearmanr(x[here], y[here]).statistic)
                n.append(len(here))
        assert value == pytest.approx(np.tanh(pooled(np.array(r), np.array(n))[0]))


def test_slope_draws_are_the_least_squares_of_each_draw():
    rng = np.random.default_rng(3)
    matrix = np.column_stack([np.ones(15), rng.normal(size=15), CELLS == 1, CELLS == 2])
    y = rng.normal(size=15)
    picked = resample_networks(CELLS, 25, rng)
    picked[7] = picked[7, 0]  # every row the same: no slope
    found = slope_draws(matrix, y, picked, 1)
    assert np.isnan(found[7])
    for draw in (0, 5, 24):
        fit = sm.OLS(y[picked[draw]], matrix[picked[draw]]).fit()
        assert found[draw] == pytest.approx(fit.params[1])


def test_percentiles_and_p():
    draws = np.concatenate([np.linspace(-0.25, 0.749, 1000), [np.nan] * 5])
    estimate, low, high, p = percentiles(0.2, draws, 0.9)
    assert estimate == 0.2
    assert (low, high) == pytest.approx((-0.2, 0.7), abs=2e-3)
    # 250 draws below 0 and one at it, and one more counted, twice, of 1001
    assert p == pytest.approx(2 * 252 / 1001, abs=2e-3)
    assert percentiles(1.0, np.full(999, 1.0), 0.9)[3] == pytest.approx(2 / 1000)
    assert np.isnan(percentiles(0.2, np.array([0.1, np.nan, np.nan]), 0.9)[1])


def draw_study(rng, effect=0.0, networks=14):
    """Nine cells that differ in level; inside them y follows x by `effect`."""
    cells = np.repeat(np.arange(9), networks)
    level = rng.normal(size=9)[cells]
    x = rng.normal(size=len(cells))
    y = effect * x + rng.normal(size=len(cells))
    return cells, x + level, y + 2 * level


def test_intervals_hold_no_association_at_the_nominal_rate():
    hits = {"meta": 0, "slope": 0}
    studies = 150
    for seed in range(studies):
        rng = np.random.default_rng([4, seed])
        cells, x, y = draw_study(rng)
        picked = resample_networks(cells, 200, rng)
        matrix = np.column_stack([x, cells[:, None] == np.arange(9)])
        draws = {
            "meta": meta_draws(x, y, cells, picked),
            "slope": slope_draws(matrix, y, picked, 0),
        }
        for name, values in draws.items():
            _, low, high, _ = percentiles(0.0, values, 0.9)
            hits[name] += low <= 0 <= high
    # Binomial(150, 0.9): 135, standard deviation 3.7.
    assert all(123 <= count <= 147 for count in hits.values()), hits


def test_an_association_is_found_and_its_slope_held():
    found, held = 0, 0
    for seed in range(60):
        rng = np.random.default_rng([5, seed])
        cells, x, y = draw_study(rng, effect=0.5)
        picked = resample_networks(cells, 200, rng)
        matrix = np.column_stack([x, cells[:, None] == np.arange(9)])
        found += percentiles(0.0, meta_draws(x, y, cells, picked), 0.9)[1] > 0
        _, low, high, _ = percentiles(0.0, slope_draws(matrix, y, picked, 0), 0.9)
        held += low <= 0.5 <= high
    assert found == 60
    assert held >= 46  # Binomial(60, 0.9) falls below with probability 1e-3
