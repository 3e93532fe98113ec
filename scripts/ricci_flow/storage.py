"""Reading and writing of the files that pass between stages.

Tensors are safetensors, tables Parquet, small facts JSON; nothing is ever unpickled. Files are
written next to their destination and then renamed, so an interrupted write leaves no half file.
Every file carries CRC-32 checksums (some 6 GB/s), so that a reader notices a single changed bit;
files without one, as other programs write them, are read all the same.
"""

import io
import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ricci_flow.disk import staged
from ricci_flow.errors import InputError
from ricci_flow.tables.schema import Table

if TYPE_CHECKING:  # polars costs 0.2 s; stages that touch tensors only do without it
    import polars as pl


def damaged(path: Path, reason: object) -> InputError:
    """Return the error for a file of an earlier stage that cannot be used, on one line."""
    text = " ".join(str(reason).split()) or type(reason).__name__
    text = text if len(text) <= 160 else text[:157] + "..."
    return InputError(f"{path}: cannot be read ({text}); delete it and run again")


def checksum(array: np.ndarray, start: int = 0) -> int:
    """Return the CRC-32 of an array's bytes, going on from `start`."""
    return zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data, start)


def _as_json(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write_json(path: Path, facts: Mapping[str, Any]) -> None:
    """Write `facts` as sorted, indented JSON, with their checksum as one more key, `crc32`."""
    facts = json.loads(_as_json(facts))  # keys as text, in the order in which a reader sorts them
    crc = f"{zlib.crc32(_as_json(facts).encode()):08x}"
    with staged(path) as part:
        part.write_text(_as_json({**facts, "crc32": crc}), "utf-8")


def read_json(path: Path, needed: Sequence[str] = ()) -> dict[str, Any]:
    """Read a JSON object written by `write_json`, without its checksum.

    needed: keys that it must have. Raises InputError naming the file where it is missing, damaged,
    or lacks one.
    """
    try:
        facts = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path, error) from None
    if not isinstance(facts, dict):
        raise damaged(path, f"holds a {type(facts).__name__}, not keys with values")
    crc = facts.pop("crc32", None)
    if crc is not None and crc != f"{zlib.crc32(_as_json(facts).encode()):08x}":
        raise damaged(path, "its content does not match its checksum")
    missing = [name for name in needed if name not in facts]
    if missing:
        raise damaged(path, f"it has no key {missing[0]!r}")
    return facts


def _tensor_checksum(name: str, array: np.ndarray) -> int:
    return checksum(array, zlib.crc32(f"{name} {array.dtype.str} {array.shape}".encode()))


def write_tensors(
    path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None
) -> None:
    """Write named arrays (C-contiguous copies are made where needed) and text metadata.

    The metadata and the arrays' checksums go in as one JSON text: safetensors writes several in an
    order of its own, which differs from run to run.
    """
    contiguous = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    crc = {name: _tensor_checksum(name, array) for name, array in contiguous.items()}
    facts = json.dumps({**(metadata or {}), "crc32": crc}, sort_keys=True)
    with staged(path) as part:
        save_file(contiguous, part, metadata={"facts": facts})


class TensorFile:
    """Lazy reader of a safetensors file; one array is read at a time.

    part: what the names of the arrays to read begin with; they are then known without it. Use as a
    context manager. Raises InputError naming the file where it is missing or damaged.
    """

    def __init__(self, path: Path, part: str = "") -> None:
        self.path, self._part = path, part
        try:
            self._file = safe_open(path, framework="numpy")
            self._file.__enter__()
            facts = json.loads((self._file.metadata() or {}).get("facts", "{}"))
            self._crc: dict[str, int] = dict(facts.pop("crc32", {}))
        except (OSError, SafetensorError, ValueError, AttributeError, TypeError) as error:
            raise damaged(path, error) from None
        self.metadata: dict[str, str] = facts
        names: list[str] = list(self._file.keys())
        self.names = [name.removeprefix(part) for name in names if name.startswith(part)]

    def __enter__(self) -> "TensorFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.__exit__(None, None, None)

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one whole array, checked against its checksum."""
        name = self._part + name
        try:
            array = np.asarray(self._file.get_tensor(name))
        except (SafetensorError, ValueError, TypeError) as error:
            raise damaged(self.path, f"no array {name!r}: {error}") from None
        # Where others have a checksum, one without it has lost it: its name there was changed.
        if self._crc and self._crc.get(name) != _tensor_checksum(name, array):
            raise damaged(self.path, f"array {name!r} does not match its checksum")
        return array

    def rows(self, name: str, start: int, stop: int) -> np.ndarray:
        """Return `array[start:stop]` along the first axis without reading, or checking, the rest.

        Raises InputError where the array has no such rows.
        """
        try:
            array = np.asarray(self._file.get_slice(self._part + name)[start:stop])
        except (SafetensorError, ValueError, TypeError, IndexError, OverflowError) as error:
            raise damaged(self.path, f"no rows {start} to {stop} of {name!r}: {error}") from None
        if len(array) != stop - start:
            raise damaged(self.path, f"array {name!r} ends before row {stop}")
        return array


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """Read every array of a safetensors file."""
    with TensorFile(path) as file:
        return {name: file[name] for name in file.names}


# Eight bytes between a Parquet file's pages and its footer, where readers do not look: this mark
# and the checksum of all other bytes.
_MARK = b"CRC1"


def _footer(content: bytes) -> int:
    """Return where the footer of a Parquet file begins."""
    return len(content) - 8 - int.from_bytes(content[-8:-4], "little")


def write_table(path: Path, table: "pl.DataFrame") -> None:
    """Write a table as zstd-compressed Parquet, with a checksum before its footer."""
    buffer = io.BytesIO()
    table.write_parquet(buffer, compression="zstd", statistics=False)
    content = buffer.getvalue()
    end = _footer(content)
    stamp = _MARK + zlib.crc32(content).to_bytes(4, "little")
    with staged(path) as part:
        part.write_bytes(content[:end] + stamp + content[end:])


def read_table(path: Path, needed: "Table | Sequence[str]" = ()) -> "pl.DataFrame":
    """Read a Parquet table.

    needed: what the table must be, or columns that it must have. Raises InputError naming the file
    where it is missing, damaged, or another table.
    """
    import polars as pl

    try:
        content = path.read_bytes()
        end = _footer(content)
        if content[:4] != b"PAR1" or content[-4:] != b"PAR1" or end < 4:
            raise damaged(path, "it is no Parquet file, or a truncated one")
        if content[end - 8 : end - 4] == _MARK:
            stamp, content = content[end - 4 : end], content[: end - 8] + content[end:]
            if stamp != zlib.crc32(content).to_bytes(4, "little"):
                raise damaged(path, "its content does not match its checksum")
        table = pl.read_parquet(io.BytesIO(content))
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise damaged(path, error) from None
    if isinstance(needed, Table):
        fault = needed.fault(table)
    else:
        missing = [name for name in needed if name not in table.columns]
        fault = f"it has no column {missing[0]!r}" if missing else None
    if fault:
        raise damaged(path, fault)
    return table


def stack_tables(paths: Sequence[Path], tables: "Sequence[pl.DataFrame]") -> "pl.DataFrame":
    """Return tables of one schema, read from `paths`, concatenated.

    Raises InputError naming the first one whose columns differ from those of most.
    """
    import polars as pl

    schemas = [str(table.schema) for table in tables]
    usual = Counter(schemas).most_common(1)[0][0]
    for path, schema in zip(paths, schemas, strict=True):
        if schema != usual:
            raise damaged(path, "its columns are not those of the other ensembles")
    return pl.concat(tables, how="vertical")
