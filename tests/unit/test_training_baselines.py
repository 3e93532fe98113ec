"""Margin and weight norm against sums written out point by point and weight by weight."""

import math

import numpy as np
import pytest

from ricci_flow.networks.forward import logits
from ricci_flow.networks.margins import mean_margins, weight_norms
from ricci_flow.networks.recipe import Recipe
from tests.unit.test_training_ensemble import ARCHITECTURE, make_data, train


def literal_logit(parameters, s, x, relu):
    """The logit of one point, one multiplication at a time."""
    layers = len(parameters) // 2
    values = [float(v) for v in x]
    for layer in range(1, layers + 1):
        W, b = parameters[f"W{layer}"][s], parameters[f"b{layer}"][s]
        values = [
            sum(values[i] * float(W[i, j]) for i in range(W.shape[0])) + float(b[j])
            for j in range(W.shape[1])
        ]
        if relu and layer < layers:
            values = [max(v, 0.0) for v in values]
    return values[0]


def margins(parameters, y):
    X = make_data().X_test
    return mean_margins(logits(ARCHITECTURE, parameters, X, (X.shape[1],), 1), y)


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_margin_and_norm_are_the_sums_written_out(activation):
    found, data = train([0, 3], Recipe(epochs=2, activation=activation)), make_data()
    assert all(found.parameters[f"b{layer}"].any() for layer in range(1, 5))
    for s in range(2):
        total = 0.0
        for x, y in zip(data.X_test, data.y_test, strict=True):
            total += (1 if y == 1 else -1) * literal_logit(
                found.parameters, s, x, activation == "relu"
            )
        assert found.margin[s] == pytest.approx(total / len(data.y_test), rel=1e-12)
        square = sum(
            float(w) ** 2 for layer in range(1, 5) for w in found.parameters[f"W{layer}"][s].flat
        )
        assert found.weight_norm[s] == pytest.approx(math.sqrt(square), rel=1e-12)


def test_a_network_alone_has_the_same_numbers():
    everyone, alone = train(range(4)), train([2])
    assert (alone.margin[0], alone.weight_norm[0]) == (everyone.margin[2], everyone.weight_norm[2])


def test_swapped_classes_turn_the_margin_and_scaling_the_output_scales_it():
    data, parameters = make_data(), train([0, 1]).parameters
    margin = margins(parameters, data.y_test)
    swapped = margins(parameters, 1 - data.y_test)
    np.testing.assert_allclose(swapped, -margin, rtol=1e-12)
    tripled = parameters | {"W4": 3 * parameters["W4"], "b4": 3 * parameters["b4"]}
    np.testing.assert_allclose(margins(tripled, data.y_test), 3 * margin, rtol=1e-6)


def test_training_widens_the_margin():
    untrained, trained = train(range(3), Recipe(epochs=0)), train(range(3), Recipe(epochs=10))
    assert (trained.margin > untrained.margin).all()


def test_a_logit_that_is_not_finite_leaves_no_margin_and_no_warning(recwarn):
    data, parameters = make_data(), train([0, 1]).parameters
    broken = parameters["W2"].copy()
    broken[1] = np.nan
    margin = margins(parameters | {"W2": broken}, data.y_test)
    assert np.isfinite(margin[0])
    assert np.isnan(margin[1])
    assert np.isnan(weight_norms(parameters | {"W2": broken})[1])
    assert not recwarn.list
