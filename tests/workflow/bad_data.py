"""Files of data with everything wrong that can be wrong with them."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tests.unit.files import X, Y, parquet, save, table, write

ROWS = "u,v,label\n" + "".join(f"{i},{i * i % 7},{'ab'[i % 2]}\n" for i in range(20))
SPLIT = {"X_train": X, "y_train": Y, "X_test": X, "y_test": Y}
TENSORS, GRID = "results/tiny/datasets/mine.safetensors", "results/tiny/datasets/mine.grid.json"


@dataclass(frozen=True)
class BadData:
    """A file, how it is made, what its catalogue entry adds, and what the message must say.

    target: what is asked for; the file's name must be in the message unless `named` is another.
    """

    file: str
    make: Callable[[Path], object]
    says: tuple[str, ...]
    keys: dict[str, Any] = field(default_factory=dict)
    target: str = TENSORS
    named: str | None = None


def text(content: str | bytes) -> Callable[[Path], object]:
    return lambda path: write(path, content)


def arrays(**named: np.ndarray) -> Callable[[Path], object]:
    return lambda path: save(path, **named)


def frame(content: pl.DataFrame) -> Callable[[Path], object]:
    return lambda path: parquet(path, content)


def cut(make: Callable[[Path], object]) -> Callable[[Path], object]:
    """The first half of the file that `make` makes."""

    def half(path: Path) -> None:
        make(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return half


def bomb(path: Path) -> None:
    """An archive of a few hundred bytes whose directory declares two arrays of 4 GiB each."""
    save(path, **SPLIT)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        at = archive.start_dir
        for info in archive.infolist():
            if info.filename.startswith("X"):
                content[at + 24 : at + 28] = (0xFFFFFFF0).to_bytes(4, "little")
            at += 46 + len(info.filename) + int.from_bytes(content[at + 30 : at + 32], "little")
    path.write_bytes(content)


def objects(path: Path) -> None:
    """An archive whose labels are pickled; unpickling would make a file `pwned`."""

    class Harmful:
        def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
            return Path.touch, (Path("pwned"),)  # type: ignore[return-value]

    labels = np.empty(20, object)
    labels[:] = [Harmful()] * 20
    save(path, X=X, y=labels)


BAD: dict[str, BadData] = {
    "nan": BadData("m.csv", text(ROWS.replace("3,2", "NaN,2")), ("'u' is nan in row 4",)),
    "infinity": BadData("m.npz", arrays(X=np.where(X == 6, np.inf, X), y=Y), ("X is inf", "row 4")),
    "no value": BadData("m.csv", text(ROWS.replace("3,2", ",2")), ("'u' has no value in row 4",)),
    "text": BadData("m.csv", text(ROWS.replace("3,2", "three,2")), ("'u'", "'three' in row 4")),
    "one class": BadData("m.csv", text(ROWS.replace("b\n", "a\n")), ("one class",)),
    "no such class": BadData(
        "m.csv", text(ROWS), ("'classes' names 'c'", "'a', 'b'"), {"classes": ["a", "c"]}
    ),
    "no label column": BadData(
        "m.csv", text(ROWS), ("no column 'type'", "'u', 'v', 'label'"), {"label": "type"}
    ),
    "no label": BadData("m.csv", text(ROWS.replace("3,2,b", "3,2,")), ("no label in row 4",)),
    "column twice": BadData("m.csv", text(ROWS.replace("u,v", "u,u")), ("'u' occurs twice",)),
    "zero rows": BadData("m.csv", text("u,v,label\n"), ("no rows",)),
    "empty": BadData("m.csv", text(""), ("is empty",)),
    "zero rows, npz": BadData("m.npz", arrays(X=X[:0], y=Y[:0]), ("(0, 2)", "rows")),
    "fewer points than k": BadData(
        *("m.csv", text(ROWS), ("goes up to 12", "the 10 test points")),
        *({"k_grid": [12]}, GRID, "data set mine"),
    ),
    "all constant": BadData(
        "m.npz", arrays(X=X * 0, y=Y), ("every feature is constant",), named="'mine'"
    ),
    "one test point": BadData(
        "m.npz",
        arrays(**{**SPLIT, "X_test": X * 0}),
        ("all test rows are the same",),
        named="'mine'",
    ),
    "complex": BadData("m.npz", arrays(X=X * 1j, y=Y), ("complex128", "real numbers")),
    "text array": BadData("m.npz", arrays(X=X.astype(str), y=Y), ("<U32", "real numbers")),
    "fractions": BadData("m.npz", arrays(X=X, y=Y / 2), ("y holds 0.5", "whole numbers")),
    "shape of X": BadData("m.npz", arrays(X=X[:, :, None], y=Y), ("(20, 2, 1)", "reshape")),
    "shape of y": BadData("m.npz", arrays(X=X, y=Y[:19]), ("(19,)", "(20,)")),
    "widths differ": BadData(
        "m.npz", arrays(**{**SPLIT, "X_test": X[:, :1]}), ("2 columns", "X_test 1"), named="'mine'"
    ),
    "image shape": BadData(
        *("m.npz", arrays(X=X, y=Y), ("2 x 2", "2 features")),
        *({"image_shape": [2, 2]}, TENSORS, "'mine'"),
    ),
    "latin-1": BadData("m.csv", text(ROWS.replace("a", "ä").encode("latin-1")), ("UTF-8",)),
    "utf-16": BadData("m.csv", text(ROWS.encode("utf-16")), ("UTF-8",)),
    "cut npz": BadData("m.npz", cut(arrays(X=X, y=Y)), ("truncated", "copy it again")),
    "cut parquet": BadData("m.parquet", cut(frame(table())), ("truncated", "copy it again")),
    "not what it is called": BadData("m.npz", text(ROWS), ("no .npz archive",)),
    "pickled objects": BadData("m.npz", objects, ("'y'", "never unpickled")),
    "zip bomb": BadData("m.npz", bomb, ("unpack to 8", "max_bytes 8589934592")),
    "lists": BadData(
        "m.parquet", frame(table().with_columns(u=pl.lit([1, 2]))), ("'u' is no number (List",)
    ),
    "long label": BadData("m.csv", text(ROWS + f"1,2,{'a' * 2000}\n"), ("2000 bytes in row 21",)),
    "another checksum": BadData(
        *("m.csv", text(ROWS), ("have sha256", "as key 'sha256' says")),
        *({"sha256": "0" * 64}, TENSORS, "'mine'"),
    ),
    "other ending": BadData("m.pkl", text(ROWS), (".npz, .parquet or .csv",)),
}
