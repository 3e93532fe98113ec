"""The key test_points: which test points are measured, and which are left over."""

from pathlib import Path

import numpy as np
import pytest

from ricci_flow.errors import InputError
from ricci_flow.seeds import derive_seed
from tests.unit.files import make, save

N = 50
X = np.arange(4.0 * N).reshape(2 * N, 2)
Y = np.arange(2 * N) % 2


def split(folder: Path) -> Path:
    return save(folder / "a.npz", X_train=X[:N], y_train=Y[:N], X_test=X[N:], y_test=Y[N:])


def test_points_are_drawn_by_names_alone_and_none_is_lost(tmp_path: Path) -> None:
    path = split(tmp_path)
    whole, all_facts = make(path)
    tensors, facts = make(path, test_points=20)
    # Literally: numpy's choice by the seed of the names, in the order of the data set.
    rows = np.random.default_rng(derive_seed("default", "mine", "test_points"))
    rows = sorted(rows.choice(N, 20, replace=False))
    for name in "Xy":
        assert np.array_equal(tensors[f"{name}_test"], whole[f"{name}_test"][rows])
        others = np.delete(whole[f"{name}_test"], rows, axis=0)
        assert np.array_equal(tensors[f"{name}_spare"], others)
        assert np.array_equal(tensors[f"{name}_train"], whole[f"{name}_train"])
    assert facts["n_test"] == sum(facts["counts_test"]) == 20
    assert facts["parameters"] == all_facts["parameters"]  # the checksum is of all rows
    seed = derive_seed("default", "mine", "test_points")
    assert facts["notes"] == [
        *all_facts["notes"], f"20 of the 50 test points were drawn (test_points; seed {seed})",
    ]  # fmt: skip
    assert (
        make(path, test_points=20, seed_name="else")[0]["X_test"].tolist()
        != tensors["X_test"].tolist()
    )


def test_as_many_points_as_there_are_change_nothing(tmp_path: Path) -> None:
    path = split(tmp_path)
    (whole, facts), (same, again) = make(path), make(path, test_points=N)
    assert facts == again
    assert whole.keys() == same.keys()
    assert all(np.array_equal(whole[name], same[name]) for name in whole)


def test_a_class_of_which_no_point_is_drawn_is_named(tmp_path: Path) -> None:
    y = Y.copy()
    y[N], y[N + 1 :] = 1, 0
    path = save(tmp_path / "a.npz", X_train=X[:N], y_train=Y[:N], X_test=X[N:], y_test=y[N:])
    with pytest.raises(InputError, match="none of the 4 test points that are drawn is of class"):
        make(path, test_points=4)


def test_activations_keep_the_labels_of_the_points_that_are_drawn(tmp_path: Path) -> None:
    layers = {f"layer_{i}": X[:, :1] + i for i in (1, 2, 3, 4)}
    path = save(tmp_path / "mine.npz", y=Y, **layers)
    tensors, facts = make(path, "activations", labels="y", test_points=30)
    rows = np.random.default_rng(derive_seed("default", "mine", "test_points"))
    rows = sorted(rows.choice(2 * N, 30, replace=False))
    assert np.array_equal(tensors["y_test"], Y[rows])
    assert (facts["n_test"], sum(facts["counts_test"])) == (30, 30)
