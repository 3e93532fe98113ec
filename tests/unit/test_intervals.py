"""Intervals with data sets as the units, against statsmodels, scipy and simulation."""

import numpy as np
import pytest
from scipy import stats

from ricci_flow.analysis.resampling import Part, over_data_sets


def cells(rng, data_sets, each, shared=1.0, columns=1):
    """Cells with an effect that those of a data set share."""
    names = [f"d{i}" for i in range(data_sets) for _ in range(each)]
    effect = np.repeat(shared * rng.normal(size=data_sets), each)
    values = effect + rng.normal(size=len(names))
    weights = rng.uniform(1, 5, size=(len(names), columns - 1))
    return Part(np.column_stack([values, weights]), names)


@pytest.mark.parametrize("columns", [1, 2])
def test_one_mean_is_statsmodels_cluster_robust_intercept(columns):
    import statsmodels.api as sm

    part = cells(np.random.default_rng(3), 5, 4, columns=columns)
    part = Part(part.cells[:-3], part.data_sets[:-3])  # data sets of different sizes
    weights = part.cells[:, 1] if columns > 1 else np.ones(len(part.cells))
    model = sm.WLS(part.cells[:, 0], np.ones(len(part.cells)), weights=weights)
    groups = np.unique(part.data_sets, return_inverse=True)[1]
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    assert over_data_sets([part], 0.9) == pytest.approx(fit.conf_int(alpha=0.1)[0])


def test_a_difference_with_one_cell_a_data_set_is_welchs_test():
    rng = np.random.default_rng(4)
    parts = [cells(rng, 3, 1), cells(rng, 6, 1, shared=3.0)]
    first, second = (part.cells[:, 0] for part in parts)
    welch = stats.ttest_ind(second, first, equal_var=False).confidence_interval(0.95)
    assert over_data_sets(parts, 0.95) == pytest.approx((welch.low, welch.high))


def test_one_data_set_has_no_interval_and_equal_ones_no_width():
    rng = np.random.default_rng(5)
    assert over_data_sets([cells(rng, 1, 6)], 0.95) is None
    assert over_data_sets([cells(rng, 4, 6), cells(rng, 1, 6)], 0.95) is None
    assert over_data_sets([Part(np.empty((0, 1)), [])], 0.95) is None
    same = Part(np.ones((6, 1)), list("aabbcc"))
    assert over_data_sets([same], 0.95) == (1.0, 1.0)


def test_it_misses_the_truth_as_often_as_stated_and_cells_as_units_far_more_often():
    rng = np.random.default_rng(6)
    missed = naive = 0
    for _ in range(400):
        part = cells(rng, 7, 6)
        low, high = over_data_sets([part], 0.95)
        missed += not low < 0 < high
        values = part.cells[:, 0]
        naive += stats.ttest_1samp(values, 0).pvalue < 0.05
    assert stats.binomtest(missed, 400, 0.05).pvalue > 1e-3
    assert naive > 3 * missed
