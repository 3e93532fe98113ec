from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from ricci_flow.coefficients.nulls import layer_nulls, layer_orders
from ricci_flow.coefficients.ricci import ricci_coefficient


def nulls(mass, curvature, seed=0):
    orders = layer_orders(len(mass), np.random.default_rng(seed))
    return layer_nulls(np.array(mass, float), np.array(curvature, float), orders)


@pytest.mark.parametrize("seed", range(5))
def test_companions_against_scipy(seed):
    mass, curvature = np.random.default_rng(seed).normal(size=(2, 11))
    found = nulls(mass, curvature)
    eta, ric, layer = np.diff(mass), curvature[:-1], np.arange(10)
    assert found.coupling == pytest.approx(stats.pearsonr(ric, mass[:-1]).statistic)
    assert found.spearman == pytest.approx(stats.spearmanr(eta, ric).statistic)
    assert found.rho_next == pytest.approx(stats.pearsonr(eta, curvature[1:]).statistic)
    rest = [v - np.polyval(np.polyfit(layer, v, 1), layer) for v in (eta, ric)]
    assert found.rho_detrended == pytest.approx(stats.pearsonr(*rest).statistic)


def test_spearman_with_ties():
    mass = np.cumsum([0, 1, 1, 2, 5, 5, 5])
    curvature = [1, 1, 2, 2, 0, 3, 9]
    expected = stats.spearmanr(np.diff(mass), curvature[:-1]).statistic
    assert nulls(mass, curvature).spearman == pytest.approx(expected)


def test_reversed_layers_give_the_negative_of_rho_next():
    mass, curvature = np.random.default_rng(3).normal(size=(2, 5))
    backwards = ricci_coefficient(mass[::-1], curvature[::-1]).rho
    assert nulls(mass, curvature).rho_next == pytest.approx(-backwards)


def test_law_over_layer_orders_counts_them_all():
    mass, curvature = np.random.default_rng(8).normal(size=(2, 5))
    values = []
    for order in permutations(range(5)):
        g, ric = mass[list(order)], curvature[list(order)]
        values.append(stats.pearsonr(np.diff(g), ric[:-1]).statistic)
    found = nulls(mass, curvature)
    assert len(layer_orders(5, np.random.default_rng())) == 120
    assert found.null_mean == pytest.approx(np.mean(values))
    assert found.null_negative == pytest.approx(np.mean(np.array(values) < 0))
    assert found.p_orders == pytest.approx(np.mean(np.array(values) <= values[0] + 1e-9))


def test_deep_networks_are_sampled_with_the_observed_order_among_the_draws():
    orders = layer_orders(11, np.random.default_rng(1))
    assert len(orders) == 5001
    assert orders[0].tolist() == list(range(11))
    assert (np.sort(orders, axis=1) == np.arange(11)).all()
    # Every layer is as often at every place, within six standard errors.
    counts = np.array([(orders[1:] == layer).sum(axis=0) for layer in range(11)])
    assert np.abs(counts - 5000 / 11).max() < 6 * np.sqrt(5000 / 11)


def layers(rng, depth, coupling):
    g, noise = rng.normal(size=(2, depth))
    return g, coupling * g + np.sqrt(1 - coupling**2) * noise


@pytest.mark.parametrize("depth", [5, 11])
def test_coupling_alone_deceives_the_pairing_law_and_not_this_one(depth):
    """Independent layers whose curvature and mass go together: no flow, yet rho < 0."""
    rng = np.random.default_rng(depth)
    rows = [layers(rng, depth, 0.9) for _ in range(200)]
    rho = np.array([ricci_coefficient(g, ric).rho for g, ric in rows])
    pairings = np.array([ricci_coefficient(g, ric).p for g, ric in rows])
    orders = np.array([nulls(g, ric).p_orders for g, ric in rows])
    expected = np.array([nulls(g, ric).null_mean for g, ric in rows])
    assert (rho < 0).mean() > 0.85
    assert rho.mean() == pytest.approx(expected.mean(), abs=0.06)
    assert (pairings <= 0.05).mean() > 0.12
    # Binomial(200, 0.05) exceeds 22 with probability 3e-4.
    assert (orders <= 0.05).sum() <= 22


def test_a_flow_in_the_order_of_the_layers_is_seen():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(50):
        curvature = rng.normal(size=11)
        mass = np.concatenate([[0.0], np.cumsum(-curvature[:-1] + 0.3 * rng.normal(size=10))])
        found.append(nulls(mass, curvature).p_orders)
    assert np.mean(np.array(found) <= 0.05) > 0.9
