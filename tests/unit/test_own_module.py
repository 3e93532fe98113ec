"""A torch module of the user's, trained in a stack, against the same module alone."""

import numpy as np
import pytest
import torch
from torch import nn

from ricci_flow.errors import InputError
from ricci_flow.networks.architecture import read_architecture
from ricci_flow.networks.draws import Streams, draw_orders, draw_rows
from ricci_flow.networks.ensemble import Data, train_ensemble
from ricci_flow.networks.own_module import check_source, load_function
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.recording import load_networks

STREAMS = Streams("study", "A", "any")
SOURCE = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        channels, rows, columns = inputs
        self.conv = nn.Conv2d(channels, 3, 3, padding=1)
        self.norm = nn.BatchNorm2d(3)
        self.act = nn.ReLU()
        self.gate = nn.Linear(3 * rows * columns, 7)
        self.out = nn.Linear(7, outputs)

    def forward(self, x):
        h = self.act(self.norm(self.conv(x))).flatten(1)
        return self.out(torch.tanh(self.gate(h)) ** 2)


def build(inputs, outputs):
    return Net(inputs, outputs)
"""
RECIPE = Recipe(epochs=2, batch_size=16, learning_rate=0.01, optimiser="sgd")


@pytest.fixture
def written(tmp_path):
    def write(text=SOURCE, measured=("act", "gate")):
        path = tmp_path / "my_model.py"
        path.write_text(text, "utf-8")
        return read_architecture({"module": f"{path}:build", "measured": list(measured)})

    return write


def make_data():
    generator = np.random.default_rng(5)
    y = np.repeat([0, 1, 2], 30).astype(np.uint8)
    X = (generator.standard_normal((90, 36)) + y[:, None]).astype(np.float32)
    return Data(X, y, X + np.float32(0.1), y, 3, (6, 6))


def test_it_is_trained_as_alone_in_a_plain_loop(written):
    data, architecture, networks = make_data(), written(), [0, 3]
    assert (architecture.depth, architecture.width) == (2, "my_model")
    found = train_ensemble(data, STREAMS, networks, architecture, RECIPE, device="cpu")
    assert sorted(found.layers) == ["layer_1", "layer_2"]
    X, y = torch.from_numpy(data.X_train), torch.from_numpy(data.y_train.astype(int))
    test = torch.from_numpy(data.X_test).reshape(-1, 1, 6, 6)
    begun = []
    for s, network in enumerate(networks):
        whole = architecture.build(data.inputs, 3, STREAMS.generator(network, "init"))
        model = whole.network
        begun.append(model.gate.weight.detach().clone())
        optimiser = torch.optim.SGD(model.parameters(), lr=0.01)
        rows = draw_rows(STREAMS, [network], 90, RECIPE)
        for (order,) in draw_orders(STREAMS, [network], rows.kept, 2):
            for batch in torch.from_numpy(order).split(16):
                loss = nn.CrossEntropyLoss()(model(X[batch].reshape(-1, 1, 6, 6)), y[batch])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        model.eval()
        trained = list(load_networks(architecture, found.parameters, data.inputs, 3))[s]
        pairs = zip(trained.network.state_dict().values(), model.state_dict().values(), strict=True)
        for one, other in pairs:
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)
        with torch.no_grad():
            act = torch.relu(model.norm(model.conv(test))).flatten(1)
            logits = model(test)
        np.testing.assert_allclose(found.layers["layer_1"][s], act, rtol=0, atol=1e-5)
        np.testing.assert_allclose(found.layers["layer_2"][s], model.gate(act).detach(), atol=1e-5)
        right = logits.softmax(1)[torch.arange(90), torch.from_numpy(data.y_test.astype(int))]
        assert found.test.loss[s] == pytest.approx(-right.log().mean().item(), rel=1e-4)
        other = logits.clone()
        other[torch.arange(90), torch.from_numpy(data.y_test.astype(int))] = -torch.inf
        own = logits[torch.arange(90), torch.from_numpy(data.y_test.astype(int))]
        assert found.margin[s] == pytest.approx((own - other.max(1)[0]).mean().item(), rel=1e-4)
    assert not torch.equal(*begun)
    alone = train_ensemble(data, STREAMS, [3], architecture, RECIPE, device="cpu")
    for name, values in alone.parameters.items():
        np.testing.assert_allclose(values[0], found.parameters[name][1], rtol=0, atol=1e-5)


WRONG = {
    "raises": ("def build(inputs, outputs):\n    return 1 / 0\n", "ZeroDivisionError: division"),
    "no module": ("def build(inputs, outputs):\n    return 3\n", "a int, not a torch module"),
    "import": ("import nothing_of_this_name\ndef build(i, o): pass\n", "No module named"),
    "name": (SOURCE.replace("self.act", "self.acts"), "no submodule 'act' to measure; did"),
    "logits": (SOURCE.replace("nn.Linear(7, outputs)", "nn.Linear(7, 5)"), "2 points, not (2, 3)"),
    "shape": (SOURCE.replace("nn.Linear(7, ", "nn.Linear(8, "), "mat1 and mat2"),
    "dropout": (SOURCE.replace("nn.ReLU()", "nn.Dropout()"), "draws random numbers in training"),
    "tuple": (
        SOURCE.replace("self.gate = nn.Linear(3 * rows * columns, 7)",
                       "self.gate = nn.GRU(3 * rows * columns, 7)")
        .replace("self.gate(h)", "self.gate(h)[0]"),
        "submodule 'network.gate' has an output of type tuple",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_fails_is_said_in_one_line_before_training(written, name):
    text, says = WRONG[name]
    with pytest.raises(InputError) as caught:
        train_ensemble(make_data(), STREAMS, [0, 1], written(text), RECIPE, device="cpu")
    assert says in str(caught.value)
    assert "my_model.py:build: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_study_sees_a_wrong_file_without_running_it(tmp_path):
    path = tmp_path / "my_model.py"
    with pytest.raises(InputError, match=r"my_model.py: cannot be read .*correct the path"):
        check_source(f"{path}:build")
    path.write_text("raise SystemExit\ndef built(inputs, outputs): ...\n")
    check_source(f"{path}:built")
    with pytest.raises(InputError, match="defines no function 'build'; did you mean 'built'"):
        check_source(f"{path}:build")
    path.write_text("def build(:\n")
    with pytest.raises(InputError, match="SyntaxError"):
        check_source(f"{path}:build")
    with pytest.raises(InputError, match="SyntaxError"):
        load_function(f"{path}:build")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"module": "a.py", "measured": ["x"]}, "must be a file and a function in it, as my_mod"),
        ({"module": "a.py:build"}, "key 'measured' is missing"),
        ({"module": "a.py:b", "measured": ["x"], "widths": [3] * 3}, "give widths or module"),
        ({"module": "a.py:b", "measured": ["x"], "activation": "tanh"}, "is not for a module"),
        ({"widths": [3] * 3, "measured": ["x"]}, "is for a module only"),
    ],
)
def test_a_wrong_entry_is_one_line(entry, says):
    with pytest.raises(InputError, match=says):
        read_architecture(entry)
