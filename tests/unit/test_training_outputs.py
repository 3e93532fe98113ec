"""The tables, the entry and the choice of device of the training stage."""

import numpy as np
import polars as pl
import pytest

from ricci_flow.errors import InputError
from ricci_flow.networks.ensemble import train_ensemble
from ricci_flow.networks.forward import forward_layers
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.tables import history_table, networks_table
from ricci_flow.seeds import derive_seed
from ricci_flow.storage import TensorFile, read_table, read_tensors, write_json, write_tensors
from tests import jobs
from tests.unit.test_training_ensemble import ARCHITECTURE, STREAMS, make_data, train

ARRAYS = ("X_train", "y_train", "X_test", "y_test")


def test_the_tables_follow_the_contract():
    keys = {"data_set": "A", "architecture": "narrow_5", "condition": "trained"}
    found = train([3, 1])
    table = networks_table(found, **keys)
    measured = [f"{a}_{b}" for a in ("train", "validation", "test") for b in ("accuracy", "loss")]
    assert table.schema == {
        **dict.fromkeys(keys, pl.String),
        "network": pl.Int32,
        "seed": pl.Int64,
        "epochs": pl.Int32,
        **dict.fromkeys([*measured, "margin", "weight_norm"], pl.Float64),
    }
    np.testing.assert_array_equal(table["margin"], found.margin)
    np.testing.assert_array_equal(table["weight_norm"], found.weight_norm)
    assert table.row(0)[:6] == (
        "A", "narrow_5", "trained", 3, derive_seed("study", "A", "narrow_5", 3, "init"), 3,
    )  # fmt: skip
    history = history_table(found, **keys)
    schema = {
        **dict.fromkeys(keys, pl.String),
        **dict.fromkeys(["network", "epoch"], pl.Int32),
        **dict.fromkeys(["loss", "accuracy", "validation_loss", "validation_accuracy"], pl.Float64),
    }
    assert history.schema == schema
    assert history["network"].to_list() == [1, 1, 1, 3, 3, 3]
    assert history["epoch"].to_list() == [1, 2, 3] * 2
    np.testing.assert_array_equal(
        history.filter(pl.col("network") == 3)["loss"], [m.loss[0] for m, _ in found.history]
    )
    untrained = history_table(train([0], Recipe(epochs=0)), **keys)
    assert (untrained.schema, untrained.height) == (schema, 0)
    alone = train([0], Recipe(epochs=1, validation="none"))
    assert networks_table(alone)["validation_loss"].to_list() == [None]
    assert history_table(alone)["validation_accuracy"].to_list() == [None]
    assert networks_table(alone._replace(margin=None))["margin"].to_list() == [None]
    unbounded = alone._replace(margin=np.array([np.nan]))
    assert networks_table(unbounded)["margin"].to_list() == [None]


def test_nothing_to_train():
    with pytest.raises(InputError, match="needs at least one network"):
        train([])


def test_the_entry_writes_what_the_contract_names(tmp_path):
    data = make_data()
    write_tensors(tmp_path / "A.safetensors", {name: getattr(data, name) for name in ARRAYS})
    write_json(tmp_path / "A.json", {"scale": "unit", "unit": 2.0, "classes": ["a", "b"]})
    names = ("weights.safetensors", "networks.parquet", "history.parquet")
    out = tmp_path / "out"
    words = jobs.arguments(
        data=tmp_path / "A.safetensors",
        facts=tmp_path / "A.json",
        data_set="A",
        architecture="narrow_5",
        condition="linear",
        entry={"widths": [12, 25, 7]},
        recipe={"epochs": 2, "batch_size": 16, "activation": "linear"},
        networks=2,
        seed_name="study",
        device="cpu",
        layers=out / "layers.safetensors",
        weights=out / names[0],
        network_table=out / names[1],
        history=out / names[2],
    )
    status = jobs.call("train_ensemble", words)
    assert status == 0
    halved = data._replace(X_train=data.X_train / 2, X_test=data.X_test / 2)
    recipe = Recipe(epochs=2, batch_size=16, activation="linear")
    expected = train_ensemble(halved, STREAMS, [0, 1], ARCHITECTURE, recipe, device="cpu")
    with TensorFile(tmp_path / "out" / names[0]) as file:
        assert file.metadata == {"activation": "linear"}
        assert sorted(file.names) == sorted(expected.parameters)
        for name in file.names:
            np.testing.assert_array_equal(file[name], expected.parameters[name])
    layers = read_tensors(tmp_path / "out" / "layers.safetensors")
    hidden = forward_layers(expected.parameters, halved.X_test, "linear")
    assert sorted(layers) == ["layer_1", "layer_2", "layer_3"]
    for name, values in layers.items():
        np.testing.assert_array_equal(values, hidden[name])
    table = read_table(tmp_path / "out" / names[1])
    np.testing.assert_array_equal(table["test_loss"], expected.test.loss)
    assert table["condition"].to_list() == ["linear"] * 2
    assert read_table(tmp_path / "out" / names[2]).height == 4
