"""Kinds of layers, the general trainer on them, and recording, against plain torch."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from ricci_flow.errors import InputError
from ricci_flow.networks.architecture import Architecture, read_architecture
from ricci_flow.networks.draws import Streams, draw_labels, draw_orders, draw_rows, draw_weights
from ricci_flow.networks.ensemble import Data, train_ensemble
from ricci_flow.networks.forward import forward_layers, hidden_layers, logits
from ricci_flow.networks.layers import kinds
from ricci_flow.networks.margins import mean_margin
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.recording import load_networks, record
from ricci_flow.networks.trainers import Task, make_trainer, modules_of
from ricci_flow.yaml_file import load_yaml

STREAMS = Streams("study", "A", "any")
CNN = {
    "layers": [
        {"kind": "conv2d", "channels": 4},
        {"kind": "max_pool"},
        {"kind": "conv2d", "channels": 3, "kernel": 1},
        {"kind": "dense", "width": 7},
    ]
}
RESIDUAL = {
    "layers": [
        {"kind": "dense", "width": 6},
        {"kind": "residual", "layers": [{"kind": "dense", "width": 6}]},
        {
            "kind": "residual",
            "layers": [{"kind": "dense", "width": 3}, {"kind": "dense", "width": 6}],
        },
    ],
    "activation": "tanh",
}


def make_data(classes=3, n=90, shape=(6, 6)):
    """Images whose class is where they are bright, with noise."""
    generator = np.random.default_rng(5)
    y = np.sort(np.arange(n) % classes).astype(np.uint8)
    parts = []
    for _ in range(2):
        X = generator.standard_normal((n, *shape)).astype(np.float32)
        for label in range(classes):
            X[y == label, label : label + 2] += 1.5
        parts.append(X.reshape(n, -1))
    return Data(parts[0], y, parts[1], y, classes, shape)


def by_hand(entry, parameters, s, X, classes):
    """The layers and logits of network s, written out with torch's functions."""
    own = {name: torch.from_numpy(stack[s]) for name, stack in parameters.items()}
    found = []
    if entry is CNN:
        h = torch.from_numpy(X).reshape(-1, 1, 6, 6)
        h = torch.relu(
            nn.functional.conv2d(h, own["layer_1.conv.weight"], own["layer_1.conv.bias"], padding=1)
        )
        found.append(h)
        h = nn.functional.max_pool2d(h, 2)
        weight, bias = own["layer_2.conv.weight"], own["layer_2.conv.bias"]
        h = torch.relu(torch.einsum("ncij,oc->noij", h, weight[..., 0, 0]) + bias[:, None, None])
        found.append(h)
        weight, bias = own["layer_3.linear.weight"], own["layer_3.linear.bias"]
        h = torch.relu(h.reshape(len(X), -1) @ weight.T + bias)
        found.append(h)
    else:

        def dense(name, x):
            return torch.tanh(x @ own[f"{name}.linear.weight"].T + own[f"{name}.linear.bias"])

        h = dense("layer_1", torch.from_numpy(X))
        found.append(h)
        h = h + dense("layer_2.0", h)
        found.append(h)
        h = h + dense("layer_3.1", dense("layer_3.0", h))
        found.append(h)
    last = h @ own["output.linear.weight"].T + own["output.linear.bias"]
    assert last.shape[1] == classes
    return [layer.reshape(len(X), -1).numpy() for layer in found], last.numpy()


def flat(data):
    return data._replace(image_shape=None)


