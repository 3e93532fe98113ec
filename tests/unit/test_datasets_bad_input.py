"""Every way a request or a file can be wrong: one line that names it, its value and the cure."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from ricci_flow.errors import InputError
from tests.unit.files import X, Y, make, parquet, save, table, write


def bomb(path: Path) -> Path:
    """Write an archive of a few kB whose array would unpack to 64 MB."""
    return save(path, X=np.zeros((4_000_000, 2)), y=np.zeros(4, int))


def lying(path: Path, shape: bytes) -> Path:
    """Write an archive whose array declares another shape, as long as the text "(20, 2)"."""
    save(path, X=X, y=Y)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    header, values = members["X.npy"][:128], members["X.npy"][128:]
    members["X.npy"] = (
        header.replace(b"(20, 2), }", shape + b", }")[:127].ljust(127) + b"\n" + values
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def flipped(path: Path) -> Path:
    """Write an archive with one byte of its values changed."""
    np.savez(path, X=X, y=Y)
    content = bytearray(path.read_bytes())
    content[content.index(X.tobytes()) + 17] ^= 255
    return write(path, bytes(content))


def cut(path: Path) -> Path:
    """Cut a file in half."""
    return write(path, path.read_bytes()[: path.stat().st_size // 2])


SPLIT = {"X_train": X, "y_train": Y, "X_test": X, "y_test": Y}
NUMBERS = "u,v,label\n1,2,a\n3,4,b\n5,6,a\n7,8,b\n"
# Title: (what makes the file in a folder, other keys, what the message must say).
Case = tuple[Callable[[Path], Path | None], dict[str, Any], tuple[str, ...]]
BAD: dict[str, Case] = {
    "no path": (lambda d: None, {}, ("'path' is missing", "add it")),
    "missing csv": (lambda d: d / "a.csv", {}, ("a.csv", "no such file")),
    "missing npz": (lambda d: d / "a.npz", {}, ("a.npz", "no such file")),
    "missing parquet": (lambda d: d / "a.parquet", {}, ("a.parquet", "no such file")),
    "a folder": (lambda d: (d / "f.csv").mkdir() or d / "f.csv", {}, ("f.csv", "folder")),  # type: ignore[func-returns-value]
    "folder npz": (lambda d: (d / "f.npz").mkdir() or d / "f.npz", {}, ("f.npz", "read")),  # type: ignore[func-returns-value]
    "pickle": (lambda d: write(d / "a.pkl", b"x"), {}, ("a.pkl", ".npz, .parquet or .csv")),
    "empty csv": (lambda d: write(d / "a.csv", ""), {}, ("a.csv", "empty")),
    "empty npz": (lambda d: write(d / "a.npz", ""), {}, ("a.npz", "no .npz archive")),
    "empty parquet": (lambda d: write(d / "a.parquet", ""), {}, ("a.parquet", "no Parquet")),
    "cut npz": (lambda d: cut(save(d / "a.npz", X=X, y=Y)), {}, ("a.npz", "truncated")),
    "cut parquet": (
        lambda d: cut(parquet(d / "a.parquet", table())),
        {},
        ("a.parquet", "truncated"),
    ),
    "hollow parquet": (
        lambda d: write(d / "a.parquet", b"PAR1" + b"\1" * 40 + b"PAR1"),
        {},
        ("a.parquet", "cannot be read"),
    ),
    "flipped byte": (lambda d: flipped(d / "a.npz"), {}, ("a.npz", "'X' is damaged")),
    "more rows": (lambda d: lying(d / "a.npz", b"(90, 2)"), {}, ("a.npz", "'X' is damaged", "EOF")),
    "fewer rows": (lambda d: lying(d / "a.npz", b"(9, 2)"), {}, ("a.npz", "'X'", "longer than")),
    "no rows at all": (lambda d: lying(d / "a.npz", b"(-20, 2)"), {}, ("a.npz", "'X' is damaged")),
    "a shape beyond memory": (
        lambda d: lying(d / "a.npz", b"(99999999999999, 2)"),
        {},
        ("a.npz", "'X' is damaged"),
    ),
    "a shape beyond numbers": (
        lambda d: lying(d / "a.npz", b"(99999999999999999999, 2)"),
        {},
        ("a.npz", "'X' is damaged"),
    ),
    "zip bomb": (
        lambda d: bomb(d / "a.npz"),
        {"max_bytes": 2**20},
        ("a.npz", "64000128 bytes", "max_bytes 1048576"),
    ),
    "sum of arrays": (
        lambda d: save(d / "a.npz", **SPLIT),
        {"max_bytes": 1300},
        ("a.npz", "up to 'y_test'", "max_bytes"),
    ),
    "large csv": (lambda d: write(d / "a.csv", NUMBERS), {"max_bytes": 9}, ("a.csv", "max_bytes")),
    "large parquet": (
        lambda d: parquet(d / "a.parquet", pl.DataFrame({"u": [1] * 9999, "label": [1] * 9999})),
        {"max_bytes": 100_000},
        ("a.parquet", "9999 rows", "max_bytes"),
    ),
    "objects": (
        lambda d: save(d / "a.npz", X=X, y=np.array(["a", None] * 10, dtype=object)),
        {},
        ("a.npz", "'y'", "never unpickled"),
    ),
    "object features": (
        lambda d: save(d / "a.npz", X=X.astype(object), y=Y),
        {},
        ("a.npz", "'X'", "never unpickled"),
    ),
    "no y": (lambda d: save(d / "a.npz", X=X, labels=Y), {}, ("'y'", "'X', 'labels'")),
    "half split": (
        lambda d: save(d / "a.npz", X_train=X, y_train=Y),
        {},
        ("'X_test'", "it has 'X_train', 'y_train'"),
    ),
    "both forms": (lambda d: save(d / "a.npz", X=X, y=Y, **SPLIT), {}, ("both", "keep either")),
    "label of npz": (lambda d: save(d / "a.npz", X=X, y=Y), {"label": "y"}, ("'label'", "remove")),
    "1-D X": (lambda d: save(d / "a.npz", X=X[:, 0], y=Y), {}, ("a.npz", "(20,)", "reshape")),
    "3-D X": (
        lambda d: save(d / "a.npz", X=X[:, :, None], y=Y),
        {},
        ("X has shape (20, 2, 1)", "reshape"),
    ),
    "short y": (lambda d: save(d / "a.npz", X=X, y=Y[:19]), {}, ("y has shape (19,)", "(20,)")),
    "2-D y": (lambda d: save(d / "a.npz", X=X, y=Y[:, None]), {}, ("y has shape (20, 1)",)),
    "fractions": (lambda d: save(d / "a.npz", X=X, y=Y / 2), {}, ("y holds 0.5", "whole numbers")),
    "nan label": (lambda d: save(d / "a.npz", X=X, y=Y + np.nan), {}, ("y holds nan",)),
    "bytes": (lambda d: save(d / "a.npz", X=X, y=Y.astype("S")), {}, ("y is of type |S",)),
    "complex": (lambda d: save(d / "a.npz", X=X * 1j, y=Y), {}, ("complex128", "real numbers")),
    "text X": (lambda d: save(d / "a.npz", X=X.astype(str), y=Y), {}, ("X is of type <U",)),
    "nan": (
        lambda d: save(d / "a.npz", X=np.where(X == 7, np.nan, X), y=Y),
        {},
        ("X is nan in row 4, column 2", "fill in"),
    ),
    "infinite": (
        lambda d: save(d / "a.npz", X=np.where(X == 6, -np.inf, X), y=Y),
        {},
        ("X is -inf in row 4, column 1",),
    ),
    "beyond float32": (
        lambda d: save(d / "a.npz", X=X * 1e200, y=Y),
        {},
        ("too large for 32 bits", "rescale"),
    ),
    "no rows": (lambda d: save(d / "a.npz", X=X[:0], y=Y[:0]), {}, ("(0, 2)", "needs rows")),
    "no columns": (lambda d: save(d / "a.npz", X=X[:, :0], y=Y), {}, ("(20, 0)", "features")),
    "constant": (
        lambda d: save(d / "a.npz", X=np.ones((20, 2)), y=Y),
        {},
        ("every feature is constant",),
    ),
    "widths differ": (
        lambda d: save(d / "a.npz", **{**SPLIT, "X_test": X[:, :1]}),
        {},
        ("2 columns", "X_test 1"),
    ),
    "one class": (lambda d: save(d / "a.npz", X=X, y=Y * 0), {}, ("one class, '0'",)),
    "a class per row": (
        lambda d: save(d / "a.npz", X=np.arange(600.0).reshape(300, 2), y=np.arange(300)),
        {},
        ("300 classes ('0', '1', '2'", "at most 256", "'classes', or another column"),
    ),
    "class absent": (
        lambda d: save(d / "a.npz", X=X, y=Y),
        {"classes": ("0", "7")},
        ("'classes' names '7'", "'0', '1'"),
    ),
    "class absent in test": (
        lambda d: save(d / "a.npz", **{**SPLIT, "y_test": Y * 0}),
        {},
        ("no test row", "'1'"),
    ),
    "third class in test": (
        lambda d: save(d / "a.npz", **{**SPLIT, "y_test": Y * 2}),
        {},
        ("no training row", "'2'"),
    ),
    "same class twice": (
        lambda d: save(d / "a.npz", X=X, y=Y),
        {"classes": ("1", "1")},
        ("'classes'", "must not name anything twice"),
    ),
    "too few rows": (
        lambda d: save(d / "a.npz", X=X[:3], y=Y[:3]),
        {},
        ("a.npz", "test_fraction 0.5", "y = 1 (1 rows)"),
    ),
    "fraction and split": (
        lambda d: save(d / "a.npz", **SPLIT),
        {"test_fraction": 0.5},
        ("'test_fraction'", "split already"),
    ),
    "fraction 1": (
        lambda d: save(d / "a.npz", X=X, y=Y),
        {"test_fraction": 1.0},
        ("'test_fraction' is 1.0", "must be less than 1"),
    ),
    "image shape": (
        lambda d: save(d / "a.npz", X=X, y=Y),
        {"image_shape": (2, 2)},
        ("2 x 2", "2 features"),
    ),
    "no label column": (
        lambda d: write(d / "a.csv", NUMBERS),
        {"label": "type"},
        ("a.csv", "'type'", "'u', 'v', 'label'", "key 'label'"),
    ),
    "label alone": (lambda d: write(d / "a.csv", "label\na\nb\n"), {}, ("no column besides",)),
    "name of two lines": (
        lambda d: write(d / "a.csv", 'u,"v\nw",type\n1,2,a\n'),
        {},
        ("a.csv", r"'v\nw'"),
    ),
    "semicolons": (
        lambda d: write(d / "a.csv", NUMBERS.replace(",", ";")),
        {},
        ("a.csv", "its columns are: 'u;v;label'"),
    ),
    "column twice": (
        lambda d: write(d / "a.csv", "u,u,label\n1,2,a\n"),
        {},
        ("'u' occurs twice", "rename"),
    ),
    "names only": (lambda d: write(d / "a.csv", "u,v,label\n"), {}, ("a.csv", "no rows")),
    "no rows in parquet": (
        lambda d: parquet(d / "a.parquet", table()[:0]),
        {},
        ("a.parquet", "no rows"),
    ),
    "text feature": (
        lambda d: write(d / "a.csv", NUMBERS.replace("5", "five")),
        {},
        ("column 'u' is no number", "'five' in row 3", "encode"),
    ),
    "dates": (
        lambda d: parquet(d / "a.parquet", table().with_columns(u=pl.date(2020, 1, 1))),
        {},
        ("column 'u' is no number (Date)",),
    ),
    "missing value": (
        lambda d: write(d / "a.csv", NUMBERS.replace("5,6", "5,")),
        {},
        ("column 'v' has no value in row 3",),
    ),
    "quoted and empty": (
        lambda d: write(d / "a.csv", '"u","v","label"\n"1","2","a"\n"3","","b"\n'),
        {},
        ("column 'v' has no value in row 2",),
    ),
    "blank": (
        lambda d: write(d / "a.csv", NUMBERS.replace("5,6", "5, ")),
        {},
        ("column 'v' has no value in row 3",),
    ),
    "empty and text": (
        lambda d: write(d / "a.csv", NUMBERS.replace("5,6", '5,""').replace("8", "eight")),
        {},
        ("column 'v' is no number", "'eight' in row 4"),
    ),
    "quoted and empty label": (
        lambda d: write(d / "a.csv", NUMBERS.replace("6,a", '6,""')),
        {},
        ("column 'label' has no label in row 3",),
    ),
    "missing label": (
        lambda d: write(d / "a.csv", NUMBERS.replace("6,a", "6,")),
        {},
        ("column 'label' has no label in row 3",),
    ),
    "nan in csv": (
        lambda d: write(d / "a.csv", NUMBERS.replace("6", "NaN")),
        {},
        ("column 'v' is nan in row 3",),
    ),
    "long row": (lambda d: write(d / "a.csv", NUMBERS + "1,2,a,9\n"), {}, ("a.csv", "read")),
    "latin-1": (
        lambda d: write(d / "a.csv", "u,größe,label\n1,2,a\n".encode("latin-1")),
        {},
        ("a.csv", "UTF-8"),
    ),
    "latin-1 below": (
        lambda d: write(d / "a.csv", (NUMBERS + "1,2,ä\n").encode("latin-1")),
        {},
        ("a.csv", "UTF-8"),
    ),
    "list labels": (
        lambda d: parquet(d / "a.parquet", table([[1], [2]] * 4)),
        {},
        ("'label' is of type List",),
    ),
    "key of another kind": (
        lambda d: save(d / "a.npz", X=X, y=Y),
        {"generator": "crossing_sheets"},
        ("unknown key 'generator'", "use one of", "ignore"),
    ),
    "unit": (
        lambda d: save(d / "a.npz", X=X, y=Y),
        {"unit": -1.0},
        ("'unit' is -1.0", "greater than 0"),
    ),
    "scale": (lambda d: save(d / "a.npz", X=X, y=Y), {"scale": "log"}, ("'scale' is 'log'",)),
    "unknown kind": (lambda d: None, {"kind": "url"}, ("'kind' is 'url'", "must be one of")),
    "unknown table": (
        lambda d: None,
        {"kind": "sklearn", "table": "boston"},
        ("'table' is 'boston'", "must be one of digits"),
    ),
    "unknown generator": (
        lambda d: None,
        {"kind": "synthetic", "generator": "torus"},
        ("'generator' is 'torus'", "double_swiss_roll"),
    ),
    "one point": (
        lambda d: None,
        {"kind": "synthetic", "generator": "crossing_sheets", "n_test": 1},
        ("'n_test' is 1", "at least 2"),
    ),
    "too many points": (
        lambda d: None,
        {"kind": "synthetic", "generator": "crossing_sheets", "n_train": 10**12},
        ("1000000000000", "max_bytes"),
    ),
}


@pytest.mark.parametrize("title", BAD)
def test_bad_input_is_one_line(title: str, tmp_path: Path) -> None:
    prepare, keys, parts = BAD[title]
    with pytest.raises(InputError) as caught:
        make(prepare(tmp_path), **keys)
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", X=X, y=Y)
    path.chmod(0)
    with pytest.raises(InputError, match=r"a\.npz: cannot be read"):
        make(path)
