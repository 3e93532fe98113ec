"""Optimisers, weight decay, schedules, full batches and stopping, against a plain torch loop."""

import numpy as np
import polars as pl
import pytest
import torch
from torch import nn

from ricci_flow.errors import InputError
from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.draws import Streams, draw_labels, draw_orders, draw_rows
from ricci_flow.networks.ensemble import Data, train_ensemble
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.recording import load_networks
from ricci_flow.networks.tables import history_table, networks_table
from ricci_flow.validation import read

STREAMS = Streams("study", "A", "any")
NETWORKS = [0, 4, 5]
ARCHITECTURE = Architecture.dense(8, 6, activation="tanh")
BY_TRAINER = pytest.mark.parametrize("trainer", ["fused", "torch"])


def make_data():
    """Two overlapping clouds."""
    generator = np.random.default_rng(1)
    y = np.repeat([0, 1], 50).astype(np.uint8)
    train, test = (generator.standard_normal((100, 5)) + 1.5 * y[:, None] for _ in range(2))
    return Data(train.astype(np.float32), y, test.astype(np.float32), y)


def train_plainly(network, recipe, make_optimiser, make_schedule=None, architecture=ARCHITECTURE):
    """Return one network trained as in any tutorial, with its losses and accuracies by epoch."""
    data, here = make_data(), [network]
    rows = draw_rows(STREAMS, here, 100, recipe)
    X = torch.from_numpy(data.X_train)
    y = torch.from_numpy(draw_labels(STREAMS, here, data.y_train, rows, recipe)[0]).float()
    model = architecture.build(data.inputs, 1, STREAMS.generator(network, "init"))
    optimiser = make_optimiser(model.parameters())
    schedule = make_schedule(optimiser) if make_schedule else None
    kept, found = torch.from_numpy(rows.kept[0]), []
    size = len(kept) if recipe.batch_size == "full" else recipe.batch_size
    for (order,) in draw_orders(STREAMS, here, rows.kept, recipe.epochs):
        for batch in torch.from_numpy(order).split(size):
            loss = nn.BCEWithLogitsLoss()(model(X[batch])[:, 0], y[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        if schedule:
            schedule.step()
        with torch.no_grad():
            z = model(X[kept])[:, 0]
        loss = nn.BCEWithLogitsLoss()(z, y[kept]).item()
        found.append((loss, float(((z > 0) == (y[kept] > 0)).double().mean())))
    return model, found


def assert_alike(ensemble, s, model, architecture=ARCHITECTURE):
    network = list(load_networks(architecture, ensemble.parameters, (5,), 1))[s]
    for one, other in zip(network.parameters(), model.parameters(), strict=True):
        np.testing.assert_allclose(one.detach(), other.detach(), rtol=0, atol=1e-4)


OPTIMISERS = {
    "rmsprop": (
        {"name": "rmsprop", "weight_decay": 0.1},
        lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-7, weight_decay=0.1),
    ),
    "adam": (
        {"name": "adam", "weight_decay": 0.1},
        lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1),
    ),
    "adamw": ("adamw", lambda p: torch.optim.AdamW(p, lr=0.01)),
    "adamw, much": (
        {"name": "adamw", "weight_decay": 5.0, "beta_1": 0.8},
        lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=5.0, betas=(0.8, 0.999)),
    ),
    "sgd": (
        {"name": "sgd", "momentum": 0.9, "weight_decay": 0.1},
        lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=0.1),
    ),
}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_optimisers_are_those_of_torch(name):
    optimiser, plain = OPTIMISERS[name]
    recipe = Recipe(epochs=2, batch_size=16, learning_rate=0.01, optimiser=optimiser)
    found = train_ensemble(make_data(), STREAMS, NETWORKS, ARCHITECTURE, recipe, device="cpu")
    for s, network in enumerate(NETWORKS):
        assert_alike(found, s, train_plainly(network, recipe, plain)[0])


SCHEDULES = {
    "cosine": ("cosine", lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 6)),
    "cosine, final": (
        {"name": "cosine", "final": 0.5},
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 6, eta_min=0.005),
    ),
    "step": (
        {"name": "step", "every": 2, "factor": 0.25},
        lambda o: torch.optim.lr_scheduler.StepLR(o, 2, 0.25),
    ),
}


