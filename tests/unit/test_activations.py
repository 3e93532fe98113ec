"""The hidden layers against a torch forward pass."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from ricci_flow.errors import InputError
from ricci_flow.networks.forward import forward_layers
from ricci_flow.networks.weights import read_weights
from ricci_flow.storage import TensorFile, write_tensors

WIDTHS = [6, 9, 4]


def make_parameters(networks=3, d=5, seed=0):
    generator = np.random.default_rng(seed)
    sizes = [d, *WIDTHS, 1]
    parameters = {}
    for layer in range(1, len(sizes)):
        fan_in, fan_out = sizes[layer - 1], sizes[layer]
        shape = (networks, fan_in, fan_out)
        parameters[f"W{layer}"] = generator.standard_normal(shape).astype(np.float32)
        parameters[f"b{layer}"] = generator.standard_normal(shape[::2]).astype(np.float32)
    return parameters


def make_points(n=50, d=5):
    return np.random.default_rng(9).standard_normal((n, d)).astype(np.float32)


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_layers_are_those_of_torch(activation):
    parameters, X = make_parameters(), make_points()
    layers = forward_layers(parameters, X, activation)
    assert list(layers) == ["layer_1", "layer_2", "layer_3"]  # not the output layer
    for s in range(3):
        h = torch.from_numpy(X)
        for layer, width in enumerate(WIDTHS, 1):
            linear = torch.nn.Linear(h.shape[1], width)
            linear.weight.data = torch.from_numpy(parameters[f"W{layer}"][s].T.copy())
            linear.bias.data = torch.from_numpy(parameters[f"b{layer}"][s])
            h = linear(h).detach()
            h = torch.relu(h) if activation == "relu" else h
            found = layers[f"layer_{layer}"]
            assert found.dtype == np.float32
            assert found.shape == (3, 50, width)
            np.testing.assert_allclose(found[s], h.numpy(), rtol=1e-5, atol=1e-5)
    assert (layers["layer_1"] < 0).any() == (activation == "linear")


def test_more_than_nine_layers_stay_in_order():
    generator = np.random.default_rng(0)
    parameters = {}
    for layer in range(1, 13):
        parameters[f"W{layer}"] = np.eye(2, dtype=np.float32)[None] * layer
        parameters[f"b{layer}"] = np.zeros((1, 2), np.float32)
    X = generator.random((4, 2)).astype(np.float32)
    layers = forward_layers(dict(sorted(parameters.items())), X, "relu")
    assert len(layers) == 11
    np.testing.assert_allclose(layers["layer_11"][0], X * 39916800, rtol=1e-5)  # 11!


def test_errors_say_what_does_not_fit():
    with pytest.raises(InputError, match="activation is 'tanh'; it must be relu or linear"):
        forward_layers(make_parameters(), make_points(), "tanh")
    with pytest.raises(InputError, match="W1 takes 5 values per point, but there are 7"):
        forward_layers(make_parameters(), make_points(d=7), "relu")


def test_weights_without_an_activation_are_refused(tmp_path):
    write_tensors(tmp_path / "W.safetensors", make_parameters())
    with pytest.raises(InputError, match=r"W\.safetensors: .*activation is ''"):
        read_weights(tmp_path / "W.safetensors", 5)


def test_torch_is_not_imported():
    code = (
        "import sys, ricci_flow.networks.forward, ricci_flow.datasets.scale, train_ensemble;"
        "sys.exit(bool({'torch', 'numba', 'polars'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_written_file_reads_by_network(tmp_path):
    layers = forward_layers(make_parameters(), make_points(), "relu")
    write_tensors(tmp_path / "layers.safetensors", layers)
    with TensorFile(tmp_path / "layers.safetensors") as file:
        np.testing.assert_array_equal(file.rows("layer_2", 1, 2)[0], layers["layer_2"][1])
