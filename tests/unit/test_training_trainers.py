"""Both trainers against a plain sequential torch loop, NumPy by hand and each other."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.draws import Streams, draw_weights
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import Task
from ricci_flow.networks.trainers.fused import trainer as fused
from ricci_flow.networks.trainers.fused.trainer import FusedTrainer
from ricci_flow.networks.trainers.torch_trainer import TorchTrainer

torch.set_num_threads(1)
TRAINERS = pytest.mark.parametrize("kind", [FusedTrainer, TorchTrainer])
STREAMS = Streams("study", "A", "narrow_5")


def make_data(n=150, d=40, networks=2, seed=3):
    """Points with a margin: columns 8 to 23 are zero, as are 32 to 39 on most rows."""
    generator = np.random.default_rng(seed)
    X = generator.standard_normal((n, d)).astype(np.float32)
    X[:, 8:24] = 0
    X[generator.random(n) < 0.98, 32:] = 0
    labels = (generator.random((networks, n)) < 0.5).astype(np.uint8)
    orders = np.stack([generator.permutation(n) for _ in range(networks)])
    return X, labels, orders


def make_task(weights, X, labels, recipe=None):
    """The task whose networks have these initial weights: the streams draw them again."""
    recipe = recipe or Recipe()
    widths = [w.shape[2] for w in weights[:-1]]
    architecture = Architecture.dense(*widths, activation=recipe.activation or "relu")
    networks = range(len(labels))
    return Task(architecture, recipe, X.shape[1:], 1, STREAMS, networks, X, labels)


def train_sequentially(weights, X, y, order, recipe):
    """Return weights, biases, mean loss and accuracy of one network, trained as in any tutorial."""
    modules = []
    for w in weights:
        linear = torch.nn.Linear(*w.shape)
        linear.weight.data = torch.from_numpy(w.T.copy())
        linear.bias.data.zero_()
        modules += [linear, torch.nn.ReLU() if recipe.activation == "relu" else torch.nn.Identity()]
    model = torch.nn.Sequential(*modules[:-1])
    optimiser = torch.optim.RMSprop(
        model.parameters(), lr=recipe.learning_rate, alpha=0.9, eps=1e-7
    )
    measure = torch.nn.BCEWithLogitsLoss()
    points, labels = torch.from_numpy(X), torch.from_numpy(y).float()
    loss_sum, hits = 0.0, 0
    for rows in torch.from_numpy(order).split(recipe.batch_size):
        logits = model(points[rows])[:, 0]
        loss = measure(logits, labels[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        loss_sum += loss.item() * len(rows)
        hits += int(((logits > 0) == (labels[rows] > 0)).sum())
    linears = modules[::2]
    return (
        [m.weight.detach().numpy().T for m in linears],
        [m.bias.detach().numpy() for m in linears],
        loss_sum / len(order),
        hits / len(order),
    )


@TRAINERS
@pytest.mark.parametrize("activation", ["relu", "linear"])
@pytest.mark.parametrize(
    ("widths", "batch_size"), [([25, 25, 25], 32), ([50, 7, 50], 32), ([16], 5), ([20, 20], 500)]
)
def test_an_epoch_is_that_of_a_sequential_loop(kind, activation, widths, batch_size):
    # 150 rows: the last batch of 32 has 22 rows; of 5, 5; and 500 is more than there are
    X, labels, orders = make_data()
    recipe = Recipe(batch_size=batch_size, activation=activation)
    weights = draw_weights(STREAMS, [0, 1], [X.shape[1], *widths, 1])
    trainer = kind(make_task(weights, X, labels, recipe))
    measures = trainer.run_batches(orders, 0)
    found = trainer.parameters()
    for s in range(2):
        W, b, loss, accuracy = train_sequentially(
            [w[s] for w in weights], X, labels[s], orders[s], recipe
        )
        assert abs(found["W1"][s] - weights[0][s]).max() > 1e-3  # it did train
        for layer in range(1, len(W) + 1):
            np.testing.assert_allclose(found[f"W{layer}"][s], W[layer - 1], rtol=0, atol=1e-5)
            np.testing.assert_allclose(found[f"b{layer}"][s], b[layer - 1], rtol=0, atol=1e-5)
        assert measures.loss[s] == pytest.approx(loss, abs=1e-6)
        assert measures.accuracy[s] == accuracy


@TRAINERS
def test_rmsprop_is_that_of_keras(kind):
    """A linear network in float64 with gradients and Keras' update written out."""
    X, labels, orders = make_data(n=60, d=5, networks=1)
    recipe = Recipe(batch_size=20, learning_rate=0.01, activation="linear")
    weights = draw_weights(STREAMS, [0], [5, 4, 1])
    trainer = kind(make_task(weights, X, labels, recipe))
    trainer.run_batches(orders, 0)
    values = [weights[0][0], np.zeros(4), weights[1][0], np.zeros(1)]
    values = [v.astype(np.float64) for v in values]
    squares = [np.zeros_like(v) for v in values]
    for rows in orders[0].reshape(3, 20):
        W1, b1, W2, b2 = values
        x, y = X[rows].astype(np.float64), labels[0][rows]
        h = x @ W1 + b1
        delta = (1 / (1 + np.exp(-(h @ W2 + b2)[:, 0])) - y)[:, None] / 20
        back = delta @ W2.T
        gradients = [x.T @ back, back.sum(0), h.T @ delta, delta.sum(0)]
        squares = [0.9 * s + 0.1 * g**2 for s, g in zip(squares, gradients, strict=True)]
        values = [
            v - 0.01 * g / (np.sqrt(s) + 1e-7)
            for v, s, g in zip(values, squares, gradients, strict=True)
        ]
    found = trainer.parameters()
    for name, expected in zip(("W1", "b1", "W2", "b2"), values, strict=True):
        np.testing.assert_allclose(found[name][0], expected, rtol=0, atol=1e-5)