@BY_TRAINER
@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_and_full_batches_are_those_of_torch(name, trainer):
    schedule, plain = SCHEDULES[name]
    relu = Architecture.dense(8, 6)
    for batch_size in ("full", 32):
        recipe = Recipe(
            epochs=6,
            batch_size=batch_size,
            learning_rate=0.01,
            schedule=schedule,
            trainer=trainer,
        )
        found = train_ensemble(make_data(), STREAMS, NETWORKS, relu, recipe, device="cpu")
        for s, network in enumerate(NETWORKS):
            model, _ = train_plainly(
                network,
                recipe,
                lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-7),
                plain,
                relu,
            )
            assert_alike(found, s, model, relu)


@BY_TRAINER
@pytest.mark.parametrize(
    "stop_at", [{"accuracy": 0.9}, {"loss": 0.55}, {"accuracy": 0.95, "loss": 0.4}]
)
def test_every_network_stops_by_itself(stop_at, trainer):
    relu = Architecture.dense(8, 6)
    recipe = Recipe(epochs=12, batch_size=16, learning_rate=0.002, stop_at=stop_at, trainer=trainer)
    data = make_data()
    found = train_ensemble(data, STREAMS, NETWORKS, relu, recipe, device="cpu")
    stopped = []
    for network in NETWORKS:
        _, course = train_plainly(
            network,
            recipe,
            lambda p: torch.optim.RMSprop(p, lr=0.002, alpha=0.9, eps=1e-7),
            architecture=relu,
        )
        enough = [
            accuracy >= stop_at.get("accuracy", 2) or loss <= stop_at.get("loss", 0)
            for loss, accuracy in course
        ]
        stopped.append(enough.index(True) + 1 if any(enough) else 12)
    assert found.epochs.tolist() == stopped
    assert len(set(stopped)) > 1
    for s, (network, epochs) in enumerate(zip(NETWORKS, stopped, strict=True)):
        short = recipe.model_copy(update={"stop_at": None, "epochs": epochs})
        alone = train_ensemble(data, STREAMS, [network], relu, short, device="cpu")
        for name, values in alone.parameters.items():
            # by the fused trainer to the bit, by torch to rounding
            atol = 0 if trainer == "fused" else 1e-4
            np.testing.assert_allclose(found.parameters[name][s], values[0], rtol=0, atol=atol)
    table, history = networks_table(found), history_table(found)
    assert table["epochs"].to_list() == stopped
    rows = history.group_by("network", maintain_order=True).agg(pl.col("epoch"))
    assert rows["epoch"].to_list() == [list(range(1, n + 1)) for n in stopped]
    last = history.group_by("network", maintain_order=True).last()
    assert last["validation_loss"].to_list() == table["validation_loss"].to_list()


WRONG = {
    "batch": (
        {"batch_size": "ful"},
        "key 'batch_size' is 'ful'; it must be a number of points, or",
    ),
    "no points": ({"batch_size": 0}, "key 'batch_size' is 0; it must be at least 1"),
    "stop at nothing": ({"stop_at": {}}, "key 'accuracy' is missing at stop_at; add it"),
    "stop beyond": (
        {"stop_at": {"accuracy": 99}},
        "'stop_at.accuracy' is 99; it must be at most 1",
    ),
    "schedule": (
        {"schedule": "cosin"},
        "'schedule' is 'cosin'; it must be one of cosine, step, or",
    ),
    "step": ({"schedule": "step"}, "key 'every' is missing at schedule; add it"),
    "optimiser": (
        {"optimiser": "adamax"},
        "must be one of rmsprop, adam, adamw, sgd, or a mapping",
    ),
    "decay": ({"optimiser": {"name": "sgd", "weight_decay": -1}}, "'optimiser.weight_decay' is -1"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_recipe_is_one_line(name):
    keys, says = WRONG[name]
    with pytest.raises(InputError) as caught:
        read(Recipe.model_validate, keys, "training")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_fused_trainer_takes_no_weight_decay():
    recipe = Recipe(optimiser={"name": "rmsprop", "weight_decay": 0.1}, trainer="fused")
    with pytest.raises(InputError, match="by rmsprop without weight_decay"):
        train_ensemble(make_data(), STREAMS, [0], Architecture.dense(4), recipe, device="cpu")
