"""Networks at several times of their training: plain loops, shorter trainings, numbers by hand."""

import math
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
import torch

from ricci_flow.analysis.training_time import summarise_training_time
from ricci_flow.errors import InputError
from ricci_flow.figures.training_time import draw
from ricci_flow.networks.architecture import Architecture, read_architecture
from ricci_flow.networks.checkpoints import gather, reached, within_training
from ricci_flow.networks.draws import Streams, draw_orders, draw_rows, draw_weights
from ricci_flow.networks.ensemble import Data, train_ensemble, train_in_parts
from ricci_flow.networks.forward import forward_layers
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.recording import load_networks
from ricci_flow.report.training_time import training_time_section
from ricci_flow.storage import TensorFile, read_tensors, write_json, write_table, write_tensors
from ricci_flow.study.warnings import warnings_of
from ricci_flow.tables.measures import LOCAL, MEASURES, OVER_TRAINING
from ricci_flow.tables.statistics import (
    CHECKPOINTS,
    EARLY_STOPPING,
    TRAINING_COMPARISON,
    TRAINING_TIME,
)
from ricci_flow.tables.training import CHECKPOINTS as TRAINED
from tests import jobs
from tests.unit.measuring import FORMAN, settings_catalogue
from tests.unit.test_study import study

STREAMS = Streams("study", "A", "any")
KEYS = {"data_set": "A", "architecture": "any", "condition": "trained"}
DENSE = Architecture.dense(9, 7, 8)
NORM = read_architecture(
    {
        "layers": [
            {"kind": "dense", "width": 6, "activated": False, "measured": False},
            {"kind": "batch_norm", "activated": True, "measured": True},
            {"kind": "dense", "width": 5},
        ]
    }
)
RECIPE = Recipe(epochs=4, batch_size=16, learning_rate=0.01)
OWN = """
from torch import nn


def build(inputs, outputs):
    return nn.Sequential(
        nn.Linear(inputs[0], 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, outputs)
    )
"""


def make_data():
    generator = np.random.default_rng(5)
    y = np.repeat([0, 1], 40).astype(np.uint8)
    train, test = (generator.standard_normal((80, 12)) + 0.7 * y[:, None] for _ in range(2))
    return Data(train.astype(np.float32), y, test.astype(np.float32), y)


@pytest.fixture
def own(tmp_path):
    (tmp_path / "my_model.py").write_text(OWN, "utf-8")
    return read_architecture({"module": f"{tmp_path}/my_model.py:build", "measured": ["2"]})


@pytest.fixture(params=["fused", "torch", "batch_norm", "own"])
def trained(request, own):
    """An architecture and a recipe of a trainer; the last two have running means and counts."""
    torch.set_num_threads(1)
    architecture = {"batch_norm": NORM, "own": own}.get(request.param, DENSE)
    return architecture, RECIPE.model_copy(
        update={"trainer": "fused" if request.param == "fused" else "torch"}
    )


def run(architecture, recipe, checkpoints, networks=(0, 3), unit="epochs"):
    return list(
        train_in_parts(
            *(make_data(), STREAMS, list(networks), architecture, recipe, checkpoints),
            unit=unit,
            device="cpu",
        )
    )


def whole(architecture, recipe, networks=(0, 3)):
    return train_ensemble(make_data(), STREAMS, list(networks), architecture, recipe, device="cpu")


def assert_equal(one, other):
    """Two states of an ensemble are the same to the bit."""
    for kind in ("parameters", "layers"):
        arrays, others = getattr(one, kind), getattr(other, kind)
        assert list(arrays) == list(others)
        for name, values in arrays.items():
            np.testing.assert_array_equal(values, others[name])
    for kind in ("train", "validation", "test", "margin", "weight_norm", "epochs", "steps"):
        np.testing.assert_array_equal(getattr(one, kind), getattr(other, kind))


def test_a_checkpoint_is_what_a_training_of_so_many_epochs_gives_to_the_bit(trained):
    architecture, recipe = trained
    states = run(architecture, recipe, [0, 1, 3, 4])
    for epochs, state in zip([0, 1, 3, 4], states, strict=True):
        assert_equal(state, whole(architecture, recipe.model_copy(update={"epochs": epochs})))
        assert len(state.history) == epochs
    names = list(states[0].parameters)
    assert any((states[0].parameters[n] != states[1].parameters[n]).any() for n in names)
    assert any((states[2].parameters[n] != states[3].parameters[n]).any() for n in names)


