"""What `record` takes of any module is what a loop by hand gives, and nothing is changed."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

import ricci_flow
from ricci_flow.errors import InputError
from ricci_flow.networks import recording
from ricci_flow.storage import TensorFile

N = 23


def points(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal((N, *shape)).astype(np.float32)


def seeded(module):
    generator = torch.Generator().manual_seed(0)
    for values in module.parameters():
        values.data = torch.randn(values.shape, generator=generator) / 3
    return module


@torch.no_grad()
def by_hand(function, X):
    """Return what a function returns for each point alone."""
    rows = [[part.numpy().copy() for part in function(torch.from_numpy(X[i : i + 1]))]
            for i in range(len(X))]  # fmt: skip
    return [np.concatenate(parts) for parts in zip(*rows, strict=True)]


def assert_layers(found, names, expected):
    assert list(found) == names
    for array, values in zip(found.values(), expected, strict=True):
        assert array.shape == (N, values[0].size)
        np.testing.assert_allclose(array, values.reshape(N, -1), rtol=1e-5, atol=1e-5)


class Plain(nn.Module):
    """Dropout, batch norm, ReLU in place, one ReLU used twice, a residual sum in place."""

    def __init__(self):
        super().__init__()
        self.first, self.norm = nn.Linear(4, 6), nn.BatchNorm1d(6)
        self.second, self.head = nn.Linear(6, 6), nn.Linear(6, 2)
        self.relu, self.drop = nn.ReLU(inplace=True), nn.Dropout(0.5)
        self.norm.running_mean += 0.3
        self.norm.running_var *= 2

    def forward(self, x):
        h = self.relu(self.norm(self.first(x)))
        g = self.relu(self.second(self.drop(h)))
        g += h
        return self.head(g)


def plain_by_hand(model):
    def layers(x):
        linear = x @ model.first.weight.T + model.first.bias
        normed = (linear - 0.3) / np.sqrt(2 + 1e-5) * model.norm.weight + model.norm.bias
        h = normed.clamp(min=0)
        g = (h @ model.second.weight.T + model.second.bias).clamp(min=0)
        return linear, normed, h, g

    return layers


@pytest.mark.parametrize("batch_size", [1, 5, 256])
def test_activations_are_chosen_each_use_a_layer(batch_size, capsys):
    model, X = seeded(Plain()), points(4)
    found = ricci_flow.record(model, X, batch_size=batch_size)
    _, _, h, g = by_hand(plain_by_hand(model), X)
    assert_layers(found, ["relu:1", "relu:2"], [h, g])
    assert "2 layers, outputs of non-linearities: relu:1, relu:2" in capsys.readouterr().err
    assert "relu:1       6 features  ReLU" in repr(found)


def test_named_submodules_are_copied_before_operations_in_place(capsys):
    model, X = seeded(Plain()), points(4)
    found = ricci_flow.record(model, X, ["norm", "relu:2", "first"])
    linear, normed, _, g = by_hand(plain_by_hand(model), X)
    assert_layers(found, ["first", "norm", "relu:2"], [linear, normed, g])
    assert (found["norm"] < 0).any()
    assert not capsys.readouterr().err


def test_the_model_is_left_as_it_was():
    model, X = seeded(Plain()), points(4)
    model.train()
    model.norm.eval()
    calls = []
    own = model.first.register_forward_hook(lambda *_: calls.append(1))
    before = copy.deepcopy(model.state_dict())
    state = torch.get_rng_state()
    ricci_flow.record(model, X)
    model.drop.forward = lambda x: (_ for _ in ()).throw(RuntimeError("broken"))
    with pytest.raises(RuntimeError, match="broken"):
        ricci_flow.record(model, X)
    assert [part.training for part in (model, model.norm, model.drop)] == [True, False, True]
    assert [len(part._forward_hooks) for part in model.modules()].count(0) == 6
    assert list(model.first._forward_hooks) == [own.id]
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(values, before[name]) for name, values in model.state_dict().items())
    assert all(values.requires_grad and values.grad is None for values in model.parameters())


class Two(nn.Module):
    """Two inputs, one of them by name; a tuple and a mapping as outputs of submodules."""

    def __init__(self):
        super().__init__()
        self.pair, self.named, self.head = Pair(), Named(), nn.Linear(3, 1)

    def forward(self, x, shift=None, option=None):
        h = self.named(*self.pair(x + shift))
        return {"logits": self.head(h["values"])}


class Pair(nn.Module):
    def forward(self, x):
        return torch.zeros(2, 5), x * 2


class Named(nn.Module):
    def forward(self, _, x):
        return {"count": 3, "values": torch.tanh(x)}


@pytest.mark.parametrize("form", [tuple, dict])
def test_several_inputs_and_outputs(form):
    X, shift = points(3), points(3, seed=1)
    given = (X, shift) if form is tuple else {"x": X, "shift": torch.from_numpy(shift), "option": 1}
    found = ricci_flow.record(seeded(Two()), given, ["pair", "named"], batch_size=4)
    doubled = 2 * (X + shift)
    assert_layers(found, ["pair", "named"], [doubled, np.tanh(doubled)])


def test_convolutional_maps_are_flattened_averaged_or_taken_in_patches():
    model = seeded(nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(108, 2)))
    X = points(2, 8, 8)
    (maps,) = by_hand(lambda x: [model[1](model[0](x))], X)
    assert maps.shape == (N, 3, 6, 6)
    for how, values in {
        "flatten": maps,
        "mean": maps.mean(axis=(2, 3)),
        2: maps.reshape(N, 3, 2, 3, 2, 3).mean(axis=(3, 5)),
        9: maps,
    }.items():
        assert_layers(ricci_flow.record(model, X, maps=how), ["1"], [values])


class Blocks(nn.Module):
    """A stack of encoder layers with a classifier, batch first."""

    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder, self.head = nn.TransformerEncoder(layer, 3), nn.Linear(8, 2)

    def forward(self, x):
        return self.head(self.encoder(x)[:, 0])


@pytest.mark.parametrize("tokens", ["mean", "first", "last", "flatten"])
def test_repeated_blocks_of_a_sequence_model_are_its_layers(tokens):
    model, X = seeded(Blocks()), points(5, 8)

    def layers(x):
        for block in model.encoder.layers:
            x = block(x)
            yield x

    model.eval()
    takes = {"mean": lambda h: h.mean(axis=1), "first": lambda h: h[:, 0]}
    takes |= {"last": lambda h: h[:, -1], "flatten": lambda h: h}
    expected = [takes[tokens](h) for h in by_hand(layers, X)]
    names = [f"encoder.layers.{i}" for i in range(3)]
    assert_layers(ricci_flow.record(model, X, tokens=tokens), names, expected)


class Told(nn.Module):
    """Hidden states as models of transformers return them: when they are asked for."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.blocks = nn.ModuleList(nn.Linear(4, 4) for _ in range(2))

    def forward(self, input_ids, attention_mask=None, output_hidden_states=False):
        states = [self.embedding(input_ids)]
        for block in self.blocks:
            states.append(torch.tanh(block(states[-1])))
        return {"logits": states[-1], "hidden_states": tuple(states)} if output_hidden_states else {
            "logits": states[-1]
        }  # fmt: skip