@pytest.mark.parametrize("entry", [CNN, RESIDUAL])
def test_layers_margins_and_measures_are_those_written_out(entry):
    data = make_data() if entry is CNN else flat(make_data())
    architecture = read_architecture(entry)
    recipe = Recipe(epochs=2, batch_size=16, learning_rate=0.01)
    found = train_ensemble(data, STREAMS, [0, 3], architecture, recipe, device="cpu")
    assert architecture.depth == 3
    assert architecture.width == ("4c/3c/7" if entry is CNN else "6/6r")
    for s in range(2):
        hidden, last = by_hand(entry, found.parameters, s, data.X_test, 3)
        for layer, values in enumerate(hidden, 1):
            assert found.layers[f"layer_{layer}"].dtype == np.float32
            np.testing.assert_allclose(found.layers[f"layer_{layer}"][s], values, atol=1e-5)
        shares = np.exp(last - last.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        right = np.arange(len(last)), data.y_test
        assert found.test.loss[s] == pytest.approx(-np.log(shares[right]).mean(), rel=1e-4)
        assert found.test.accuracy[s] == (last.argmax(1) == data.y_test).mean()
        margins = [
            row[label] - max(v for j, v in enumerate(row) if j != label)
            for row, label in zip(last, data.y_test, strict=True)
        ]
        assert found.margin[s] == pytest.approx(np.mean(margins), rel=1e-4)
        square = sum(
            (stack[s].astype(float) ** 2).sum()
            for name, stack in found.parameters.items()
            if name.endswith("weight")
        )
        assert found.weight_norm[s] == pytest.approx(np.sqrt(square), rel=1e-12)


OPTIMISERS = {
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-7),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.5),
}


@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("entry", [CNN, RESIDUAL])
def test_an_ensemble_is_trained_as_each_network_alone_in_a_plain_loop(entry, classes, name):
    data = make_data(classes) if entry is CNN else flat(make_data(classes))
    architecture, networks = read_architecture(entry), [0, 4]
    optimiser = {"name": "sgd", "momentum": 0.5} if name == "sgd" else name
    recipe = Recipe(optimiser=optimiser, learning_rate=0.01, batch_size=16)
    rows = draw_rows(STREAMS, networks, 90, recipe)
    labels = draw_labels(STREAMS, networks, data.y_train, rows, recipe)
    (order,) = draw_orders(STREAMS, networks, rows.kept, 1)
    outputs = 1 if classes == 2 else classes
    task = Task(architecture, recipe, data.inputs, outputs, STREAMS, networks, data.X_train, labels)
    trainer = make_trainer(task)
    measured = trainer.run_batches(order, 0)
    found = list(load_networks(architecture, trainer.parameters(), data.inputs, outputs))
    for s, network in enumerate(networks):
        generator = STREAMS.generator(network, "init")
        model = architecture.build(data.inputs, outputs, generator)
        step = OPTIMISERS[name](model.parameters())
        X, y = torch.from_numpy(data.X_train), torch.from_numpy(data.y_train.astype(int))
        total, hits = 0.0, 0
        for batch in torch.from_numpy(order[s]).split(16):
            values = model(X[batch])
            if outputs == 1:
                loss = nn.BCEWithLogitsLoss()(values[:, 0], y[batch].float())
                hits += int(((values[:, 0] > 0) == y[batch]).sum())
            else:
                loss = nn.CrossEntropyLoss()(values, y[batch])
                hits += int((values.argmax(1) == y[batch]).sum())
            step.zero_grad()
            loss.backward()
            step.step()
            total += loss.item() * len(batch)
        assert measured.loss[s] == pytest.approx(total / order.shape[1], rel=1e-4)
        assert measured.accuracy[s] == hits / order.shape[1]
        for one, other in zip(found[s].parameters(), model.parameters(), strict=True):
            np.testing.assert_allclose(one.detach(), other.detach(), rtol=0, atol=2e-4)


def test_a_network_hardly_depends_on_the_others():
    data, architecture = make_data(), read_architecture(CNN)
    recipe = Recipe(epochs=1, batch_size=16)
    everyone = train_ensemble(data, STREAMS, range(4), architecture, recipe)
    alone = train_ensemble(data, STREAMS, [2], architecture, recipe)
    for name, values in alone.parameters.items():
        np.testing.assert_allclose(values[0], everyone.parameters[name][2], rtol=0, atol=1e-4)


def test_the_general_trainer_begins_where_the_fused_does():
    """Dense networks have the same names and initial weights, whoever draws them."""
    data = make_data(2)
    for recipe in (Recipe(epochs=0, trainer="torch"), Recipe(epochs=0, trainer="fused")):
        found = train_ensemble(data, STREAMS, [1, 2], Architecture.dense(5, 4), recipe)
        expected = draw_weights(STREAMS, [1, 2], [36, 5, 4, 1])
        assert sorted(found.parameters) == ["W1", "W2", "W3", "b1", "b2", "b3"]
        for place, w in enumerate(expected, 1):
            np.testing.assert_array_equal(found.parameters[f"W{place}"], w)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "gelu", "leaky_relu"])
