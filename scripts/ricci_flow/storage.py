"""Reading and writing of the files that pass between stages.

Tensors are safetensors, tables Parquet, small facts JSON; nothing is ever unpickled. Files are
written beside their destination and then renamed, so an interrupted write leaves no half file.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ricci_flow.errors import InputError

if TYPE_CHECKING:  # polars costs 0.2 s; stages that touch tensors only do without it
    import polars as pl


def _staged(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    # The same name every time, so that what a killed job left behind is replaced by the next.
    return path.with_name(f".{path.name}.part")


def write_json(path: Path, facts: Mapping[str, Any]) -> None:
    """Write `facts` as sorted, indented JSON."""
    part = _staged(path)
    part.write_text(json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    part.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object written by `write_json`.

    Raises InputError naming the file where it is missing or damaged.
    """
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}); delete it and run again") from None


def write_tensors(
    path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None
) -> None:
    """Write named arrays (C-contiguous copies are made where needed) and text metadata.

    The metadata go in as one JSON text: safetensors writes several in an order of its own, which
    differs from run to run.
    """
    part = _staged(path)
    contiguous = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    facts = json.dumps(dict(metadata or {}), sort_keys=True)
    save_file(contiguous, part, metadata={"facts": facts} if metadata else None)
    part.replace(path)


class TensorFile:
    """Lazy reader of a safetensors file; one array is read at a time.

    Use as a context manager. Raises InputError naming the file where it is missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = safe_open(path, framework="numpy")
            self._file.__enter__()
        except (OSError, SafetensorError) as error:
            raise InputError(f"{path}: cannot be read ({error}); delete it and run again") from None
        facts = (self._file.metadata() or {}).get("facts", "{}")
        self.metadata: dict[str, str] = json.loads(facts)
        self.names: list[str] = list(self._file.keys())

    def __enter__(self) -> "TensorFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.__exit__(None, None, None)

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one whole array."""
        try:
            return np.asarray(self._file.get_tensor(name))
        except SafetensorError as error:
            raise InputError(f"{self.path}: holds no {name!r} ({error})") from None

    def rows(self, name: str, start: int, stop: int) -> np.ndarray:
        """Return `array[start:stop]` along the first axis without reading the rest."""
        return np.asarray(self._file.get_slice(name)[start:stop])


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """Read every array of a safetensors file."""
    with TensorFile(path) as file:
        return {name: file[name] for name in file.names}


def write_table(path: Path, table: "pl.DataFrame") -> None:
    """Write a table as zstd-compressed Parquet."""
    part = _staged(path)
    table.write_parquet(part, compression="zstd", statistics=False)
    part.replace(path)


def read_table(path: Path) -> "pl.DataFrame":
    """Read a Parquet table; raises InputError naming the file where it is missing or damaged."""
    import polars as pl

    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: cannot be read ({reason}); delete it and run again") from None


def read_tables(paths: list[Path]) -> "pl.DataFrame":
    """Read several tables of one schema, one below the other."""
    import polars as pl

    return pl.concat([read_table(path) for path in paths], how="vertical")