@settings(derandomize=True, max_examples=25, deadline=None)
@given(
    n=st.integers(1, 70),
    d=st.integers(1, 40),
    widths=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    batch_size=st.integers(1, 40),
    seed=st.integers(0, 99),
)
def test_the_trainers_agree_whatever_the_shape(n, d, widths, batch_size, seed):
    X, labels, orders = make_data(n, d, seed=seed)
    recipe = Recipe(batch_size=batch_size)
    weights = draw_weights(STREAMS, [0, 1], [d, *widths, 1])
    one, other = (kind(make_task(weights, X, labels, recipe)) for kind in
                  (FusedTrainer, TorchTrainer))  # fmt: skip
    few = orders[:, : 4 * batch_size]
    np.testing.assert_allclose(
        one.run_batches(few, 0).loss, other.run_batches(few, 0).loss, atol=1e-4
    )
    expected = other.parameters()
    for name, found in one.parameters().items():
        # a step moves a weight by up to 3e-3, whatever its gradient, so rounding may show
        np.testing.assert_allclose(found, expected[name], rtol=0, atol=1e-4)


def test_weights_of_inputs_that_are_always_zero_stay():
    X, labels, orders = make_data()
    weights = draw_weights(STREAMS, [0, 1], [40, 10, 1])
    trainer = FusedTrainer(make_task(weights, X, labels))
    trainer.run_batches(orders, 0)
    moved = trainer.parameters()["W1"] != weights[0]
    assert not moved[:, 8:24].any()
    assert moved[:, :8].any(2).all()


@TRAINERS
def test_evaluation_against_numpy(kind):
    X, labels, _ = make_data(n=77)
    weights = draw_weights(STREAMS, [0, 1], [40, 9, 8, 1])
    trainer = kind(make_task(weights, X, labels))
    other, truth, _ = make_data(n=300, seed=8)
    rows = np.random.default_rng(0).integers(0, 300, (2, 111))
    before = trainer.parameters()
    measures = trainer.evaluate(other, truth, rows)
    for s in range(2):
        h, y = other[rows[s]].astype(np.float64), truth[s][rows[s]]
        for w in weights[:-1]:
            h = np.maximum(h @ w[s], 0)
        p = 1 / (1 + np.exp(-(h @ weights[-1][s])[:, 0]))
        assert measures.loss[s] == pytest.approx(-np.log(np.where(y, p, 1 - p)).mean(), rel=1e-6)
        assert measures.accuracy[s] == ((p > 0.5) == y).mean()
    for name, after in trainer.parameters().items():
        np.testing.assert_array_equal(after, before[name])


def test_denormals_are_flushed_in_the_trainer_only(monkeypatch):
    X, labels, orders = make_data()
    trainer = FusedTrainer(make_task(draw_weights(STREAMS, [0, 1], [40, 9, 1]), X, labels))
    smallest = np.finfo(np.float32).smallest_normal
    # columns 8 to 23 are zero, so these only decay: one step by 0.9 makes them denormal
    squares = trainer._squares[:, 8 * 16 : 24 * 16]
    squares[:] = smallest * np.float32(1.05)
    trainer.run_batches(orders[:, :32], 0)
    assert not squares.any()
    seen = []
    plain = fused.kernels.run_rows

    def record(*arguments):
        seen.append(smallest * np.float32(0.5))
        return plain(*arguments)

    monkeypatch.setattr(fused.kernels, "run_rows", record)
    torch.set_flush_denormal(False)
    trainer.run_batches(orders, 0)
    assert seen == [0, 0]
    assert smallest * np.float32(0.5) > 0


def test_the_torch_trainer_flushes_denormals():
    X, labels, _ = make_data()
    torch.set_flush_denormal(False)
    try:
        TorchTrainer(make_task(draw_weights(STREAMS, [0, 1], [40, 9, 1]), X, labels))
        assert torch.tensor([1e-38]).mul(0.1).item() == 0
    finally:
        torch.set_flush_denormal(False)