@pytest.mark.parametrize(("batch", "in_epoch"), [(16, 4), (25, 3), ("full", 1)])
def test_a_checkpoint_at_the_last_step_of_an_epoch_is_that_epoch_to_the_bit(
    trained, batch, in_epoch
):
    """To look at the networks inside of epochs, too, changes nothing; the last batch is smaller."""
    architecture, recipe = trained
    recipe = recipe.model_copy(update={"batch_size": batch})
    assert recipe.steps(80) == in_epoch
    epochs = run(architecture, recipe, [0, 1, 2, 4])
    inside = [in_epoch + 1, 2 * in_epoch + 1, 3 * in_epoch - 1]
    ends = [0, in_epoch, 2 * in_epoch, 4 * in_epoch]
    steps = sorted({*ends, *inside})
    states = dict(zip(steps, run(architecture, recipe, steps, unit="steps"), strict=True))
    for end, state in zip(ends, epochs, strict=True):
        assert_equal(states[end], state)
        np.testing.assert_array_equal(state.steps, end)
    for step in steps:
        np.testing.assert_array_equal(states[step].steps, step)
        np.testing.assert_array_equal(states[step].epochs, step // in_epoch)
        # A training that ends there is the same.
        assert_equal(run(architecture, recipe, [step], unit="steps")[0], states[step])
    rho = states[4 * in_epoch].history[3][0]  # running means of an epoch in two parts, to rounding
    np.testing.assert_allclose(rho.loss, epochs[-1].history[3][0].loss, rtol=1e-12)


@pytest.mark.parametrize("trainer", ["fused", "torch"])
def test_inside_an_epoch_a_network_is_that_of_a_plain_loop(trainer):
    torch.set_num_threads(1)
    recipe = RECIPE.model_copy(update={"trainer": trainer})
    for step, state in zip((1, 3, 6), run(DENSE, recipe, [1, 3, 6], unit="steps"), strict=True):
        for s, network in enumerate((0, 3)):
            model = DENSE.build((12,), 1, STREAMS.generator(network, "init"))
            optimiser = torch.optim.RMSprop(model.parameters(), lr=0.01, alpha=0.9, eps=1e-7)
            data = make_data()
            X, y = torch.from_numpy(data.X_train), torch.from_numpy(data.y_train).float()
            rows = draw_rows(STREAMS, [network], 80, recipe)
            orders = [order for (order,) in draw_orders(STREAMS, [network], rows.kept, 2)]
            batches = [batch for order in orders for batch in torch.from_numpy(order).split(16)]
            for batch in batches[:step]:
                loss = torch.nn.BCEWithLogitsLoss()(model(X[batch])[:, 0], y[batch])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
            linear = [part for part in model.modules() if isinstance(part, torch.nn.Linear)]
            for layer, part in enumerate(linear, 1):
                found = state.parameters[f"W{layer}"][s].T
                np.testing.assert_allclose(found, part.weight.detach(), rtol=0, atol=2e-5)
                found = state.parameters[f"b{layer}"][s]
                np.testing.assert_allclose(found, part.bias.detach(), rtol=0, atol=2e-5)
            with torch.no_grad():
                held = torch.from_numpy(rows.held[0])
                loss = torch.nn.BCEWithLogitsLoss()(model(X[held])[:, 0], y[held])
            assert state.validation.loss[s] == pytest.approx(float(loss), abs=1e-4)


def test_checkpoint_0_is_the_initialisation():
    (state, _) = run(DENSE, RECIPE, [0, 1])
    for layer, w in enumerate(draw_weights(STREAMS, [0, 3], [12, 9, 7, 8, 1]), 1):
        np.testing.assert_array_equal(state.parameters[f"W{layer}"], w)
        assert not state.parameters[f"b{layer}"].any()


def test_a_schedule_goes_on_as_that_of_the_whole_training():
    """Each checkpoint is that of the longer training, whose learning rates a shorter one lacks."""
    recipe = Recipe(
        **{"epochs": 4, "batch_size": 16, "learning_rate": 0.1, "trainer": "torch"},
        **{"schedule": "cosine", "optimiser": "sgd"},
    )
    torch.set_num_threads(1)
    for epochs, state in zip((1, 3), run(NORM, recipe, [1, 3]), strict=True):
        loaded = list(load_networks(NORM, state.parameters, (12,), 1))
        for s, network in enumerate((0, 3)):
            expected = plain_loop(network, recipe, epochs)
            for name, values in expected.state_dict().items():
                found = loaded[s].state_dict()[name]
                np.testing.assert_allclose(found, values, rtol=0, atol=1e-5)
    shorter = whole(NORM, recipe.model_copy(update={"epochs": 3}))
    name = next(name for name in state.parameters if name.endswith("weight"))
    assert abs(state.parameters[name] - shorter.parameters[name]).max() > 1e-3


def test_inside_an_epoch_the_learning_rate_is_that_of_the_epoch():
    recipe = Recipe(
        **{"epochs": 4, "batch_size": 16, "learning_rate": 0.1, "trainer": "torch"},
        **{"schedule": "cosine", "optimiser": "sgd"},
    )
    torch.set_num_threads(1)
    for steps, state in zip((2, 7), run(NORM, recipe, [2, 7], unit="steps"), strict=True):
        loaded = list(load_networks(NORM, state.parameters, (12,), 1))
        for s, network in enumerate((0, 3)):
            expected = plain_loop(network, recipe, 4, steps)
            for name, values in expected.state_dict().items():
                found = loaded[s].state_dict()[name]
                np.testing.assert_allclose(found, values, rtol=0, atol=1e-5)


def plain_loop(network, recipe, epochs, steps=math.inf):
    """One network of NORM, trained as in any tutorial, with the rates of half a cosine."""
    data = make_data()
    model = NORM.build((12,), 1, STREAMS.generator(network, "init"))
    X, y = torch.from_numpy(data.X_train), torch.from_numpy(data.y_train).float()
    rows = draw_rows(STREAMS, [network], 80, recipe)
    orders = draw_orders(STREAMS, [network], rows.kept, epochs)
    for epoch, (order,) in enumerate(orders):
        rate = 0.1 * (1 + math.cos(math.pi * epoch / 4)) / 2
        optimiser = torch.optim.SGD(model.parameters(), lr=rate)
        for place, batch in enumerate(torch.from_numpy(order).split(16)):
            if 4 * epoch + place >= steps:
                return model
            loss = torch.nn.BCEWithLogitsLoss()(model(X[batch])[:, 0], y[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model


@pytest.mark.parametrize("trainer", ["fused", "torch"])
def test_a_network_that_stopped_before_has_no_checkpoint(trainer):
    torch.set_num_threads(1)
    recipe = Recipe(
        **{"epochs": 12, "batch_size": 8, "learning_rate": 0.01, "trainer": trainer},
        stop_at={"accuracy": 0.93},
    )
    alone = whole(DENSE, recipe, range(4))
    assert len(set(alone.epochs.tolist())) > 1
    first, last = int(alone.epochs.min()), int(alone.epochs.max())
    checkpoints = [0, first, last, 12]
    states = run(DENSE, recipe, checkpoints, range(4))
    assert [s.epochs.tolist() for s in states] == [
        np.minimum(alone.epochs, checkpoint).tolist() for checkpoint in checkpoints
    ]
    assert_equal(states[3], alone)
    weights, layers, table = gather(zip(checkpoints, states, strict=True), 3, **KEYS)
    assert len(TRAINED.check(table)) == 4 * 3
    assert table["network"].max() == 2
    for checkpoint, state in zip(checkpoints, states, strict=True):
        np.testing.assert_array_equal(weights[f"epoch_{checkpoint}/W2"], state.parameters["W2"][:3])
        assert layers[f"epoch_{checkpoint}/layer_1"].shape == (3, 80, 9)
    # The same in steps, 8 in an epoch, and one of them before the first network stops.
    inside = 8 * first - 3
    steps = [0, inside, *(8 * checkpoint for checkpoint in checkpoints[1:])]
    in_steps = run(DENSE, recipe, steps, range(4), unit="steps")
    for state, other in zip([in_steps[0], *in_steps[2:]], states, strict=True):
        assert_equal(state, other)
    weights, _, table = gather(zip(steps, in_steps, strict=True), 3, "steps", **KEYS)
    np.testing.assert_array_equal(weights[f"step_{inside}/W2"], in_steps[1].parameters["W2"][:3])
    assert table["checkpoint_unit"].unique().to_list() == ["steps"]
    for step in steps:
        expected = [network for network in range(3) if 8 * alone.epochs[network] >= step]
        found = TRAINED.check(table).filter(reached(), checkpoint=step)
        assert found["network"].to_list() == expected
    assert (table["steps"] <= table["checkpoint"]).all()


def test_steps_beyond_the_training_are_left_out_in_words():
    said = []
    recipe = Recipe(epochs=2, batch_size=16)  # 80 rows, of which 64 are trained on
    asked = ([0, 8, 9], recipe, 80, lambda line, **_: said.append(line))
    assert within_training(*asked) == [0, 8]
    assert said == ["2 of the checkpoint_steps 0, 8, 9: the training has 8 steps"]
    with pytest.raises(
        InputError, match=r"has 8 steps \(2 epochs\), and none of the checkpoint_steps 9"
    ):
        within_training([9, 20], *asked[1:])


# --- measuring


@pytest.fixture
def files(tmp_path):
    """Three networks of five layers at the epochs 0, 1 and 10; the last one stopped after 4."""
    rng = np.random.default_rng(0)
    labels = {"y_train": np.zeros(9, np.uint8), "y_test": (np.arange(50) % 2).astype(np.uint8)}
    X = {name: rng.normal(size=(n, 4)).astype(np.float32) for name, n in
         (("X_train", 9), ("X_test", 50))}  # fmt: skip
    write_tensors(tmp_path / "mine.safetensors", {**X, **labels})
    write_json(tmp_path / "mine.json", {"scale": "none", "unit": 1.0})
    layers = {f"epoch_{epoch}/layer_{layer}": rng.normal(size=(3, 50, 3)).astype(np.float32)
              for epoch in (0, 1, 10) for layer in range(1, 6)}  # fmt: skip
    write_tensors(tmp_path / "checkpoints.safetensors", layers)
    rows = [
        {**dict.fromkeys(KEYS, "x"), "checkpoint": checkpoint, "network": network}
        | {"epochs": min(checkpoint, 4) if network == 1 else checkpoint}
        | {"checkpoint_unit": "epochs", "steps": 3}
        for checkpoint in (0, 1, 10)
        for network in range(3)
    ]
    write_table(tmp_path / "checkpoints.parquet", TRAINED.frame(rows))
    return tmp_path


def measure(files, settings=("knn", "subsample"), **fields):
    words = jobs.arguments(
        names=list(KEYS.values()),
        measures={**FORMAN, "modularity": {"module": "modularity"}},
        settings={name: settings_catalogue()[name] for name in settings},
        k_fractions=[0.2],
        local=True,
        draws=2,
        seed_name="s",
        data=files / "mine.safetensors",
        facts=files / "mine.json",
        table=files / "table.parquet",
        local_table=files / "local.parquet",
        **fields,
    )
    assert jobs.call("measure", words) == 0
    return pl.read_parquet(files / "table.parquet"), pl.read_parquet(files / "local.parquet")


def test_every_checkpoint_is_measured_as_layers_of_its_own(files):
    asked = {"checkpoints": files / "checkpoints.parquet", "asked": [0, 10], "networks": 2}
    table, local = measure(files, layers=files / "checkpoints.safetensors", **asked)
    OVER_TRAINING.check(table)
    assert table["checkpoint"].unique().to_list() == [0, 10]
    every = read_tensors(files / "checkpoints.safetensors")
    for checkpoint, networks in ((0, 2), (10, 1)):
        part = f"epoch_{checkpoint}/"
        own = {n.removeprefix(part): v for n, v in every.items() if n.startswith(part)}
        write_tensors(files / "layers.safetensors", own)
        alone = measure(files, layers=files / "layers.safetensors", networks=networks)
        for found, expected, schema in zip((table, local), alone, (MEASURES, LOCAL), strict=True):
            here = found.filter(pl.col("checkpoint") == checkpoint, pl.col("network") < networks)
            assert len(here) > 0
            assert here["checkpoint_unit"].unique().to_list() == ["epochs"]
            assert here.drop("checkpoint", "checkpoint_unit").equals(
                schema.check(expected), null_equal=True
            )
    stopped = table.filter(checkpoint=10, network=1)
    assert stopped["reason"].unique().to_list() == ["stopped after 4 epochs"]
    assert len(stopped) == 2 * 3  # settings and measures
    assert stopped["value"].null_count() == len(stopped)
    assert local.filter(checkpoint=10, network=1).is_empty()


def test_checkpoints_in_steps_are_measured_as_those_in_epochs(files):
    rng = np.random.default_rng(2)
    values = [rng.normal(size=(3, 50, 3)).astype(np.float32) for _ in range(5)]
    found = []
    for unit in ("epochs", "steps"):
        path, trained = files / f"{unit}.safetensors", files / f"{unit}.parquet"
        write_tensors(path, {f"{unit[:-1]}_7/layer_{i}": v for i, v in enumerate(values, 1)})
        rows = [
            dict.fromkeys(KEYS, "x") | {"checkpoint": 7, "checkpoint_unit": unit, "network": n}
            | {"epochs": 2, "steps": 2, unit: 7 if n < 2 else 3} for n in range(3)
        ]  # fmt: skip
        write_table(trained, TRAINED.frame(rows))
        found.append(measure(files, networks=3, layers=path, checkpoints=trained, asked=[7])[0])
    epochs, steps = found
    assert steps["checkpoint_unit"].unique().to_list() == ["steps"]
    assert steps.filter(network=2)["reason"].unique().to_list() == ["stopped after 3 steps"]
    left = ["checkpoint_unit", "reason"]
    assert epochs.drop(left).equals(steps.drop(left), null_equal=True)


def test_settings_that_need_weights_take_those_of_the_checkpoint(files):
    rng = np.random.default_rng(1)
    sizes = (4, 6, 5, 6, 5, 6, 1)
    own = {}
    for epoch in (0, 10):
        for layer, (a, b) in enumerate(pairwise(sizes), 1):
            own[epoch, f"W{layer}"] = rng.normal(size=(3, a, b)).astype(np.float32)
            own[epoch, f"b{layer}"] = rng.normal(size=(3, b)).astype(np.float32)
    weights, layers = files / "weights.safetensors", files / "layers.safetensors"
    asked = {"settings": ("rescaled", "with_output"), "layers": layers, "weights": weights}
    points = read_tensors(files / "mine.safetensors")["X_test"]
    alone, several = [], {}
    for epoch in (0, 10):
        stack = {name: values for (at, name), values in own.items() if at == epoch}
        several |= {f"epoch_{epoch}/{name}": values for name, values in stack.items()}
        hidden = forward_layers(stack, points, "relu")
        several |= {f"epoch_{epoch}/{name}": values for name, values in hidden.items()}
        write_tensors(weights, stack, {"activation": "relu"})
        write_tensors(layers, hidden)
        alone.append(measure(files, networks=1, **asked)[0])
    for path, kind in ((weights, "Wb"), (layers, "l")):
        of_kind = {name: v for name, v in several.items() if name.split("/")[1][0] in kind}
        write_tensors(path, of_kind, {"activation": "relu"})
    checkpoints = {"checkpoints": files / "checkpoints.parquet", "asked": [0, 10]}
    table, _ = measure(files, networks=1, **asked, **checkpoints)
    assert table["reason"].null_count() == len(table)
    for epoch, expected in zip((0, 10), alone, strict=True):
        found = table.filter(checkpoint=epoch).drop("checkpoint", "checkpoint_unit")
        assert found.equals(expected, null_equal=True)
    assert not alone[0]["value"].equals(alone[1]["value"])


def test_a_part_of_a_file_is_read_as_a_file_of_its_own(files):
    path = files / "checkpoints.safetensors"
    with TensorFile(path, "epoch_1/") as file, TensorFile(path) as every:
        assert sorted(file.names) == [f"layer_{layer}" for layer in range(1, 6)]
        np.testing.assert_array_equal(file["layer_2"], every["epoch_1/layer_2"])
        np.testing.assert_array_equal(file.rows("layer_2", 1, 3), every["epoch_1/layer_2"][1:])


# --- what a study asks for


def asking(asked, key="checkpoints", **keys):
    conditions = ["trained", "untrained", "random_features"]
    changes = {"further": {"b": {key: asked, **keys}}, "networks": 5}
    return study(**{"data_sets": ["A"], "architectures": ["narrow_5"], **changes},
                 conditions=conditions, control_networks=3)  # fmt: skip


def test_an_ensemble_has_the_checkpoints_that_it_is_trained_for():
    found = asking([50, 0, 5], conditions=3, networks=4)
    assert (found.blocks(), list(found.checkpoint_blocks())) == ({}, ["b"])
    assert found.checkpoints("A", "narrow_5", "trained") == [0, 5, 50]
    assert found.checkpoints("A", "narrow_5", "untrained") == [0]
    assert found.checkpoints("A", "narrow_5", "random_features") == []
    assert [names[2] for names in found.checkpoint_ensembles("b")] == ["trained", "untrained"]
    assert found.checkpoint_networks("A", "narrow_5", "trained") == 4
    assert found.checkpoint_networks("A", "narrow_5", "untrained") == 3
    lines = [line for line in warnings_of(found) if "checkpoints" in line]
    assert lines == [
        "key 'further.b.checkpoints': A/narrow_5/untrained will have no checkpoint 5, 50: trained "
        "for fewer epochs",
        "key 'further.b.checkpoints': A/narrow_5/random_features will have no checkpoints: no "
        "networks that the study trains",
    ]
    # Nothing else sees the block.
    assert (found.pointwise_blocks(), found.varied_blocks()) == ([], [])
    assert asking([0], measures=[]).checkpoint_blocks() == {}


def test_an_ensemble_has_the_steps_that_it_is_trained_for():
    # 1000 points, in 32 batches of 32 at most, 50 times.
    found = asking([1600, 0, 30], "checkpoint_steps", conditions=3)
    assert (found.checkpoint_unit(), list(found.checkpoint_blocks())) == ("steps", ["b"])
    assert found.steps("A", "narrow_5", "trained") == 1600
    assert found.checkpoints("A", "narrow_5", "trained") == [0, 30, 1600]
    assert found.checkpoints("A", "narrow_5", "untrained") == [0]
    assert found.checkpoints("A", "narrow_5", "random_features") == []
    assert [line for line in warnings_of(found) if "checkpoint" in line] == [
        "key 'further.b.checkpoint_steps': A/narrow_5/untrained will have no checkpoint 30, 1600: "
        "trained for fewer steps",
        "key 'further.b.checkpoint_steps': A/narrow_5/random_features will have no checkpoints: no "
        "networks that the study trains",
    ]


@pytest.mark.parametrize(
    ("steps", "keys", "said"),
    [
        (
            [0, 1601],
            {},
            "has 1601, and no network of the block is trained for more than 1600 steps",
        ),
        ([1], {"conditions": ["untrained"]}, "trained for more than 0 steps"),
        ([0], {"conditions": ["random_features"]}, "needs networks that the study trains"),
        ([0], {"networks": "excluded", "settings": ["mst"]}, "networks is excluded"),
        ([0], {"checkpoints": [0]}, "give checkpoints or checkpoint_steps, not both"),
        ([1, 1], {}, "must not name anything twice"),
        ([-1], {}, "must be at least 0"),
        ([1.5], {}, "must be of type integer"),
        ([], {}, "must have at least"),
    ],
)
def test_wrong_steps_are_refused_in_one_line(steps, keys, said):
    match = r"my\.yaml: key 'further\.b\.checkpoint_steps"
    with pytest.raises(InputError, match=match) as raised:
        asking(steps, "checkpoint_steps", **keys)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_one_study_counts_in_one_unit():
    blocks = {"b": {"checkpoint_steps": [1]}, "c": {"checkpoints": [1]}}
    with pytest.raises(
        InputError, match=r"counts steps, and further\.c\.checkpoints counts epochs"
    ):
        study(data_sets=["A"], architectures=["narrow_5"], further=blocks)


def test_every_ensemble_that_is_trained_has_a_step():
    by_data_set = {"C_half": {"epochs": 1}}
    further = {"b": {"checkpoint_steps": [1000]}}
    with pytest.raises(InputError, match=r"has none of the .* steps that C_half/narrow_5/trained"):
        study(data_sets=["A", "C_half"], architectures=["narrow_5"], further=further,
              training={"by_data_set": by_data_set})  # fmt: skip


@pytest.mark.parametrize(
    ("checkpoints", "keys", "said"),
    [
        ([0, 51], {}, "has 51, and no network of the block is trained for more than 50 epochs"),
        ([1], {"conditions": ["untrained"]}, "trained for more than 0 epochs"),
        ([0], {"conditions": ["random_features"]}, "needs networks that the study trains"),
        ([0], {"networks": "excluded", "settings": ["mst"]}, "networks is excluded"),
        ([1, 1], {}, "must not name anything twice"),
        ([-1], {}, "must be at least 0"),
        ([1.5], {}, "must be of type integer"),
        ([True], {}, "must be of type integer"),
        (["1"], {}, "must be of type integer"),
        ([], {}, "must have at least"),
        (5, {}, "must be of type list"),
    ],
)
def test_wrong_checkpoints_are_refused_in_one_line(checkpoints, keys, said):
    with pytest.raises(InputError, match=r"my\.yaml: key 'further\.b\.checkpoints") as raised:
        asking(checkpoints, **keys)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


# --- summary

NAMES = {
    "block": "b",
    **KEYS,
    "checkpoint_unit": "epochs",
    "setting": "knn",
    "k_fraction": 0.1,
    "k": 5,
}
MASSES = {(0, 0): [10.0, 30.0], (0, 1): [10.0, None], (9, 0): [50.0, 70.0]}


@pytest.fixture
def summary():
    """Two networks of two layers of 5 points at the epochs 0 and 9; the second stopped before."""
    long, networks, trained = [], [], []
    for (checkpoint, network), masses in MASSES.items():
        row = NAMES | {"checkpoint": checkpoint, "network": network, "measure": "m"}
        for layer, mass in enumerate(masses, 1):
            value = 100.0 * network + 10 * layer + checkpoint
            long.append(
                row
                | {"scope": "edge", "layer": layer, "n": 5, "geodesic_mass": mass}
                | {"value": value, "mean": value / 4, "layer_rho": 0.1 * layer}
            )
        lost = {"reason": "not connected at layer 2"} if None in masses else {}
        rho = {} if lost else {"rho": -0.5 if checkpoint == 0 else 0.25}
        local = {"local_median": 0.2 + network, "local_mean": 0.1 - network}
        networks.append(row | {"scope": "edge"} | local | rho | lost)
        long.append(row | {"measure": "whole", "scope": "network", "value": 2.0 + network})
    left = {"checkpoint": 9, "network": 1, "reason": "stopped after 4 epochs", "n": 5}
    long += [NAMES | left | {"measure": "m", "scope": "edge"}]
    long += [NAMES | left | {"measure": "whole", "scope": "network"}]
    networks.append(NAMES | left | {"measure": "m", "scope": "edge"})
    for checkpoint, network, epochs, accuracy in (
        *((0, 0, 0, 0.5), (0, 1, 0, 0.6)),
        *((9, 0, 9, 0.9), (9, 1, 4, 0.1)),
    ):
        state = {
            "checkpoint": checkpoint,
            "network": network,
            "epochs": epochs,
            "steps": 3 * epochs,
        }
        state |= {"checkpoint_unit": "epochs"}
        found = {"test_accuracy": accuracy, "test_loss": 1 - accuracy}
        found |= {"validation_loss": 2 - accuracy, "train_accuracy": accuracy / 2}
        trained.append(KEYS | state | found)
    table = OVER_TRAINING.frame(long).with_columns(block=pl.lit("b"))
    return summarise_training_time(CHECKPOINTS.frame(networks), table, TRAINED.frame(trained))


def test_the_summary_is_that_by_hand(summary):
    TRAINING_TIME.check(summary)
    before, _, after, whole_network = summary.sort("checkpoint", "measure").iter_rows(named=True)
    assert (before["checkpoint"], after["checkpoint"]) == (0, 9)
    assert (before["networks"], before["stopped"], before["coefficients"]) == (2, 0, 2)
    assert (before["undefined"], before["reasons"]) == (1, "1 not connected")
    assert (before["rho"], before["rho_sd"], before["negative"]) == (-0.5, None, 1.0)
    # Networks 0 and 1: layers of 10 and 20, and of 110 and 120.
    assert (before["value"], before["mean"]) == (65.0, 65.0 / 4)
    assert (before["with_mass"], before["geodesic_mass"], before["hops"]) == (1, 20.0, 2.0)
    assert before["test_accuracy"] == pytest.approx(0.55)
    assert before["local_median"] == pytest.approx(0.7)
    assert before["local_mean"] == pytest.approx(-0.4)
    assert before["local_sd"] == pytest.approx(0.5**0.5)
    assert before["train_accuracy"] == pytest.approx(0.275)
    assert before["validation_loss"] == pytest.approx(1.45)
    assert before["layer_rho"] == pytest.approx(0.15)
    # The network that stopped after 4 epochs counts nowhere at 9, its accuracy neither.
    assert (after["networks"], after["stopped"], after["coefficients"]) == (1, 1, 1)
    assert (after["undefined"], after["reasons"], after["rho"]) == (0, None, 0.25)
    assert (after["value"], after["geodesic_mass"]) == (24.0, 60.0)
    assert (after["test_accuracy"], after["local_sd"]) == (0.9, None)
    assert (whole_network["scope"], whole_network["value"]) == ("network", 2.0)
    assert (whole_network["coefficients"], whole_network["rho"]) == (0, None)


def test_the_figure_draws_every_checkpoint_by_itself(summary):
    other = summary.with_columns(architecture=pl.lit("two"), rho=pl.col("rho") - 0.25)
    control = summary.with_columns(condition=pl.lit("control"), rho=-pl.col("rho"))
    axes = {
        axis.get_title(loc="left"): axis for axis in draw(pl.concat([summary, other, control])).axes
    }
    last = ["geodesic mass", "test accuracy", "test loss", "held-out loss"]
    assert list(axes) == ["ρ, m", "local, m", "curvature, m", "whole", *last]
    lines = [line for line in axes["ρ, m"].lines if len(line.get_xdata()) == 2
             and line.get_marker() == "."]  # fmt: skip
    drawn = [(list(line.get_xdata()), list(line.get_ydata())) for line in lines]
    # The cells, and the median over them; a control with one cell has its line alone.
    assert drawn == [
        ([0, 9], [-0.5, 0.25]),
        ([0, 9], [-0.75, 0.0]),
        ([0, 9], [-0.625, 0.125]),
        ([0, 9], [0.5, -0.25]),
    ]
    # From 65 / 4 to 24 / 4 per edge.
    assert list(axes["curvature, m"].lines[0].get_ydata()) == [
        0.0,
        pytest.approx(100 * (24 / 65 - 1)),
    ]
    (hops, *_) = axes["geodesic mass"].lines
    assert list(hops.get_ydata()) == [2.0, 6.0]


def test_the_report_has_the_section_only_with_checkpoints(summary, tmp_path):
    write_table(tmp_path / "training_time.parquet", summary)
    of = {"block": "b", **KEYS, "setting": "knn", "measure": "m", "k_fraction": 0.1, "k": 5}
    of |= {"checkpoint_unit": "epochs"}
    stopped = [
        of
        | {"network": s, "rule": "last checkpoint", "checkpoints": 2, "checkpoint": 9}
        | {"test_accuracy": 0.9, "excess_error": 0.02 * s, "share_worse": 0.5 * s}
        for s in range(2)
    ]
    stopped.append(of | {"network": 2, "rule": "last checkpoint", "checkpoints": 1, "reason": "r"})
    write_table(tmp_path / "early_stopping.parquet", EARLY_STOPPING.frame(stopped))
    curve = {"published": -0.5, "published_networks": 3, "measure": "m", **KEYS}
    compared = [
        curve | {"checkpoint": 0, "networks": 0},
        curve
        | {"checkpoint": 9, "networks": 2, "value": -0.3, "sd": 0.01, "difference": 0.2}
        | {"agrees": False},
    ]
    write_table(tmp_path / "training_comparison.parquet", TRAINING_COMPARISON.frame(compared))
    reports = tmp_path / "texts"
    reports.mkdir()
    places = ("measured", "checkpoints", "stopping", "published", "unit")
    asked = "\n\n".join(f"[[{place}]]" for place in places)
    (reports / "_training_time.md").write_text(asked, "utf-8")
    block = {"checkpoints": [0, 9], "measures": None}
    for further in ({}, {"b": block | {"checkpoints": None}}, {"b": block | {"measures": []}}):
        assert training_time_section(reports, tmp_path / "nowhere", {"further": further}) == ""
    text = training_time_section(reports, tmp_path, {"further": {"b": block}})
    rows = [line for line in text.splitlines() if line.startswith("| A |")]
    assert len(rows) == 4 + 1 + 2
    row = "| m, hidden | 10.0\u00a0% | last checkpoint |"
    row += " 2 (1 without) | 9 | 90.0 % | 1.0 % | 25.0 % |"
    assert row in rows[4]
    assert "| 0 | −0.50 (3) | not run | not known |" in rows[5]
    assert "| 9 | −0.50 (3) | −0.30 (0.01; 2) | no |" in rows[6]
    said = "0 of 1 mean agree; differences have a root mean square of 0.20; 1 not run here."
    assert said in text
    assert "| 0 | 2 | 1 not connected | −0.50 | 100.0 % |" in rows[0]
    assert "| 9 | 1 | 1 stopped before | 0.25 | 0.0 % |" in rows[2]
    assert "| epochs | networks |" in text
    assert text.splitlines()[-1] == "epochs"
    steps = summary.with_columns(checkpoint_unit=pl.lit("steps"))
    write_table(tmp_path / "training_time.parquet", steps)
    block = {"checkpoint_steps": [0, 9], "checkpoints": None, "measures": None}
    text = training_time_section(reports, tmp_path, {"further": {"b": block}})
    assert "| steps | networks |" in text
    assert draw(steps).get_supxlabel() == "steps trained"
    assert draw(summary).get_supxlabel() == "epochs trained"
