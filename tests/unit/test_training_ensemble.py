"""Whole ensembles: what they depend on and what they report."""

import numpy as np
import polars as pl
import pytest
import torch

from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.draws import Streams, draw_labels, draw_rows, draw_weights
from ricci_flow.networks.ensemble import Data, train_ensemble
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.tables import history_table, networks_table

STREAMS = Streams("study", "A", "narrow_5")
RECIPE = Recipe(epochs=3, batch_size=16)
WIDTHS = [12, 25, 7]
ARCHITECTURE = Architecture.dense(*WIDTHS)


def make_data(n=100, d=5):
    """Two overlapping clouds, stored one class after the other."""
    generator = np.random.default_rng(1)
    y = np.repeat([0, 1], [n // 2, n - n // 2]).astype(np.uint8)
    train, test = (generator.standard_normal((n, d)) + 2 * y[:, None] for _ in range(2))
    return Data(train.astype(np.float32), y, test.astype(np.float32), y)


def train(networks, recipe=RECIPE, **options):
    return train_ensemble(make_data(), STREAMS, networks, ARCHITECTURE, recipe, **options)


def logits(parameters, s, X, activation="relu"):
    """Return the logits of network s in float64."""
    depth = len(parameters) // 2
    h = X.astype(np.float64)
    for layer in range(1, depth + 1):
        h = h @ parameters[f"W{layer}"][s] + parameters[f"b{layer}"][s]
        if layer < depth and activation == "relu":
            h = np.maximum(h, 0)
    return h[:, 0]


def measure(z, y):
    """Return mean cross-entropy and accuracy of logits z."""
    p = 1 / (1 + np.exp(-z))
    return -np.log(np.where(y, p, 1 - p)).mean(), ((z > 0) == y).mean()


@pytest.mark.parametrize("subset", [[0], [0, 1, 2], [7, 3], [4]])
@pytest.mark.parametrize("labels", ["true", "shuffled"])
def test_a_network_does_not_depend_on_the_others(subset, labels):
    recipe = Recipe(epochs=3, batch_size=16, labels=labels)
    everyone, some = train(range(8), recipe), train(subset, recipe)
    for name, values in some.parameters.items():
        np.testing.assert_array_equal(values, everyone.parameters[name][subset])
    for kind in ("train", "validation", "test"):
        for one, all_of_them in zip(getattr(some, kind), getattr(everyone, kind), strict=True):
            np.testing.assert_array_equal(one, all_of_them[subset])
    assert len({w.tobytes() for w in everyone.parameters["W1"]}) == 8


def test_a_rerun_is_the_same_to_the_bit():
    once, again = train(range(3)), train(range(3))
    for name, values in once.parameters.items():
        np.testing.assert_array_equal(values, again.parameters[name])
    assert networks_table(once).equals(networks_table(again))
    assert history_table(once).equals(history_table(again))


def test_torch_gives_the_same_networks():
    expected = train(range(3))
    torch.set_num_threads(1)
    found = train(range(3), RECIPE.model_copy(update={"trainer": "torch"}))
    for name, values in found.parameters.items():
        np.testing.assert_allclose(values, expected.parameters[name], rtol=0, atol=1e-4)
    np.testing.assert_allclose(found.test.loss, expected.test.loss, atol=1e-4)


def test_untrained_networks_are_the_initialisation():
    found = train([2, 5], Recipe(epochs=0))
    expected = draw_weights(STREAMS, [2, 5], [5, *WIDTHS, 1])
    for layer, w in enumerate(expected, 1):
        np.testing.assert_array_equal(found.parameters[f"W{layer}"], w)
        assert found.parameters[f"b{layer}"].shape == (2, w.shape[2])
        assert not found.parameters[f"b{layer}"].any()
    assert found.history == []
    assert np.isfinite([*found.validation, *found.test]).all()


@pytest.mark.parametrize("validation", ["random", "tail"])
@pytest.mark.parametrize("labels", ["true", "shuffled"])
def test_what_is_reported_is_what_the_final_weights_do(validation, labels):
    recipe = Recipe(epochs=2, validation=validation, labels=labels)
    data, found = make_data(), train(range(3), recipe)
    rows = draw_rows(STREAMS, range(3), 100, recipe)
    trained_on = draw_labels(STREAMS, range(3), data.y_train, rows, recipe)
    for s in range(3):
        z = logits(found.parameters, s, data.X_train)
        for measures, part in ((found.train, rows.kept[s]), (found.validation, rows.held[s])):
            loss, accuracy = measure(z[part], trained_on[s][part])
            assert measures.loss[s] == pytest.approx(loss, rel=1e-5)
            assert measures.accuracy[s] == accuracy
        loss, accuracy = measure(logits(found.parameters, s, data.X_test), data.y_test)
        assert found.test.loss[s] == pytest.approx(loss, rel=1e-5)
        assert found.test.accuracy[s] == accuracy
    last = history_table(found).filter(pl.col("epoch") == 2)
    np.testing.assert_array_equal(last["validation_loss"], found.validation.loss)
    np.testing.assert_array_equal(last["validation_accuracy"], found.validation.accuracy)


def test_training_learns_and_shuffled_labels_do_not():
    recipe = Recipe(epochs=30, learning_rate=0.003)
    assert (train(range(3), recipe).test.accuracy > 0.9).all()
    shuffled = train(range(3), Recipe(epochs=30, learning_rate=0.003, labels="shuffled"))
    assert (shuffled.test.accuracy < 0.8).all()


def test_a_linear_network_is_an_affine_map():
    found = train(range(2), Recipe(epochs=5, activation="linear"))
    W, b = (
        [found.parameters[f"{name}{layer}"].astype(float) for layer in range(1, 5)] for name in "Wb"
    )
    data = make_data()
    for s in range(2):
        slope = W[0][s] @ W[1][s] @ W[2][s] @ W[3][s]
        offset = ((b[0][s] @ W[1][s] + b[1][s]) @ W[2][s] + b[2][s]) @ W[3][s] + b[3][s]
        loss, accuracy = measure((data.X_test @ slope + offset)[:, 0], data.y_test)
        assert found.test.loss[s] == pytest.approx(loss, rel=1e-5)
        assert found.test.accuracy[s] == accuracy


def test_a_loss_that_is_not_finite_is_counted_and_kept():
    lines = []
    data = make_data()
    data = data._replace(X_train=np.sign(data.X_train) * np.float32(3e38))
    recipe = Recipe(epochs=2, validation="none")
    found = train_ensemble(
        data,
        STREAMS,
        [4, 6],
        ARCHITECTURE,
        recipe,
        say=lambda line, always=False: lines.append(line),
    )
    assert not np.isfinite(found.history[0][0].loss).any()
    assert any(line.startswith("network 6: loss not finite from epoch 1") for line in lines)
    assert any(line.startswith("2 of 2 networks") for line in lines)
    table = networks_table(found)
    assert table["network"].to_list() == [4, 6]
    assert not table["train_loss"].is_nan().any()
    assert history_table(found).height == 4


def test_progress_names_epoch_loss_accuracy_and_time_left():
    lines = []
    found = train(range(2), say=lambda line, always=False: lines.append(line))
    loss, accuracy = (values.mean() for values in found.history[-1][0])
    assert lines[-1] == f"epoch 3/3: loss {loss:.4f}, accuracy {accuracy:.4f}, 0 s left"
