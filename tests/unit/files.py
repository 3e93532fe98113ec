"""Small files of data, and the data sets made of them, that several tests share."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.datasets.make import make_data_set
from ricci_flow.datasets.request import Request

X = np.arange(40, dtype=np.float64).reshape(20, 2)
Y = np.array([0, 1] * 10)


def make(path: Path | None, kind: str = "file", **keys: Any) -> tuple[dict, dict]:
    return make_data_set(Request("mine", kind, path=path, **keys), lambda line: None)


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