def test_dense_networks_of_other_units_keep_their_names(activation):
    data, architecture = make_data(2), Architecture.dense(5, 4, activation=activation)
    found = train_ensemble(data, STREAMS, [0], architecture, Recipe(epochs=1))
    unit = getattr(nn.functional, activation)
    h = torch.from_numpy(data.X_test)
    for place in (1, 2):
        W, b = (torch.from_numpy(found.parameters[f"{name}{place}"][0]) for name in "Wb")
        h = unit(h @ W + b)
        np.testing.assert_allclose(found.layers[f"layer_{place}"][0], h, rtol=1e-5, atol=1e-5)
    last = h @ torch.from_numpy(found.parameters["W3"][0])[:, 0] + float(
        found.parameters["b3"][0, 0]
    )
    signs = np.where(data.y_test, 1, -1)
    assert found.margin[0] == pytest.approx((signs * last.numpy()).mean(), rel=1e-4)


def test_numpy_and_torch_give_the_same_layers():
    parameters = {
        name: np.random.default_rng(0).standard_normal(shape).astype(np.float32)
        for name, shape in {"W1": (2, 5, 4), "b1": (2, 4), "W2": (2, 4, 3), "b2": (2, 3)}.items()
    }
    X = np.random.default_rng(1).standard_normal((9, 5)).astype(np.float32)
    architecture = Architecture.dense(4)
    found = hidden_layers(architecture, parameters, X, (5,), 3)
    assert found["layer_1"].tobytes() == forward_layers(parameters, X, "relu")["layer_1"].tobytes()
    last = list(logits(architecture, parameters, X, (5,), 3))
    for s, network in enumerate(load_networks(architecture, parameters, (5,), 3)):
        recorded = record(network, X, ["layer_1", "output"])
        np.testing.assert_allclose(found["layer_1"][s], recorded["layer_1"], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(last[s], recorded["output"], rtol=1e-4, atol=1e-5)


def test_two_classes_with_one_logit_or_two_have_the_same_margin():
    one = np.random.default_rng(0).standard_normal((20, 1))
    y = np.arange(20) % 2
    two = np.column_stack([np.zeros(20), one])
    assert mean_margin(one, y) == pytest.approx(mean_margin(two, y), rel=1e-12)


class Odd(nn.Module):
    """Dropout, batch norm and an operation in place after the layer that is recorded."""

    def __init__(self):
        super().__init__()
        self.first, self.norm = nn.Linear(3, 4), nn.BatchNorm1d(4)
        self.drop, self.last = nn.Dropout(0.5), nn.Linear(4, 2)

    def forward(self, x):
        h = self.first(x)
        h.relu_()
        return self.last(self.drop(self.norm(h)))


def test_recording_copies_and_leaves_the_module_as_it_was():
    torch.manual_seed(0)
    module, X = Odd(), np.random.default_rng(0).standard_normal((7, 3)).astype(np.float32)
    module.train()
    module.norm.eval()
    before = {name: values.clone() for name, values in module.state_dict().items()}
    found = record(module, X, ["first", "norm"], batch_size=3)
    plain = X @ module.first.weight.detach().numpy().T + module.first.bias.detach().numpy()
    np.testing.assert_allclose(found["first"], plain, atol=1e-6)
    assert (found["first"] < 0).any()  # as it was before the units were rectified in place
    np.testing.assert_allclose(found["norm"], np.maximum(plain, 0) / np.sqrt(1 + 1e-5), atol=1e-5)
    assert (module.training, module.norm.training, module.drop.training) == (True, False, True)
    assert not any(part._forward_hooks for part in module.modules())
    for name, values in module.state_dict().items():
        torch.testing.assert_close(values, before[name], rtol=0, atol=0)
    with pytest.raises(KeyError, match="no submodule 'second'"):
        record(module, X, ["second"])
    module.drop.forward = lambda x: (_ for _ in ()).throw(RuntimeError("broken"))
    with pytest.raises(RuntimeError, match="broken"):
        record(module, X, ["first"])
    assert module.training
    assert not any(part._forward_hooks for part in module.modules())


WRONG = {
    "no kind": ({"layers": [{"width": 3}]}, "key 'kind' is missing at layers.0; add it"),
    "unknown kind": ({"layers": [{"kind": "dence", "width": 3}]}, "did you mean 'dense'"),
    "unknown setting": ({"layers": [{"kind": "dense", "width": 3, "depth": 2}]}, "depth"),
    "no width": ({"layers": [{"kind": "dense"}]}, "width"),
    "width 0": ({"widths": [3, 0, 3]}, "'widths.1.*0"),
    "both": ({"widths": [3] * 3, "layers": [{"kind": "dense", "width": 3}]}, "not both"),
    "even kernel": (
        {"layers": [{"kind": "conv2d", "channels": 3, "kernel": 4}]},
        "key 'layers.0.kernel' is 4; it must be odd",
    ),
    "inside a block": (
        {"layers": [{"kind": "residual", "layers": [{"kind": "dense", "width": 0}]}]},
        "key 'layers.0.layers.0.width' is 0; it must be at least 1",
    ),
    "nothing": ({}, "key 'widths' is missing"),
    "none": ({"layers": []}, "layers"),
    "activation": ({"widths": [3] * 3, "activation": "softplus"}, "activation.*softplus"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_architecture_is_one_line(name):
    entry, says = WRONG[name]
    with pytest.raises(InputError, match=says) as caught:
        read_architecture(entry, "mine.yaml: odd")
    assert str(caught.value).startswith("mine.yaml: odd: ")
    assert "\n" not in str(caught.value)


def test_what_does_not_fit_is_said():
    data = make_data()
    with pytest.raises(InputError, match="36 features enter, not an image"):
        train_ensemble(flat(data), STREAMS, [0], read_architecture(CNN), Recipe())
    block = {"kind": "residual", "layers": [{"kind": "dense", "width": 5}]}
    odd = read_architecture({"layers": [{"kind": "dense", "width": 4}, block]})
    with pytest.raises(InputError, match="must keep them"):
        train_ensemble(flat(data), STREAMS, [0], odd, Recipe())
    with pytest.raises(InputError, match=r"trainer 'fused' takes dense .* use trainer: auto"):
        train_ensemble(data, STREAMS, [0], read_architecture(CNN), Recipe(trainer="fused"))
    with pytest.raises(InputError, match=r"'trainer' is 'tourch'.* did you mean 'torch'"):
        modules_of("tourch")


def test_an_architecture_knows_its_modules_and_shape():
    assert read_architecture(RESIDUAL).modules() == [
        "ricci_flow.networks.layers.dense",
        "ricci_flow.networks.layers.residual",
    ]
    assert {"dense", "conv2d", "max_pool", "residual"} <= set(kinds())
    for widths, width in (([25] * 5, "25"), ([50, 50, 25, 50, 50], "50/25/50")):
        architecture = read_architecture({"widths": widths})
        assert (architecture.depth, architecture.width) == (5, width)
        assert architecture.widths == tuple(widths)
    assert read_architecture(CNN).widths is None


def test_the_residual_networks_of_the_catalogue_are_those_of_the_paper():
    entry = load_yaml(Path("config/architectures.yaml"))["w25_d6_residual"]
    architecture = read_architecture(entry)
    assert (architecture.depth, architecture.width) == (6, "25/25r")
    network = architecture.build((2,), 1, np.random.default_rng(0), "torch")
    x = torch.randn(7, 2)
    # x -> relu(W x + b), then x -> x + relu(W x + b), as Hehl et al. 2025 have them.
    own = dict(network.named_parameters())
    weights = [(own[f"{n}.weight"], own[f"{n}.bias"]) for n in
               dict.fromkeys(name.rpartition(".")[0] for name in own)]  # fmt: skip
    assert len(weights) == 7
    y = torch.relu(nn.functional.linear(x, *weights[0]))
    for pair in weights[1:-1]:
        y = y + torch.relu(nn.functional.linear(y, *pair))
    torch.testing.assert_close(network(x), nn.functional.linear(y, *weights[-1]))
