"""Kind `hugging_face`: Parquet files of images and labels, as Hugging Face keeps data sets."""

import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ricci_flow.datasets.checks import check_features, check_file_name, listed, one_line
from ricci_flow.datasets.cloud import Cloud
from ricci_flow.datasets.files import arrange
from ricci_flow.datasets.request import HuggingFace, Request
from ricci_flow.datasets.tables import column_labels
from ricci_flow.errors import InputError

if TYPE_CHECKING:
    import polars as pl

_PART = re.compile(r"(train|test)(?![a-z])")
# Modes of Pillow that are read, with what they are read as.
_MODES = {"1": "L", "L": "L", "P": "RGB", "RGB": "RGB"}


def load(request: Request, entry: HuggingFace, say: Callable[[str], None]) -> Cloud:
    """Load a folder of Parquet files, each with a column of images and one of labels.

    Images are pictures of one size, as {bytes, path} or bytes, or arrays of numbers. Files, or
    their folders, whose name begins with train or test are these parts; without either, or with
    one of them, rows are split at random, class by class (half by default). Raises InputError
    naming file, column and row where anything is wrong.
    """
    found, unused = _parts(Path(entry.path))
    parts, shapes = {}, set()
    for part, files in found.items():
        read = [_read(file, entry, request.max_bytes) for file in files]
        for file, (values, _) in zip(files, read, strict=True):
            shapes.add(values.shape[1:])
            if len(shapes) > 1:
                first, other = sorted(shapes)
                raise InputError(f"{file}: images are {first} and {other}; make them of one size")
        X = np.concatenate([values.reshape(len(values), -1) for values, _ in read])
        X = check_features(X, f"column {entry.image!r}", str(files[0].parent))
        parts[part] = X, np.concatenate([labels for _, labels in read])
    shape = shapes.pop()
    notes = (f"files of no part were left out: {listed(unused)}",) if unused else ()
    return arrange(
        request, entry, parts, f"Parquet files in {entry.path}",
        image_shape=shape if len(shape) == 2 else None, notes=notes,
    )  # fmt: skip


def files_of(path: Path) -> list[Path]:
    """Return the files that are read of a folder; raises InputError where there are none."""
    return [file for files in _parts(path)[0].values() for file in files]


def _parts(path: Path) -> tuple[Mapping[str, list[Path]], list[str]]:
    """Return the files of `train` and `test`, or of `whole`, and the names of all others."""
    if not path.is_dir():
        raise InputError(f"{path}: no such folder; name the one of the Parquet files")
    found: dict[str, list[Path]] = {}
    for file in sorted(path.rglob("*.parquet")):
        check_file_name(file)
        names = [file.name, *(folder.name for folder in file.relative_to(path).parents)]
        part = next((match[1] for name in names if (match := _PART.match(name))), "")
        of_part = found.setdefault(part, [])
        if of_part and of_part[0].parent != file.parent:
            raise InputError(
                f"{path}: {of_part[0]} and {file} are in two folders; name the folder of one data "
                "set"
            )
        of_part.append(file)
    if not found:
        raise InputError(f"{path}: holds no .parquet file; put those of the data set there")
    unused = [file.name for file in found.pop("", [])] if len(found) > 1 else []
    if set(found) == {"train", "test"}:
        return found, unused
    return {"whole": next(iter(found.values()))}, unused


def _read(file: Path, entry: HuggingFace, max_bytes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images (rows, ...) and labels (rows) as text, of one file."""
    import polars as pl

    try:
        schema = pl.scan_parquet(file, glob=False, hive_partitioning=False).collect_schema()
        for key in ("image", "label"):
            name = getattr(entry, key)
            if name not in schema:
                raise InputError(
                    f"{file}: has no column {name!r}; it has {listed(list(schema))}; name the "
                    f"right one with key '{key}'"
                )
        table = pl.read_parquet(
            file, columns=[entry.image, entry.label], glob=False, hive_partitioning=False
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError(f"{file}: cannot be read ({one_line(error)}); copy it again") from None
    if not table.height:
        raise InputError(f"{file}: has no rows; copy it again")
    images, where = table[entry.image], f"{file}: column {entry.image!r}"
    if images.null_count():
        row = int(images.is_null().arg_max() or 0) + 1
        raise InputError(f"{where} has no image in row {row}; leave the row out")
    if isinstance(images.dtype, pl.Struct):
        if "bytes" not in images.struct.fields:
            raise InputError(f"{where} holds {listed(images.struct.fields)}; bytes are needed")
        images = images.struct.field("bytes")
        if images.null_count():
            row = int(images.is_null().arg_max() or 0) + 1
            raise InputError(
                f"{where} has no bytes in row {row}, only a path; save the data set with its "
                "images inside"
            )
    values = (
        _pictures(images, where, max_bytes)
        if images.dtype == pl.Binary
        else _numbers(images, where, max_bytes)
    )
    return values, column_labels(table[entry.label], file)


def _numbers(series: "pl.Series", where: str, max_bytes: int) -> np.ndarray:
    """Return a column of arrays, all of one shape."""
    import polars as pl

    shape = [len(series)]
    while isinstance(series.dtype, pl.List | pl.Array):
        lengths = series.list.len() if isinstance(series.dtype, pl.List) else series.arr.len()
        if lengths.null_count() or lengths.n_unique() > 1 or not lengths[0]:
            raise InputError(f"{where} holds arrays of several sizes; make them of one size")
        shape.append(int(lengths[0]))
        series = series.explode()
    if len(shape) < 2 or not series.dtype.is_numeric():
        raise InputError(f"{where} is of type {series.dtype}; images are pictures or arrays")
    if series.null_count():
        raise InputError(f"{where} holds arrays with missing values; fill them in")
    if series.len() * 8 > max_bytes:
        raise _too_large(where, series.len() * 8, max_bytes)
    return series.to_numpy().reshape(shape)


def _pictures(series: "pl.Series", where: str, max_bytes: int) -> np.ndarray:
    """Return pictures (rows, height, width), or in colour (rows, height, width, 3), uint8."""
    from PIL import Image

    values: Any = None
    for row, content in enumerate(series):
        try:
            with Image.open(io.BytesIO(content)) as image:
                if image.mode not in _MODES:
                    raise InputError(
                        f"{where} has a picture of mode {image.mode} in row {row + 1}; convert it "
                        f"to one of {', '.join(_MODES)}"
                    )
                mode = _MODES[image.mode]
                shape = (image.height, image.width, *((3,) if mode == "RGB" else ()))
                if values is None:
                    needed = len(series) * int(np.prod(shape, dtype=object))
                    if needed > max_bytes:
                        raise _too_large(where, needed, max_bytes)
                    values = np.empty((len(series), *shape), np.uint8)
                if shape != values.shape[1:]:
                    raise InputError(
                        f"{where} has a picture of shape {shape} in row {row + 1}, and one of "
                        f"{values.shape[1:]} in row 1; make them of one size"
                    )
                values[row] = np.asarray(image.convert(mode))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise InputError(
                f"{where} has a damaged picture in row {row + 1} ({one_line(error)}); copy it again"
            ) from None
    return np.asarray(values)


def _too_large(where: str, needed: int, max_bytes: int) -> InputError:
    return InputError(
        f"{where} unpacks to {needed} bytes, more than max_bytes {max_bytes}; raise the limit"
    )
