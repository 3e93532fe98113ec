"""Local representation alignment: its limits against autograd, its steps against plain loops."""

import numpy as np
import pytest
import torch

from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.draws import Streams
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import Task, make_trainer

STREAMS = Streams("study", "rolls", "short")
WIDTHS = (7, 5, 6)


def trainer(activation="tanh", outputs=1, networks=(0, 1, 2), points=9, keys=None, **options):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((points, 4)).astype(np.float32)
    labels = np.tile(rng.integers(0, max(2, outputs), points).astype(np.uint8), (len(networks), 1))
    recipe = Recipe(
        trainer="lra",
        trainer_options=options,
        **({"optimiser": "sgd", "learning_rate": 0.1, "batch_size": "full"} | (keys or {})),
    )
    architecture = Architecture.dense(*WIDTHS, activation=activation)
    return make_trainer(Task(architecture, recipe, (4,), outputs, STREAMS, networks, X, labels))


def rows(made):
    return np.tile(np.arange(len(made.task.X)), (len(made.task.networks), 1))


def forward(made):
    """Return what enters each activation, and its gradient of the summed loss by autograd.

    In double precision: an error is a difference of two values that nearly agree.
    """
    before, z = [], made.X.double().expand(len(made.task.networks), -1, -1)
    for place, (weight, bias) in enumerate(made._layers):
        h = z @ weight.detach().double().transpose(1, 2) + bias.detach().double()[:, None]
        if not place:
            h.requires_grad_()
        h.retain_grad()
        before.append(h)
        z = made._phi(h)
    logits = before[-1]
    if logits.shape[2] == 1:
        targets = made.labels.double()[..., None]
        torch.nn.functional.binary_cross_entropy_with_logits(
            logits, targets, reduction="sum"
        ).backward()
    else:
        torch.nn.functional.cross_entropy(
            logits.transpose(1, 2), made.labels, reduction="sum"
        ).backward()
    return [h.detach() for h in before], [h.grad for h in before]


def by_transposes(made):
    made.feedback = [weight.detach().double() for weight, _ in made._layers[1:]]
    return made


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "gelu"])
def test_with_small_steps_it_is_back_propagation_times_powers_of_beta(activation, outputs):
    beta = 0.01
    made = by_transposes(trainer(activation, outputs, beta=beta))
    before, deltas = forward(made)
    errors = made.errors(before, made.labels)
    for place, (error, delta) in enumerate(zip(errors, deltas, strict=True)):
        expected = beta ** (len(WIDTHS) - place) * delta
        assert torch.linalg.norm(error - expected) < 0.02 * torch.linalg.norm(expected)


@pytest.mark.parametrize("beta", [0.1, 3.0])
def test_without_activation_it_is_so_for_every_step(beta):
    made = by_transposes(trainer("linear", beta=beta))
    before, deltas = forward(made)
    for place, (error, delta) in enumerate(
        zip(made.errors(before, made.labels), deltas, strict=True)
    ):
        expected = beta ** (len(WIDTHS) - place) * delta
        assert torch.allclose(error, expected, rtol=1e-6, atol=1e-12)


def test_told_by_the_last_layer_alone_it_is_direct_feedback_alignment():
    made = trainer("linear", outputs=3, beta=0.4, error_every=1)
    before, _ = forward(made)
    made.feedback = [E.double() for E in made.feedback]
    *hidden, last = made.errors(before, made.labels)
    for error, E in zip(hidden, made.feedback, strict=True):
        assert torch.allclose(error, 0.4 * last @ E, atol=1e-12)
    # Of three layers the second is told by the last one, the others by the next.
    assert trainer(error_every=2)._source == [1, 3, 3]


def test_a_step_is_that_of_plain_loops():
    beta, gamma, rate = 0.3, 0.2, 0.1
    made = trainer(beta=beta, gamma=gamma, networks=(4,))
    start = made.parameters()
    E = [feedback[0].numpy().copy() for feedback in made.feedback]
    W = [start[f"W{place}"][0].astype(float) for place in range(1, 5)]
    X, y = made.task.X.astype(float), made.task.labels[0]
    moved, moved_E = [np.zeros_like(w) for w in W], [np.zeros_like(e) for e in E]
    for x, label in zip(X, y, strict=True):
        z, h = [x], []
        for w in W:
            h.append(z[-1] @ w)
            z.append(np.tanh(h[-1]))
        e = [None, None, None, 1 / (1 + np.exp(-h[3])) - label]
        for place in (2, 1, 0):
            d = e[place + 1] @ E[place]
            e[place] = z[place + 1] - np.tanh(h[place] - beta * d)
            moved_E[place] += rate * gamma * np.outer(e[place + 1], d) / len(X)
        for place in range(4):
            moved[place] -= rate * np.outer(z[place], e[place]) / len(X)
    made.run_batches(rows(made), 0)
    after = made.parameters()
    for place in range(4):
        assert np.allclose(after[f"W{place + 1}"][0], W[place] + moved[place], atol=1e-6)
    for feedback, before, change in zip(made.feedback, E, moved_E, strict=True):
        assert np.allclose(feedback[0].numpy(), before + change, atol=1e-6)
    assert set(after) == {f"{kind}{place}" for kind in "Wb" for place in range(1, 5)}


def test_a_network_does_not_depend_on_those_beside_it():
    keys = {"optimiser": "adam", "learning_rate": 0.01, "batch_size": 4}
    alone = trainer(networks=(5,), keys=keys)
    beside = trainer(networks=(2, 5, 3), keys=keys)
    for made in (alone, beside):
        for epoch in range(3):
            made.run_batches(rows(made), epoch)
    for name, own in alone.parameters().items():
        assert np.allclose(own[0], beside.parameters()[name][1], atol=1e-5)
    different = trainer(networks=(2,), keys=keys).feedback[0]
    assert not torch.allclose(different[0], trainer(networks=(3,), keys=keys).feedback[0][0])


def test_it_starts_where_back_propagation_does():
    made = trainer()
    plain = make_trainer(
        Task(
            made.task.architecture,
            Recipe(trainer="torch"),
            *((4,), 1, STREAMS, made.task.networks, made.task.X, made.task.labels),
        )
    )
    for name, values in plain.parameters().items():
        assert (made.parameters()[name] == values).all()
