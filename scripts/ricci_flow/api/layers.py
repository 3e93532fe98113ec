"""Layers as users give them, and the file that holds them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ricci_flow.datasets.arrays import TYPES, map_arrays, natural
from ricci_flow.disk import staged
from ricci_flow.errors import InputError

_TABLES = {".csv": "read_csv", ".parquet": "read_parquet"}
_FILES = (".npy", ".npz", ".safetensors", *_TABLES)


class Layers(dict[str, np.ndarray]):
    """Layers by name, in order, each (n, features); what `record` returns and `measure` takes.

    made_by: of each layer, what it is the output of. file: where it lies, if on disk.
    """

    def __init__(
        self,
        arrays: Mapping[str, np.ndarray],
        made_by: Mapping[str, str] | None = None,
        file: Path | None = None,
    ) -> None:
        super().__init__(arrays)
        self.made_by = dict(made_by or {})
        self.file = file

    def __repr__(self) -> str:
        n = len(next(iter(self.values()))) if self else 0
        count = f"{len(self)} layer{'s' if len(self) != 1 else ''}"
        lines = [f"{count} of {n} points" + (f" in {self.file}" if self.file else "")]
        breadth = max(map(len, self), default=0)
        for name, array in self.items():
            by = self.made_by.get(name, "")
            lines.append(f"  {name:{breadth}}  {array.shape[1]:>6} features  {by}".rstrip())
        return "\n".join(lines)


def read_layers(given: Any) -> Layers:
    """Return layers, checked, of whatever `measure` takes: see there.

    Raises InputError, one line, where they are no layers of the same points.
    """
    if isinstance(given, str | Path):
        found = read_arrays(Path(given))
    elif isinstance(given, Mapping):
        found = {str(name): value for name, value in given.items()}
    elif hasattr(given, "named_modules"):
        raise InputError("layers: this is a torch module; give record(model, X), its layers on X")
    else:
        if getattr(given, "ndim", 3) < 3 or not hasattr(given, "__iter__"):
            raise InputError("layers: this is one array; give a list of them, one for each layer")
        found = {f"layer_{number}": value for number, value in enumerate(given, 1)}
    arrays = {name: _points(name, value) for name, value in found.items()}
    if len(arrays) < 2:
        raise InputError(
            f"layers: {len(arrays) or 'none'} given; give at least 2, and 4 for a coefficient"
        )
    first, n = next((name, len(array)) for name, array in arrays.items())
    for name, array in arrays.items():
        if len(array) != n:
            raise InputError(
                f"layers: {name} has {len(array)} points and {first} has {n}; give every layer "
                "the same points, in the same order"
            )
    if isinstance(given, Layers):
        return Layers(arrays, given.made_by, given.file)
    return Layers(arrays)


def read_labels(given: Any, n: int) -> np.ndarray | None:
    """Return class numbers 0, 1, ... (n,) of labels of any type; None where none are given.

    Raises InputError where they are not one for each of n points.
    """
    if given is None:
        return None
    if isinstance(given, str | Path):
        arrays = list(read_arrays(Path(given)).values())
        if len(arrays) != 1:
            raise InputError(f"{given}: holds {len(arrays)} arrays; labels are one array")
        given = arrays[0]
    labels = as_array("labels", given)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or len(labels) != n:
        raise InputError(
            f"labels: shape {labels.shape} for {n} points; give one label for each, ({n},)"
        )
    if labels.dtype.kind == "f" and not (labels == np.floor(labels)).all():
        raise InputError("labels: some are no whole numbers; give classes, none missing")
    if labels.dtype.kind == "O" and any(label is None or label != label for label in labels):
        raise InputError("labels: some are missing; leave out those points, or give them a class")
    try:
        return np.unique(labels, return_inverse=True)[1].astype(np.int64)
    except TypeError:
        raise InputError("labels: of several types; make them all text or all numbers") from None


def as_array(name: str, value: Any) -> np.ndarray:
    """Return an array of numpy, torch, polars or pandas, or of nested lists, as numpy's.

    Raises InputError where it is none.
    """
    try:
        if hasattr(value, "detach"):
            value = value.detach().cpu()
            if str(value.dtype) == "torch.bfloat16":  # which numpy lacks
                value = value.float()
            return np.asarray(value.numpy())
        return np.asarray(value.to_numpy() if hasattr(value, "to_numpy") else value)
    except (ValueError, TypeError, RuntimeError):
        raise InputError(f"{name}: is no array; give numbers, a row for each point") from None


def _points(name: str, value: Any) -> np.ndarray:
    """Return one layer as an array of finite numbers, (n, features)."""
    array = as_array(f"layers: {name}", value)
    if array.dtype.kind not in "fiub":
        raise InputError(f"layers: {name} holds {array.dtype}; give real numbers")
    if array.ndim != 2:
        raise InputError(
            f"layers: {name} has shape {array.shape}; make it (points, features), "
            "say by reshape(len(layer), -1)"
        )
    if not array.shape[1]:
        raise InputError(f"layers: {name} has no features; leave it out")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        row = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
        raise InputError(
            f"layers: {name} is not finite, first at point {row}, counted from 0; leave "
            "out such points in every layer, or look why the network makes them"
        )
    return array


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a file, in its order, or of the files of a folder, in order of names.

    .npy, .npz, .safetensors (mapped, not read), .csv, .parquet. Numbers in names count as numbers:
    layer_2 comes before layer_10. Raises InputError naming the file that cannot be read.
    """
    if path.is_dir():
        files = sorted((f for f in path.iterdir() if f.suffix in _FILES), key=natural)
        if not files:
            raise InputError(f"{path}: holds no {', '.join(_FILES)} file; check the path")
        found: dict[str, np.ndarray] = {}
        for file in files:
            arrays = read_arrays(file)
            one = len(arrays) == 1
            found |= {file.stem if one else f"{file.stem}.{name}": a for name, a in arrays.items()}
        return found
    if path.suffix not in _FILES:
        if not path.suffix and not path.exists():
            raise InputError(f"{path}: there is no such file or folder; check the path")
        raise InputError(f"{path}: of no known kind; use one of {', '.join(_FILES)}, or a folder")
    try:
        if path.suffix == ".safetensors":
            return map_arrays(path)
        if path.suffix in _TABLES:
            import polars as pl

            return {path.stem: getattr(pl, _TABLES[path.suffix])(path).to_numpy()}
        loaded = np.load(path, mmap_mode="r" if path.suffix == ".npy" else None, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {path.stem: loaded}
        with loaded:
            return {name: loaded[name] for name in loaded.files}
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; check the path") from None
    except (InputError, MemoryError, KeyboardInterrupt):
        raise
    except BaseException as error:  # of many kinds, by reader; a panic of polars is no Exception
        reason = " ".join(str(error).split())[:100]
        raise InputError(f"{path}: cannot be read ({reason}); write it again") from None


@contextmanager
def layer_file(
    path: Path, arrays: Mapping[str, tuple[Sequence[int], np.dtype]]
) -> Iterator[dict[str, np.ndarray]]:
    """Give arrays of these shapes and types to fill, which are mapped to a safetensors file.

    The file appears under its name once the block ends well; memory holds only what was just
    written.
    """
    codes = {np.dtype(text): code for code, text in TYPES.items()}
    header: dict[str, Any] = {"__metadata__": {"facts": json.dumps({"layers": list(arrays)})}}
    end = 0
    for name, (shape, dtype) in arrays.items():
        begin, end = end, end + int(np.prod(shape)) * dtype.itemsize
        header[name] = {
            "dtype": codes[dtype], "shape": list(shape), "data_offsets": [begin, end]
        }  # fmt: skip
    text = json.dumps(header).encode()
    text = text.ljust(-(-len(text) // 8) * 8)  # numbers at whole words
    with staged(path) as part:
        with part.open("wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            file.truncate(8 + len(text) + end)
        found = {
            name: np.memmap(
                part, dtype, "r+", 8 + len(text) + header[name]["data_offsets"][0], tuple(shape)
            )
            for name, (shape, dtype) in arrays.items()
        }
        yield dict(found)
        for array in found.values():
            array.flush()