class Asked(Told):
    """The same, asked by a keyword that its signature does not name, as newer ones are."""

    config = SimpleNamespace(output_hidden_states=False)

    def forward(self, input_ids, **options):
        return super().forward(input_ids, **options)


def test_hidden_states_are_asked_for_where_the_configuration_knows_them():
    X = np.arange(N * 6).reshape(N, 6) % 9
    asked, told = seeded(Asked()), seeded(Told())
    assert_layers(ricci_flow.record(asked, X), list(ricci_flow.record(told, X)),
                  list(ricci_flow.record(told, X).values()))  # fmt: skip


@pytest.mark.parametrize("tokens", ["mean", "first", "last"])
@pytest.mark.parametrize("masked", [False, True])
def test_hidden_states_of_whatever_returns_them(tokens, masked):
    model, generator = seeded(Told()), np.random.default_rng(0)
    ids = generator.integers(0, 9, (N, 6))
    lengths = generator.integers(1, 7, N) if masked else np.full(N, 6)
    given = {"input_ids": ids}
    if masked:  # blanks on the left
        given["attention_mask"] = (np.arange(6) >= 6 - lengths[:, None]).astype(np.int64)
    with torch.no_grad():
        states = model(torch.from_numpy(ids), output_hidden_states=True)["hidden_states"]
    expected = []
    for state in states:
        rows = [values[6 - length :] for values, length in zip(state.numpy(), lengths, strict=True)]
        take = {"mean": lambda r: r.mean(axis=0), "first": lambda r: r[0], "last": lambda r: r[-1]}
        expected.append(np.array([take[tokens](row) for row in rows]))
    names = ["hidden_0", "hidden_1", "hidden_2"]
    assert_layers(ricci_flow.record(model, given, tokens=tokens, batch_size=4), names, expected)
    found = ricci_flow.record(model, given, "hidden_states", tokens=tokens)
    assert_layers(found, names, expected)


class Functional(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.head = nn.Linear(4, 5), nn.Linear(5, 3), nn.Linear(3, 2)

    def forward(self, x):
        return self.head(torch.relu(self.two(torch.relu(self.one(x)))))


def test_where_there_is_nothing_else_submodules_with_weights_are_taken(capsys):
    found = ricci_flow.record(seeded(Functional()), points(4).astype(np.float64))
    assert list(found) == ["one", "two"]
    assert "submodules with weights" in capsys.readouterr().err
    lstm = nn.Sequential(nn.LSTM(4, 3, batch_first=True))
    assert ricci_flow.record(lstm, points(5, 4), "0")["0"].shape == (N, 3)


def test_a_compiled_module_is_run_as_it_was_written():
    model, X = seeded(Plain()), points(4)
    found = ricci_flow.record(torch.compile(model), X)
    assert_layers(found, ["relu:1", "relu:2"], list(ricci_flow.record(model, X).values()))


def test_a_final_activation_is_the_output_and_no_layer():
    model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 1), nn.Sigmoid())
    assert list(ricci_flow.record(model, points(4))) == ["1"]


