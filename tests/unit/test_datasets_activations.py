"""Kind `activations`: which arrays are read, in which order, and what is refused."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from ricci_flow.api.layers import layer_file
from ricci_flow.datasets.activations import outline_of, read_layers
from ricci_flow.errors import InputError
from ricci_flow.study.model import load_study
from tests.unit.files import make, save

N = 8
LAYERS = {
    f"layer_{number}": np.random.default_rng(number).normal(size=(2, N, 2 + number))
    for number in range(1, 12)
}
LABELS = np.array([3, 10] * (N // 2))


def folder(path, arrays):
    path.mkdir()
    for name, array in arrays.items():
        np.save(path / f"{name}.npy", array)
    return path


def same(read):
    return list(read) == list(LAYERS) and all(
        read[name].dtype == np.float32 and np.array_equal(read[name], array.astype(np.float32))
        for name, array in LAYERS.items()
    )


def test_files_folders_and_single_networks_are_read_alike(tmp_path):
    stacked = [save(tmp_path / "a.npz", **LAYERS), folder(tmp_path / "b", LAYERS)]
    save_file(LAYERS, tmp_path / "c.safetensors")
    several = tmp_path / "several"
    several.mkdir()
    save(several / "network_9.npz", **{name: array[0] for name, array in LAYERS.items()})
    save_file({n: a[1].copy() for n, a in LAYERS.items()}, several / "network_10.safetensors")
    for path in [*stacked, tmp_path / "c.safetensors", several]:
        outline = outline_of(path)
        assert (outline.networks, outline.points) == (2, N)
        assert outline.widths == tuple(range(3, 14))
        assert same(read_layers(path))


def test_labels_and_facts(tmp_path):
    path = save(tmp_path / "a.npz", types=LABELS, weights=np.ones(3), **LAYERS)
    tensors, facts = make(path, "activations", labels="types", accuracy=0.9)
    assert list(tensors) == ["y_test"]
    assert tensors["y_test"].tolist() == [0, 1] * (N // 2)
    assert facts["classes"] == ["3", "10"]
    assert (facts["n_test"], facts["larger_class_test"], facts["n_train"]) == (N, 0.5, None)
    assert any("'weights'" in note for note in facts["notes"])
    tensors, facts = make(path, "activations")
    assert tensors["y_test"].shape == (0,)
    assert (facts["classes"], facts["larger_class_test"]) == ([], None)


def test_other_names_are_layers_in_the_order_of_the_file(tmp_path):
    named = dict(zip(["stem", "b.1", "b.0"], list(LAYERS.values())[:3], strict=True))
    with layer_file(
        tmp_path / "a.safetensors", {n: (a.shape, a.dtype) for n, a in named.items()}
    ) as store:
        for name, array in named.items():
            store[name][...] = array
    np.save(tmp_path / "y.npy", LABELS)
    of_npz = save(tmp_path / "b.npz", y=LABELS, **named)
    for path, labels in (
        (tmp_path / "a.safetensors", str(tmp_path / "y.npy")),
        (of_npz, "y"),
    ):
        tensors, facts = make(path, "activations", labels=labels)
        assert facts["parameters"]["layers"] == list(named)
        assert tensors["y_test"].tolist() == [0, 1] * (N // 2)
        read = read_layers(path, labels)
        assert list(read) == ["layer_1", "layer_2", "layer_3"]
        for array, expected in zip(read.values(), named.values(), strict=True):
            assert np.array_equal(array, expected.astype(np.float32))


def changed(**arrays):
    return {name: a for name, a in {**LAYERS, **arrays}.items() if a is not None}


def holed(value):
    array = LAYERS["layer_2"].copy()
    array[1, 3, 0] = value
    return array


WRONG = {
    "ragged": (changed(layer_4=np.ones((2, N - 1, 3))), "layer_4 is of 2 networks and 7 points"),
    "other networks": (changed(layer_4=np.ones((N, 3))), "layer_4 is of 1 networks"),
    "a gap": (changed(layer_3=None), "holds no layer_3"),
    "one layer": ({"layer_1": np.ones((N, 2))}, "holds 1 layer; 3 are the fewest"),
    "nothing else": ({}, "holds 0 layers"),
    "not a number": (changed(layer_2=holed(np.nan)), "nan in network 1, point 3, unit 0"),
    "too large": (changed(layer_2=holed(1e300)), r"1e\+300 in network 1, point 3"),
    "no numbers": (changed(layer_2=np.full((2, N, 2), "a")), "layer_2 is of type <U1"),
    "one axis": (changed(layer_2=np.ones(N)), r"layer_2 has shape \(8,\)"),
    "too few labels": (changed(types=LABELS[1:]), r"types have shape \(7,\).*\(8,\)"),
    "one class": (changed(types=np.ones(N)), "names 1 classes"),
    "no labels": (changed(types=None), "holds no array 'types'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_arrays_get_one_line(case, tmp_path):
    arrays, expected = WRONG[case]
    arrays = {"types": LABELS, **arrays} if case != "no labels" else arrays
    with pytest.raises(InputError, match=expected) as error:
        make(folder(tmp_path / "a", arrays), "activations", labels="types")
    assert str(error.value).startswith(str(tmp_path / "a"))
    assert "\n" not in str(error.value)


def test_networks_that_differ_are_refused(tmp_path):
    several = tmp_path / "several"
    several.mkdir()
    save(several / "1.npz", **LAYERS)
    save(several / "2.npz", **changed(layer_11=None))
    with pytest.raises(
        InputError, match=r"2\.npz: has 8 points and layer_1 of 3 .*, layer_10 of 12"
    ):
        outline_of(several)


KEYS = {
    "too few accuracies": ({"accuracy": [0.9]}, r"accuracy' has 1 numbers.*2 networks"),
    "a scale": ({"scale": "unit"}, "scale' is 'unit'; it is for features"),
    "a threshold alone": ({"accuracy_threshold": 0.5}, "needs accuracies, and none are given"),
    "no file": ({"path": "gone.npz"}, r"gone\.npz: no such file"),
    "remote": ({"path": "s3://bucket/a.npz"}, "read from this machine"),
    "a name twice": ({"architecture": "wide_5"}, "'wide_5', is the name of another one"),
    "no other file": ({"conditions": {"untrained": "gone.npz"}}, r"gone\.npz: no such file"),
    "another remote": ({"conditions": {"linear": "s3://bucket/a.npz"}}, "read from this machine"),
    "other widths": (
        {"conditions": {"untrained": "other.npz"}},
        r"other\.npz: has 8 points and layers of \[4, 4, 5, .*all conditions of a data set",
    ),
    "the primary one": ({"conditions": {"trained": "a.npz"}}, "names 'trained', the primary"),
    "random features": ({"conditions": {"random_features": "a.npz"}}, "is drawn like others"),
    "a threshold for it": (
        {"accuracy": 0.9, "conditions": {"fifty_epochs": "a.npz"}},
        "could be kept; take a condition with accuracy_filter: false",
    ),
}


@pytest.mark.parametrize("case", KEYS)
def test_wrong_keys_get_one_line_before_any_work(case, tmp_path):
    keys, expected = KEYS[case]
    path = save(tmp_path / "a.npz", **LAYERS)
    save(tmp_path / "other.npz", **changed(layer_1=LAYERS["layer_2"]))
    catalogue = tmp_path / "mine.yaml"
    entry = {"kind": "activations", "path": str(path), **keys}
    catalogue.write_text(f"mine: {entry}\n", "utf-8")
    config = {
        "study": "s",
        "data_sets": ["mine"],
        "architectures": ["wide_5"],
        "conditions": ["trained", "random_features", "fifty_epochs"],
        "catalogues": {"data_sets": str(catalogue)},
    }
    with pytest.raises(InputError, match=expected) as error:
        load_study(config)
    assert "\n" not in str(error.value)
