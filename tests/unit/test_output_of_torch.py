"""The output as a layer, of networks that are not of dense layers alone."""

import numpy as np
import pytest
import torch

from ricci_flow.measurement.settings import Setting
from ricci_flow.measurement.sources import NOT_DENSE, Activations, Origin
from ricci_flow.storage import write_json, write_tensors

OUTPUT = Setting(layers=("hidden", "output"))


def source(folder, outputs=1, **changes):
    """Three networks of a dense layer and a residual block, as torch makes them."""
    torch.manual_seed(3)
    weights, hidden, expected = {}, [[], []], []
    X = np.random.default_rng(1).normal(size=(30, 2)).astype(np.float32)
    for _ in range(3):
        first, inner = torch.nn.Linear(2, 5), torch.nn.Linear(5, 5)
        output = torch.nn.Linear(5, outputs)
        with torch.no_grad():
            one = torch.relu(first(torch.tensor(X)))
            two = one + torch.relu(inner(one))
            logits = output(two)
            made = torch.sigmoid(logits) if outputs == 1 else torch.softmax(logits, dim=1)
        expected.append(made.numpy())
        hidden[0].append(one.numpy())
        hidden[1].append(two.numpy())
        for name, layer in (("layer_1", first), ("layer_2.0", inner), ("output", output)):
            for what in ("weight", "bias"):
                tensor = getattr(layer, what).detach().numpy()
                weights.setdefault(f"{name}.linear.{what}", []).append(tensor)
    stacked = {name: np.array(value) for name, value in weights.items()} | changes
    labels = (np.arange(30) % 2).astype(np.uint8)
    write_tensors(folder / "data", dict(X_train=X, X_test=X, y_train=labels, y_test=labels))
    write_json(folder / "facts.json", {"scale": "none", "unit": 1.0})
    write_tensors(folder / "layers", {f"layer_{i}": np.array(h) for i, h in enumerate(hidden, 1)})
    write_tensors(folder / "weights", stacked, {"activation": "relu"})
    files = (folder / "data", folder / "facts.json")
    found = Activations(
        folder / "layers", range(3), labels, lambda *_: None, *files, weights=folder / "weights"
    )
    return found, expected


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_output_is_that_of_torch(tmp_path, outputs):
    found, expected = source(tmp_path, outputs)
    assert found.unavailable(OUTPUT) is None
    for network in range(3):
        made = found.points(network, Origin(), 3)
        assert made == pytest.approx(expected[network], abs=1e-6)


def test_what_changes_the_network_still_needs_dense_layers(tmp_path):
    found, _ = source(tmp_path)
    assert found.unavailable(Setting(weights="rescaled")) == NOT_DENSE
    assert found.unavailable(Setting(layers=("hidden", "output"), weights="rescaled")) == NOT_DENSE


@pytest.mark.parametrize(
    "changes",
    [
        {"layer_3.linear.weight": np.zeros((3, 5, 5), np.float32)},  # a layer not recorded
        {"output.linear.weight": np.zeros((3, 1, 4), np.float32)},
    ],
)
def test_an_output_of_something_else_than_the_last_layer_is_not_taken(tmp_path, changes):
    found, _ = source(tmp_path, **changes)
    assert found.unavailable(OUTPUT) == NOT_DENSE


def test_dense_networks_of_other_activations_have_their_output_too(tmp_path):
    """The general trainer names their matrices W1, W2, ... as it does those of relu."""
    weight, bias = (np.random.default_rng(2).normal(size=(3, *s)) for s in ((5, 1), (1,)))
    first = {"W1": np.zeros((3, 2, 5)), "b1": np.zeros((3, 5))}
    second = {"W2": np.zeros((3, 5, 5)), "b2": np.zeros((3, 5)), "W3": weight, "b3": bias}
    found, _ = source(tmp_path)
    write_tensors(tmp_path / "weights", first | second, {"activation": "tanh"})
    assert found.unavailable(OUTPUT) is None
    assert found.unavailable(Setting(weights="rescaled")) == NOT_DENSE
    for network in range(3):
        last = found.points(network, Origin(), 2)
        expected = 1 / (1 + np.exp(-(last @ weight[network] + bias[network])))
        assert found.points(network, Origin(), 3) == pytest.approx(expected)