def test_layers_go_to_a_file_batch_by_batch(tmp_path, monkeypatch):
    model, X = seeded(Plain()), points(4)
    in_memory = ricci_flow.record(model, X, ["first", "relu"])
    largest = []
    features = recording.copied
    monkeypatch.setattr(
        "ricci_flow.api.recording.copied",
        lambda values: largest.append(len(values)) or features(values),
    )
    path = tmp_path / "new" / "layers.safetensors"
    found = ricci_flow.record(model, X, ["first", "relu"], batch_size=4, file=path)
    assert max(largest) == 4
    assert found.file == path
    assert list(path.parent.iterdir()) == [path]
    with TensorFile(path) as file:
        assert set(file.names) == {"first", "relu:1", "relu:2"}
        for name, array in in_memory.items():
            np.testing.assert_allclose(file[name], array, rtol=1e-6, atol=1e-6)
            np.testing.assert_array_equal(found[name], file[name])
    assert list(ricci_flow.api.layers.read_layers(path)) == list(in_memory)
    monkeypatch.setattr(model.second, "forward", lambda x: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ricci_flow.record(model, X, ["first"], file=path.with_name("other.safetensors"))
    assert list(path.parent.iterdir()) == [path]


def test_bfloat16_becomes_float32():
    model = seeded(Plain()).to(torch.bfloat16)
    assert ricci_flow.record(model, points(4))["relu:1"].dtype == np.float32


def test_an_error_of_the_model_says_which_points_it_was_given():
    with pytest.raises(RuntimeError) as caught:
        ricci_flow.record(Plain(), points(3))
    assert caught.value.__notes__ == [
        f"The model raised this on X of shape ({N}, 3), points 0 to 6."
    ]


def test_another_type_than_the_models_is_named():
    with pytest.raises(InputError) as caught:
        ricci_flow.record(Plain(), torch.zeros(5, 4, dtype=torch.float64))
    assert str(caught.value) == (
        "X: holds torch.float64 and the model torch.float32, and the model cannot take it; "
        "give it .to(torch.float32)"
    )


def test_what_a_model_takes_in_another_type_is_left_to_it():
    class Casting(Plain):
        def forward(self, x):
            return super().forward(x.to(torch.float32))

    x = torch.from_numpy(points(4))
    found, expected = (ricci_flow.record(seeded(Casting()), part) for part in (x.double(), x))
    np.testing.assert_array_equal(found["relu:1"], expected["relu:1"])


BAD = {
    "no module": ((3, points(4)), {}, "model: is a int; give a torch module"),
    "device": (
        (Plain(), torch.zeros(5, 4, device="meta")),
        {},
        "X: is on meta and the model on cpu; move one of them, say by .to('cpu')",
    ),
    "no weights": (
        (Plain().to("meta"), points(4)),
        {},
        "model: first.weight is on meta, without numbers; load the model's weights",
    ),
    "loader": (
        (Plain(), torch.utils.data.DataLoader([1, 2])),
        {},
        "X: is no array of numbers; give torch.cat([x for x, _ in loader])",
    ),
    "no points": ((Plain(), points(4)[:0]), {}, "X: inputs of 0 points"),
    "two lengths": ((Two(), (points(3), points(3)[:2])), {}, "X: inputs of 2 and 23 points"),
    "text": ((Plain(), ["a", "b"]), {}, "X: is no array of numbers"),
    "unknown": ((Plain(), points(4), ["frist"]), {}, "unknown submodule 'frist'; did you mean"),
    "no such use": ((Plain(), points(4), ["relu:3"]), {}, "'relu' is called 2 times"),
    "none": ((Plain(), points(4), []), {}, "layers: none is named"),
    "no states": ((Plain(), points(4), "hidden_states"), {}, "returns no hidden_states"),
    "batch": ((Plain(), points(4)), {"batch_size": 0}, "batch_size: is 0"),
    "maps": ((Plain(), points(4)), {"maps": "middle"}, "maps: is 'middle'"),
    "tokens": ((Plain(), points(4)), {"tokens": "all"}, "tokens: is 'all'"),
    "file": ((Plain(), points(4)), {"file": "layers.npz"}, "must end in .safetensors"),
    "nothing": ((nn.Sequential(), points(4)), {}, "no submodule returns a row for each point"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line(name):
    arguments, options, says = BAD[name]
    with pytest.raises(InputError) as caught:
        ricci_flow.record(*arguments, **options)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
