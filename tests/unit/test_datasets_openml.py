"""Kind `openml`, without network: the real fetch_openml on a prepared scikit-learn data home."""

import gzip
import hashlib
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
import sklearn.datasets  # noqa: F401  (before sockets are refused: its imports subclass them)

from ricci_flow.datasets.make import make_data_set
from ricci_flow.errors import InputError
from tests.unit.files import request

ROWS, FEATURES = 60, 4
VALUES = np.random.default_rng(3).integers(0, 256, (ROWS, FEATURES))
LABELS = np.array(["1", "7", "4"] * 20)
IMAGES: dict[str, Any] = {"image_shape": (2, 2), "classes": ("1", "7")}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **keys: object) -> NoReturn:
        raise OSError("the test opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def prepare(home: Path, cells: list[list[Any]] | None = None, kind: str = "numeric") -> Path:
    """Write what scikit-learn would have kept of data set 9001, "Tiny-Images", version 1."""
    rows = VALUES.tolist() if cells is None else cells
    types = {"numeric": "INTEGER", "nominal": "{a,b}", "string": "STRING"}
    lines = ["@RELATION tiny"]
    lines += [f"@ATTRIBUTE pixel{i} {types[kind]}" for i in range(FEATURES)]
    lines += ["@ATTRIBUTE class {1,4,7}", "@DATA"]
    lines += [",".join(map(str, [*row, label])) for row, label in zip(rows, LABELS, strict=True)]
    arff = ("\n".join(lines) + "\n").encode()
    flags = {"is_ignore": "false", "is_row_identifier": "false", "number_of_missing_values": "0"}
    features = [
        {"index": str(i), "name": f"pixel{i}", "data_type": kind, "is_target": "false", **flags}
        for i in range(FEATURES)
    ]
    target = {"index": str(FEATURES), "name": "class", "data_type": "nominal", "is_target": "true"}
    description = {
        **{"id": "9001", "name": "Tiny-Images", "version": "1", "format": "ARFF"},
        **{"status": "active", "description": "prepared for a test", "file_id": "9001"},
        "url": "https://www.openml.org/data/v1/download/9001/Tiny-Images.arff",
        "md5_checksum": hashlib.md5(arff).hexdigest(),
    }
    found = {"did": 9001, "name": "Tiny-Images", "version": 1, "status": "active"}
    quality = [{"name": "NumberOfInstances", "value": str(float(ROWS))}]
    answers: dict[str, Any] = {
        "data/list/data_name/tiny-images/limit/2/data_version/1": {"data": {"dataset": [found]}},
        "data/9001": {"data_set_description": description},
        "data/features/9001": {"data_features": {"feature": [*features, {**target, **flags}]}},
        "data/qualities/9001": {"data_qualities": {"quality": quality}},
    }
    root = home / "openml" / "openml.org"
    files = {f"api/v1/json/{name}": json.dumps(one).encode() for name, one in answers.items()}
    files["data/v1/download/9001/Tiny-Images.arff"] = arff
    for name, content in files.items():
        path = root / f"{name}.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content))
    return home


def make(home: Path, said: list[str] | None = None, **keys: Any) -> tuple[dict, dict]:
    asked = {"name": "tiny", "openml_name": "Tiny-Images", "version": 1, "n_retries": 1, **keys}
    lines = [] if said is None else said
    return make_data_set(request(kind="openml", data_home=home, **asked), lines.append)


def test_first_rows_train(tmp_path: Path) -> None:
    tensors, facts = make(prepare(tmp_path), train_rows=45, **IMAGES)
    first = VALUES[:45]
    train = np.concatenate([first[LABELS[:45] == "1"], first[LABELS[:45] == "7"]])
    assert np.array_equal(tensors["X_train"], train)
    assert np.array_equal(tensors["X_test"][:5], VALUES[45:][LABELS[45:] == "1"])
    assert facts["counts_train"] == [15, 15]
    assert facts["counts_test"] == [5, 5]
    assert (facts["unit"], facts["scale"], facts["image_shape"]) == (255.0, "unit", [2, 2])
    assert facts["seed"] is None
    assert facts["source"] == "OpenML Tiny-Images, version 1"


def test_order_of_classes_and_drawn_split(tmp_path: Path) -> None:
    home = prepare(tmp_path)
    assert make(home, classes=None)[1]["classes"] == ["1", "4", "7"]
    tensors, facts = make(home, classes=("7", "4"), test_fraction=0.25)
    assert facts["counts_test"] == [5, 5]
    assert facts["seed"] is not None
    of_seven = {tuple(row) for row in VALUES[LABELS == "7"].tolist()}
    for part in ("train", "test"):
        X, y = tensors[f"X_{part}"], tensors[f"y_{part}"]
        assert [tuple(row) in of_seven for row in X.tolist()] == (y == 0).tolist()
    assert facts["scale"] == "standard"
    assert facts["unit"] == tensors["X_train"].max()


def test_checksum(tmp_path: Path) -> None:
    home = prepare(tmp_path)
    found = make(home, train_rows=45, **IMAGES)[1]["parameters"]["sha256"]
    make(home, train_rows=45, sha256=found, **IMAGES)
    with pytest.raises(InputError, match=f"have sha256 {found}, not {'0' * 64}"):
        make(home, train_rows=45, sha256="0" * 64, **IMAGES)


def replacement(folder: Path, **changes: Any) -> Path:
    two = LABELS != "4"
    X, y = VALUES[two].astype(np.uint8), (LABELS[two] == "7").astype(np.uint8)
    arrays = {"X_train": X[:30], "y_train": y[:30], "X_test": X[30:], "y_test": y[30:]}
    np.savez(folder / "tiny.npz", **{**arrays, **changes})
    return folder


def test_an_altered_download_is_refused(tmp_path: Path) -> None:
    kept = prepare(tmp_path) / "openml/openml.org/data/v1/download/9001/Tiny-Images.arff.gz"
    arff = gzip.decompress(kept.read_bytes())
    row = ",".join(map(str, VALUES[0])).encode()
    altered = arff.replace(row, row[:-1] + (b"1" if row.endswith(b"0") else b"0"), 1)
    assert altered != arff
    kept.write_bytes(gzip.compress(altered))
    # Its MD5 is not the one that OpenML gives: it is asked for again, which the test refuses.
    with pytest.raises(InputError, match=r"could not be fetched .*the test opened a socket"):
        make(tmp_path, **IMAGES)


def test_data_dir_takes_the_place_of_the_download(tmp_path: Path) -> None:
    said: list[str] = []
    keys: dict[str, Any] = {"train_rows": 45, **IMAGES}
    folder = replacement(tmp_path)
    replaced = make(tmp_path / "nothing", said, data_dir=folder, **keys)
    fetched = make(prepare(tmp_path / "home"), **keys)
    assert not (tmp_path / "nothing").exists()
    assert "takes the place" in said[0]
    for key in fetched[0]:
        assert np.array_equal(replaced[0][key], fetched[0][key])
    same = set(fetched[1]) - {"source"}
    assert {key: replaced[1][key] for key in same} == {key: fetched[1][key] for key in same}


def test_without_train_rows_a_file_in_data_dir_is_split_anew(tmp_path: Path) -> None:
    folder = replacement(tmp_path)
    keys: dict[str, Any] = {"data_dir": folder, "test_fraction": 0.25, **IMAGES}
    tensors, facts = make(tmp_path / "nothing", **keys)
    own = make(tmp_path / "nothing", train_rows=45, data_dir=folder, **IMAGES)[0]
    assert (facts["counts_train"], facts["counts_test"]) == ([15, 15], [5, 5])
    assert facts["seed"] is not None
    assert facts["parameters"]["test_fraction"] == 0.25

    def rows(arrays: dict[str, np.ndarray], parts: tuple[str, ...]) -> list[tuple[float, ...]]:
        return sorted(
            (*row, y)
            for part in parts
            for row, y in zip(
                arrays[f"X_{part}"].tolist(), arrays[f"y_{part}"].tolist(), strict=True
            )
        )

    # The same points in all, and none of them twice; test points of the file are trained on.
    assert rows(tensors, ("train", "test")) == rows(own, ("train", "test"))
    assert set(rows(tensors, ("train",))) & set(rows(own, ("test",)))
    again = make(tmp_path / "nothing", **keys)[0]
    assert all(np.array_equal(again[key], tensors[key]) for key in tensors)


def test_a_file_in_data_dir_has_all_classes_where_none_is_named(tmp_path: Path) -> None:
    y = np.arange(60, dtype=np.uint8) % 3
    X = VALUES[:60].astype(np.uint8)
    folder = replacement(tmp_path, X_train=X[:45], X_test=X[45:], y_train=y[:45], y_test=y[45:])
    keys: dict[str, Any] = {"data_dir": folder, "train_rows": 45, "image_shape": (2, 2)}
    tensors, facts = make(tmp_path / "nothing", **keys)
    assert facts["classes"] == ["0", "1", "2"]
    assert facts["counts_train"] == [15, 15, 15]
    assert np.array_equal(
        tensors["X_test"], np.concatenate([X[45:][y[45:] == c] for c in range(3)])
    )
    np.savez(folder / "tiny.npz", X_train=X[:45], X_test=X[45:], y_train=y[:45] * 2, y_test=y[45:])
    with pytest.raises(InputError, match=r"y_train holds '4'; .* has labels 0 and 1 and 2 and 3"):
        make(tmp_path / "nothing", **keys)


def test_a_variant_takes_the_file_of_what_it_varies(tmp_path: Path) -> None:
    said: list[str] = []
    folder = replacement(tmp_path)
    keys: dict[str, Any] = {"name": "other", "data_dir": folder, "train_rows": 45, **IMAGES}
    varied = make(tmp_path / "nothing", said, variant_of="tiny", **keys)
    assert "tiny.npz takes the place" in said[0]
    own = make(tmp_path / "nothing", **{**keys, "name": "tiny"})
    assert all(np.array_equal(varied[0][key], own[0][key]) for key in own[0])
    # A file of its own goes first.
    (folder / "other.npz").write_bytes((folder / "tiny.npz").read_bytes())
    said.clear()
    make(tmp_path / "nothing", said, variant_of="tiny", **keys)
    assert "other.npz takes the place" in said[0]


def test_data_dir_without_the_file_falls_through(tmp_path: Path) -> None:
    said: list[str] = []
    empty = tmp_path / "empty"
    empty.mkdir()
    make(prepare(tmp_path / "home"), said, data_dir=empty, train_rows=45, **IMAGES)
    assert "tiny.npz: no such file; asking OpenML for Tiny-Images" in said[0]


def broken(home: Path) -> Path:
    path = home / "openml/openml.org/data/v1/download/9001/Tiny-Images.arff.gz"
    path.write_bytes(path.read_bytes()[:40])
    return home


def text_cells(home: Path) -> Path:
    return prepare(home, [["a"] * FEATURES] * ROWS, "nominal")


def missing_cells(home: Path) -> Path:
    return prepare(home, [["?", *row[1:]] for row in VALUES.tolist()])


BAD: dict[str, tuple[Callable[[Path], Path], dict[str, Any], tuple[str, ...]]] = {
    "no network": (lambda d: d, {}, ("'Tiny-Images' version 1", "try again", "tiny.npz")),
    "broken cache": (lambda d: broken(prepare(d)), {}, ("'Tiny-Images'", "try again", "data_dir")),
    "other version": (prepare, {"version": 2}, ("version 2", "try again")),
    "home is a file": (lambda d: prepare(d) / "f", {}, ("could not be fetched",)),
    "no name": (prepare, {"openml_name": None}, ("'openml_name'", "must be of type text")),
    "class absent": (prepare, {"classes": ("1", "9")}, ("names '9'", "'1', '4', '7'")),
    "train_rows": (prepare, {"train_rows": 60}, ("'train_rows' is 60", "there are 60 rows")),
    "both": (prepare, {"train_rows": 9, "test_fraction": 0.5}, ("not both",)),
    "text": (text_cells, {}, ("'pixel0'", "is text", "kind 'file'")),
    "strings": (lambda d: prepare(d, kind="string"), {}, ("Tiny-Images", "STRING")),
    "missing": (missing_cells, {}, ("is nan in row 1, column 1",)),
    "large": (prepare, {"max_bytes": 100}, ("1920 bytes", "max_bytes 100")),
    "data_dir": (prepare, {"data_dir": Path("no/folder")}, ("'data_dir' is no/folder", "name one")),
    "labels of data_dir": (
        prepare,
        {"change": {"y_test": np.full(10, 7)}},
        ("tiny.npz", "y_test holds '7'", "0 and 1"),
    ),
    "shape of data_dir": (
        prepare,
        {"change": {"y_train": np.zeros(3)}},
        ("tiny.npz", "y_train has shape (3,)"),
    ),
    "objects in data_dir": (
        prepare,
        {"change": {"X_test": np.array([[None]], dtype=object)}},
        ("tiny.npz", "'X_test'", "never unpickled"),
    ),
}


@pytest.mark.parametrize("title", BAD)
def test_bad_input_is_one_line(title: str, tmp_path: Path) -> None:
    prepare_home, keys, parts = BAD[title]
    home = tmp_path / "home"
    home.mkdir()
    home = prepare_home(home)
    if title == "home is a file":
        home.write_text("")
    keys = dict(keys)
    if "change" in keys:
        keys["data_dir"] = replacement(tmp_path, **keys.pop("change"))
    with pytest.raises(InputError) as caught:
        make(home, **{**IMAGES, **keys})
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message


def test_out_of_reach_the_cure_is_what_a_user_can_type(tmp_path: Path) -> None:
    arrays = "X_train, y_train, X_test, y_test of the two classes, labels 0 and 1"
    tail = f"with tiny.npz in it: {arrays}"
    with pytest.raises(InputError) as caught:
        make(tmp_path, **IMAGES)
    assert str(caught.value).endswith(f"or give --config data_dir=FOLDER {tail}")
    with pytest.raises(InputError, match=r"X_test, y_test of all classes, labels 0, 1, \.\.\.$"):
        make(tmp_path)
    (tmp_path / "my data").mkdir()
    with pytest.raises(InputError) as caught:
        make(tmp_path, data_dir=tmp_path / "my data", **IMAGES)
    assert f"--config data_dir='{tmp_path}/my data' {tail}" in str(caught.value)


def test_columns_are_ignored_and_a_running_number_is_said(tmp_path: Path) -> None:
    cells = [[number, *row[1:]] for number, row in enumerate(VALUES.tolist())]
    home = prepare(tmp_path, cells)
    _, facts = make(home, classes=("1", "7"))
    assert ["'pixel0' looks like a running number" in line for line in facts["notes"]] == [True]
    tensors, facts = make(home, classes=("1", "7"), ignore=("pixel0", "pixel2"))
    assert (facts["features"], facts["notes"]) == (2, [])
    kept = np.concatenate([tensors["X_train"], tensors["X_test"]])
    expected = VALUES[LABELS != "4"][:, [1, 3]]
    assert sorted(map(tuple, kept.tolist())) == sorted(map(tuple, expected.tolist()))
    with pytest.raises(InputError, match=r"'ignore' names 'pixel', .* did you mean 'pixel\d'"):
        make(home, classes=("1", "7"), ignore=("pixel",))
    with pytest.raises(InputError, match=r"'ignore'.*leaves no feature"):
        make(home, classes=("1", "7"), ignore=tuple(f"pixel{i}" for i in range(FEATURES)))


# Counts as the paper prints them, but for the training sevens (it has 6275).
@pytest.mark.parametrize(
    ("name", "train", "test"),
    [
        ("mnist_1v7", [6742, 6265], [1135, 1028]),
        ("mnist_6v8", [5918, 5851], [958, 974]),
        ("fmnist_sandal_boot", [6000, 6000], [1000, 1000]),
        ("fmnist_shirt_coat", [6000, 6000], [1000, 1000]),
    ],
)
def test_real_images(name: str, train: list[int], test: list[int]) -> None:
    folder = os.environ.get("RICCI_FLOW_DATA_DIR")
    if folder is None:
        pytest.skip("RICCI_FLOW_DATA_DIR is not set to a folder with the real images")
    if not (Path(folder) / f"{name}.npz").is_file():
        pytest.skip(f"RICCI_FLOW_DATA_DIR has no {name}.npz")
    keys: dict[str, Any] = {"openml_name": "unused", "image_shape": (28, 28), "train_rows": 60000}
    asked = request(name, "openml", data_dir=Path(folder), **keys)
    tensors, facts = make_data_set(asked, lambda line: None)
    assert (facts["counts_train"], facts["counts_test"]) == (train, test)
    assert (facts["features"], facts["unit"], facts["scale"]) == (784, 255.0, "unit")
    assert np.all(np.diff(tensors["y_train"].astype(int)) >= 0)
    # The mean image of either class is not the other's: a coat is no shirt, a one no seven.
    means = [tensors["X_train"][tensors["y_train"] == y].mean(axis=0) for y in (0, 1)]
    assert np.abs(means[0] - means[1]).max() > 25


def test_without_pandas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = make(prepare(tmp_path), train_rows=45, **IMAGES)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    slow = make(tmp_path, train_rows=45, **IMAGES)
    assert slow[1] == fast[1]
    with pytest.raises(InputError, match="'pixel0' of OpenML Tiny-Images is text"):
        make(text_cells(tmp_path / "text"), **IMAGES)
