"""Kinds `file` and `sklearn`: what is read, how it is named, and how it is split."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_iris

from ricci_flow.errors import InputError
from tests.unit.files import X, Y, make, parquet, save, table, write


def test_table_and_archive_agree(tmp_path: Path) -> None:
    text = "u,label,v\r\n" + "".join(f"{i},{'ab'[i % 2]},{i / 2}\r\n" for i in range(20))
    frame = pl.DataFrame(
        {"u": range(20), "label": ["ab"[i % 2] for i in range(20)], "v": np.arange(20) / 2}
    )
    values = np.column_stack([np.arange(20), np.arange(20) / 2])
    paths = [
        write(tmp_path / "t.csv", "\ufeff" + text + "\r\n\r\n"),
        parquet(tmp_path / "t.parquet", frame),
        save(tmp_path / "t.npz", X=values, y=np.array(["a", "b"] * 10)),
    ]
    results = [make(path, test_fraction=0.3) for path in paths]
    for tensors, facts in results:
        assert facts["classes"] == ["a", "b"]
        assert facts["counts_train"] == [7, 7]
        assert facts["counts_test"] == [3, 3]
        assert facts["scale"] == "standard"
        assert facts["unit"] == tensors["X_train"].max()
        for key in tensors:
            assert np.array_equal(tensors[key], results[0][0][key])
    tensors = results[0][0]
    assert tensors["y_train"].tolist() == [0] * 7 + [1] * 7
    rows = np.concatenate([tensors["X_train"], tensors["X_test"]])
    assert sorted(rows[:, 0].tolist()) == list(range(20))
    assert np.all(np.diff(tensors["X_train"][:7, 0]) > 0)
    assert np.all(tensors["X_test"][:, 0] % 2 == tensors["y_test"])


def test_split_depends_on_the_names_alone(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", X=np.random.default_rng(0).random((200, 2)), y=Y.repeat(10))
    first, again = make(path), make(path)
    assert np.array_equal(first[0]["X_test"], again[0]["X_test"])
    assert first[1] == again[1]
    other = make(path, seed_name="else")
    assert not np.array_equal(first[0]["X_test"], other[0]["X_test"])
    assert first[1]["seed"] != other[1]["seed"]


def test_archive_already_split_keeps_its_parts(tmp_path: Path) -> None:
    images = (X % 256).astype(np.uint8)
    path = save(tmp_path / "a.npz", X_train=images, y_train=Y, X_test=images[:4], y_test=Y[:4])
    tensors, facts = make(path, classes=("1", "0"), image_shape=(1, 2))
    assert tensors["X_train"][:, 0].tolist() == [*range(2, 40, 4), *range(0, 40, 4)]
    assert tensors["X_test"][:, 0].tolist() == [2, 6, 0, 4]
    assert (facts["unit"], facts["scale"], facts["seed"]) == (255.0, "unit", None)
    assert facts["image_shape"] == [1, 2]


@pytest.mark.parametrize(
    ("labels", "classes", "names"),
    [
        ([10, 9] * 10, None, ["9", "10"]),
        ([1.0, -1.0] * 10, None, ["-1", "1"]),
        ([True, False] * 10, None, ["False", "True"]),
        ([1, 2, 3, 1, 2] * 4, ("3", "1"), ["3", "1"]),
        ([10, 2, 3, 10, 2] * 4, None, ["2", "3", "10"]),
    ],
)
def test_class_names(tmp_path: Path, labels: list, classes: Any, names: list[str]) -> None:
    _, facts = make(save(tmp_path / "a.npz", X=X, y=np.array(labels)), classes=classes)
    assert facts["classes"] == names


@pytest.mark.parametrize("labels", [[1.0, 2.0] * 4, [1, 2] * 4, ["1", "2"] * 4])
def test_parquet_labels_of_any_type(tmp_path: Path, labels: list) -> None:
    assert make(parquet(tmp_path / "a.parquet", table(labels)))[1]["classes"] == ["1", "2"]


def test_checksum_ignores_order_and_sees_content(tmp_path: Path) -> None:
    arrays = {"X_train": X, "y_train": Y, "X_test": X + 0.5, "y_test": Y}
    order = np.random.default_rng(0).permutation(20)
    shuffled = {**arrays, "X_train": X[order], "y_train": Y[order]}
    swapped = {**arrays, "X_train": X + 0.5, "X_test": X}
    changed = {**arrays, "X_test": X + 0.25}
    found = [
        make(save(tmp_path / f"{i}.npz", **one))[1]["parameters"]["sha256"]
        for i, one in enumerate([arrays, shuffled, swapped, changed])
    ]
    assert found[0] == found[1]
    assert len(set(found)) == 3
    make(tmp_path / "1.npz", sha256=found[0].upper())
    with pytest.raises(InputError, match="sha256"):
        make(tmp_path / "2.npz", sha256=found[0])


def test_bundled_tables() -> None:
    tensors, facts = make(None, "sklearn", table="digits", classes=("1", "7"))
    assert facts["counts_train"] == [91, 89]
    assert (facts["unit"], facts["scale"], facts["image_shape"]) == (16.0, "unit", [8, 8])
    assert tensors["X_train"].max() == 16
    _, facts = make(None, "sklearn", table="breast_cancer", test_fraction=0.25)
    assert facts["classes"] == ["benign", "malignant"]
    assert facts["counts_test"] == [89, 53]
    assert facts["scale"] == "standard"
    tensors, facts = make(None, "sklearn", table="iris")
    assert facts["classes"] == ["setosa", "versicolor", "virginica"]
    bunch = load_iris()
    rows = {*map(tuple, np.c_[bunch.data, bunch.target].astype(np.float32).tolist())}
    found = {part: np.c_[tensors[f"X_{part}"], tensors[f"y_{part}"]] for part in ("train", "test")}
    assert {tuple(row) for part in found.values() for row in part.tolist()} == rows
    assert [len(part) for part in found.values()] == [75, 75]
    _, facts = make(None, "sklearn", table="iris", classes=("setosa", "virginica"))
    assert facts["counts_test"] == [25, 25]
