"""The meta-analysis against its formulas written out, and the intervals against their meaning."""

import numpy as np
import pytest
from scipy import stats

from ricci_flow.analysis.inference import correct, fisher, interval, meta_analysis, pooled


def by_hand(r, n):
    """DerSimonian and Laird (1986) on Fisher's z, a sum at a time; tau^2 is never negative."""
    z = [np.arctanh(value) for value in r]
    v = [1.06 / (size - 3) for size in n]
    w = [1 / value for value in v]
    fixed = sum(a * b for a, b in zip(w, z, strict=True)) / sum(w)
    q = sum(a * (b - fixed) ** 2 for a, b in zip(w, z, strict=True))
    c = sum(w) - sum(a * a for a in w) / sum(w)
    tau = max(0.0, (q - (len(r) - 1)) / c)
    w = [1 / (value + tau) for value in v]
    return sum(a * b for a, b in zip(w, z, strict=True)) / sum(w), sum(w) ** -0.5, tau


SPREAD = ([-0.5, -0.1, 0.2, -0.4], [30, 20, 36, 10])
ALIKE = ([-0.21, -0.2, -0.19, -0.22], [30, 20, 36, 10])


@pytest.mark.parametrize(("study", "varies"), [(SPREAD, True), (ALIKE, False)])
def test_meta_analysis_by_hand(study, varies):
    r, n = (np.array(values) for values in study)
    mean, error, tau = by_hand(r, n)
    assert (tau > 0) == varies
    estimate, low, high, p = meta_analysis(r, n, 0.9)
    assert estimate == pytest.approx(np.tanh(mean))
    ends = np.tanh(mean + np.array([-1, 1]) * 1.6448536 * error)
    assert (low, high) == pytest.approx(tuple(ends))
    assert p == pytest.approx(2 * stats.norm.sf(abs(mean) / error))


def test_cells_that_agree_are_no_more_certain_than_their_networks():
    """However alike the cells are, the error is at least that of one cell with all their n - 3."""
    r, n = np.full(40, 0.1), np.full(40, 30)
    _, error = pooled(r, n)
    assert error == pytest.approx(np.sqrt(1.06 / (40 * 27)))


def test_the_mean_against_statsmodels_where_cells_differ():
    from statsmodels.stats.meta_analysis import combine_effects

    r, n = (np.array(values) for values in SPREAD)
    expected = combine_effects(*fisher(r, n), method_re="dl", use_t=False)
    mean, error = pooled(r, n)
    assert mean == pytest.approx(expected.mean_effect_re)
    assert error == pytest.approx(expected.sd_eff_w_re)


@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_no_link_is_found_as_often_as_the_level_says_nearly(spread):
    """Twelve cells whose own links are 0 on average, alike or not."""
    rng = np.random.default_rng(3)
    links = np.tanh(rng.normal(0, spread, (1000, 12, 1)))
    x = rng.normal(size=(1000, 12, 10))
    y = links * x + np.sqrt(1 - links**2) * rng.normal(size=x.shape)
    ranks = [v.argsort(axis=-1).argsort(axis=-1) - 4.5 for v in (x, y)]
    r = (ranks[0] * ranks[1]).sum(axis=-1) / 82.5
    ends = np.array([meta_analysis(row, np.full(12, 10), 0.95)[1:3] for row in r])
    for wrong in (ends[:, 0] > 0, ends[:, 1] < 0):
        assert stats.binomtest(int(wrong.sum()), 1000, 0.025, "greater").pvalue > 1e-3
        assert wrong.sum() > 0


def test_many_at_once_and_cells_without_a_correlation():
    rng = np.random.default_rng(0)
    r, n = rng.uniform(-0.9, 0.9, (5, 4)), np.array([8, 30, 12, 5])
    r[2, 1] = np.nan
    r[3, :3] = np.nan
    means, errors = pooled(r, n)
    for row, mean, error in zip(r, means, errors, strict=True):
        known = np.isfinite(row)
        if known.sum() < 2:
            assert np.isnan(mean)
        else:
            assert (mean, error) == pytest.approx(by_hand(row[known], n[known])[:2])


@pytest.mark.parametrize("n", [4, 6, 30])
def test_a_perfect_correlation_counts_as_half_a_step_short(n):
    ranks = np.arange(n)
    nearest = ranks.copy()
    nearest[:2] = 1, 0  # the smallest change there is
    second = stats.spearmanr(ranks, nearest).statistic
    assert np.tanh(fisher(np.array([1.0]), np.array([n]))[0][0]) == pytest.approx((1 + second) / 2)
    assert np.tanh(fisher(np.array([-1.0]), np.array([n]))[0][0]) == pytest.approx(
        -(1 + second) / 2
    )
    assert np.tanh(fisher(np.array([second]), np.array([n]))[0][0]) == pytest.approx(second)


def test_the_interval_of_one_cell_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    truth = 6 / np.pi * np.arcsin(0.5 / 2)  # Spearman's rho of a normal pair with r = 0.5
    draws = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=(1000, 20))
    hits = 0
    for pair in draws:
        low, high = interval(stats.spearmanr(pair).statistic, 20, 0.9)
        hits += low <= truth <= high
    # Binomial(1000, 0.9): standard deviation 9.5.
    assert abs(hits - 900) < 35


def test_families_are_corrected_as_defined():
    p = [0.01, 0.04, 0.03, None, 0.5]
    rows = [{"p": value} for value in p]
    correct(rows, "all")
    assert [row["family"] for row in rows] == ["all"] * 5
    holm = [4 * 0.01, 3 * 0.03, 3 * 0.03, None, 0.5]
    hochberg = [4 * 0.01, 0.04 * 4 / 3, 0.04 * 4 / 3, None, 0.5]
    for row, strict, mild in zip(rows, holm, hochberg, strict=True):
        assert row.get("p_holm") == (None if strict is None else pytest.approx(strict))
        assert row.get("p_benjamini_hochberg") == (None if mild is None else pytest.approx(mild))
