"""Small files of data, and the data sets made of them, that several tests share."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from pydantic import TypeAdapter

from ricci_flow.datasets.make import make_data_set
from ricci_flow.datasets.request import DataSet, Request
from ricci_flow.validation import read

DATA_SET: TypeAdapter = TypeAdapter(DataSet)
X = np.arange(40, dtype=np.float64).reshape(20, 2)
Y = np.array([0, 1] * 10)


def request(name: str, kind: str, **keys: Any) -> Request:
    """A request from the keys of its entry and the other arguments together."""
    own = {field.name for field in fields(Request)} - {"name", "entry"}
    entry = {key: value for key, value in keys.items() if key not in own}
    rest = {key: value for key, value in keys.items() if key in own}
    where = f"data set {name!r}"
    return Request(name, read(DATA_SET.validate_python, {"kind": kind, **entry}, where), **rest)


def make(path: Path | None, kind: str = "file", **keys: Any) -> tuple[dict, dict]:
    keys |= {} if path is None else {"path": str(path)}
    return make_data_set(request("mine", kind, **keys), lambda line: None)


def save(path: Path, **arrays: Any) -> Path:
    np.savez_compressed(path, **arrays)
    return path


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def table(labels: list[Any] = list("aabbaabb")) -> pl.DataFrame:  # noqa: B006
    return pl.DataFrame(
        {"u": range(len(labels)), "label": labels, "v": [0.5 * i for i in range(len(labels))]}
    )


def parquet(path: Path, frame: pl.DataFrame) -> Path:
    frame.write_parquet(path)
    return path
