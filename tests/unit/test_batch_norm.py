"""Batch normalisation in the stacked networks, against torch's on each network alone."""

import numpy as np
import pytest
import torch
from torch import nn

from ricci_flow.errors import InputError
from ricci_flow.networks.architecture import read_architecture
from ricci_flow.networks.draws import Streams, draw_orders, draw_rows
from ricci_flow.networks.ensemble import Data, train_ensemble
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.recording import load_networks

STREAMS = Streams("study", "A", "any")
NORM = {"kind": "batch_norm", "activated": True, "measured": True, "momentum": 0.3}
BARE = {"activated": False, "measured": False}
DENSE = {"layers": [{"kind": "dense", "width": 6, **BARE}, NORM, {"kind": "dense", "width": 5}]}
CNN = {
    "layers": [
        {"kind": "conv2d", "channels": 3, **BARE},
        NORM,
        {"kind": "max_pool"},
        {"kind": "dense", "width": 5},
        {"kind": "batch_norm"},
    ]
}


def make_data(entry):
    generator = np.random.default_rng(5)
    y = np.repeat([0, 1], 45).astype(np.uint8)
    X = (generator.standard_normal((90, 36)) + y[:, None]).astype(np.float32)
    return Data(X, y, X + np.float32(0.1), y, 2, (6, 6) if entry is CNN else None)


def plain(entry):
    """The network as torch's own modules, with the initial weights left to be set."""
    if entry is DENSE:
        return nn.Sequential(
            nn.Linear(36, 6), nn.BatchNorm1d(6, momentum=0.3), nn.ReLU(),
            nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 1),
        )  # fmt: skip
    return nn.Sequential(
        nn.Unflatten(1, (1, 6, 6)), nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3, momentum=0.3),
        nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(27, 5), nn.ReLU(), nn.BatchNorm1d(5),
        nn.Linear(5, 1),
    )  # fmt: skip


@pytest.mark.parametrize("entry", [DENSE, CNN])
def test_training_and_layers_are_those_of_a_plain_loop(entry):
    data, architecture, networks = make_data(entry), read_architecture(entry), [0, 3]
    assert (architecture.depth, architecture.width) == (2, "6/5" if entry is DENSE else "3c/5")
    assert architecture.widths is None
    recipe = Recipe(epochs=2, batch_size=16, learning_rate=0.01, optimiser="sgd")
    found = train_ensemble(data, STREAMS, networks, architecture, recipe, device="cpu")
    X, y = torch.from_numpy(data.X_train), torch.from_numpy(data.y_train).float()
    for s, network in enumerate(networks):
        generator = STREAMS.generator(network, "init")
        begin = architecture.build(data.inputs, 1, generator).state_dict()
        model = plain(entry)
        model.load_state_dict(dict(zip(model.state_dict(), begin.values(), strict=True)))
        optimiser = torch.optim.SGD(model.parameters(), lr=0.01)
        rows = draw_rows(STREAMS, [network], 90, recipe)
        for (order,) in draw_orders(STREAMS, [network], rows.kept, 2):
            for batch in torch.from_numpy(order).split(16):
                loss = nn.BCEWithLogitsLoss()(model(X[batch])[:, 0], y[batch])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        model.eval()
        trained = list(load_networks(architecture, found.parameters, data.inputs, 1))[
            s
        ].state_dict()
        for one, other in zip(trained.values(), model.state_dict().values(), strict=True):
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)
        with torch.no_grad():
            test = torch.from_numpy(data.X_test)
            hidden = model[: 3 if entry is DENSE else 4](test).reshape(90, -1)
            np.testing.assert_allclose(found.layers["layer_1"][s], hidden, rtol=0, atol=1e-5)
            loss = nn.BCEWithLogitsLoss()(model(test)[:, 0], y).item()
        assert found.test.loss[s] == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize("entry", [DENSE, CNN])
def test_running_statistics_are_of_each_network_alone(entry):
    data, architecture = make_data(entry), read_architecture(entry)
    recipe = Recipe(epochs=1, batch_size=16, optimiser="sgd")
    together = train_ensemble(data, STREAMS, [0, 1, 2], architecture, recipe, device="cpu")
    alone = train_ensemble(data, STREAMS, [1], architecture, recipe, device="cpu")
    for name, values in alone.parameters.items():
        np.testing.assert_allclose(values[0], together.parameters[name][1], rtol=0, atol=1e-5)


def test_statistics_of_a_network_that_has_stopped_stay():
    data, architecture = make_data(DENSE), read_architecture(DENSE)
    recipe = Recipe(
        epochs=12, batch_size=16, learning_rate=0.05, optimiser="sgd", stop_at={"loss": 0.35}
    )
    found = train_ensemble(data, STREAMS, range(4), architecture, recipe, device="cpu")
    assert len(set(found.epochs.tolist())) > 1
    batches = found.parameters[
                               "layer_1.norm.num_batches_tracked"]  # fmt: skip
    assert (batches == 5 * found.epochs).all()  # 72 points in batches of 16


def test_a_batch_of_one_point_is_refused_before_training():
    recipe = Recipe(epochs=1, batch_size=71)  # of 72
    with pytest.raises(InputError, match="last batch of 72 points would have 1, and the layers"):
        train_ensemble(make_data(DENSE), STREAMS, [0], read_architecture(DENSE), recipe)
