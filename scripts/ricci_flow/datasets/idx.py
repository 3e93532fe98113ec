"""Kind `idx`: images and labels in the format of MNIST, as they were downloaded or unpacked.

Format: two zero bytes, type, number of axes, the length of each as four bytes, then the values; all
big-endian (http://yann.lecun.com/exdb/mnist/).
"""

import gzip
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ricci_flow.datasets.checks import check_features, check_file_name, label_texts, one_line
from ricci_flow.datasets.cloud import Cloud
from ricci_flow.datasets.files import arrange
from ricci_flow.datasets.request import Idx, Request
from ricci_flow.errors import InputError

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_DAMAGE = (OSError, EOFError, ValueError, struct.error, zlib.error)
_NAME = re.compile(r"(?P<before>.*?)(?P<what>images|labels)[-._]idx\d[-._]ubyte(\.gz)?")
_EXPECTED = "train-images-idx3-ubyte, train-labels-idx1-ubyte and the same with t10k or test"


def load(request: Request, entry: Idx, say: Callable[[str], None]) -> Cloud:
    """Load a folder of IDX files.

    Files of `train` are trained on and those of `t10k` or `test` tested on; those of one part
    alone are split at random, class by class (half by default). Raises InputError naming the file
    where one is missing, damaged, or does not fit the other.
    """
    parts, shape = {}, None
    for part, (images, labels) in _pairs(Path(entry.path)).items():
        values = read_idx(images, request.max_bytes)
        if values.ndim < 2:
            raise InputError(f"{images}: has {values.ndim} axes; images have two or more")
        X = check_features(values.reshape(len(values), -1), "the images", str(images))
        names = label_texts(
            read_idx(labels, request.max_bytes), "the labels", len(values), str(labels)
        )
        parts[part] = X, names
        shape = (values.shape[1], values.shape[2]) if values.ndim == 3 else None
    return arrange(request, entry, parts, f"IDX files in {entry.path}", image_shape=shape)


def files_of(path: Path) -> list[Path]:
    """Return the files that are read of a folder; raises InputError where one is missing."""
    return [file for pair in _pairs(path).values() for file in pair]


def read_idx(path: Path, max_bytes: int) -> np.ndarray:
    """Return the array of an IDX file, also one packed with gzip, in the byte order of the machine.

    Raises InputError where it is no such file, takes more than max_bytes, or has another length
    than it says.
    """
    try:
        with _open(path) as file:
            kind, shape = _header(file)
            needed = int(np.prod(shape, dtype=object)) * kind.itemsize
            if needed > max_bytes:
                raise InputError(
                    f"{path}: unpacks to {needed} bytes, more than max_bytes {max_bytes}; check "
                    "the file, or raise the limit"
                )
            content = file.read(needed + 1)
            if len(content) != needed:
                raise ValueError(f"it is {'longer' if len(content) > needed else 'shorter'} "
                                 "than its header says")  # fmt: skip
    except _DAMAGE as error:
        raise InputError(f"{path}: cannot be read ({one_line(error)}); copy it again") from None
    return np.frombuffer(content, kind).reshape(shape).astype(kind.newbyteorder("="), copy=False)


def shapes_of(path: Path) -> dict[str, tuple[int, ...]]:
    """Return the shape of the images of each part, by headers; raises InputError as `load`."""
    shapes = {}
    for part, (images, _) in _pairs(path).items():
        try:
            with _open(images) as file:
                shapes[part] = _header(file)[1]
        except _DAMAGE as error:
            raise InputError(
                f"{images}: cannot be read ({one_line(error)}); copy it again"
            ) from None
    return shapes


def _open(path: Path) -> BinaryIO:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore


def _header(file: BinaryIO) -> tuple[np.dtype, tuple[int, ...]]:
    """Return the type and the shape that a file begins with."""
    zero, code, axes = struct.unpack(">HBB", file.read(4))
    if zero or code not in _TYPES or not axes:
        raise ValueError("it does not begin as an IDX file does")
    return np.dtype(_TYPES[code]), struct.unpack(f">{axes}I", file.read(4 * axes))


def _pairs(path: Path) -> dict[str, tuple[Path, Path]]:
    """Return (images, labels) of `train` and `test`, or of `whole`; packed where only so."""
    if not path.is_dir():
        raise InputError(f"{path}: no such folder; name the one of the IDX files")
    found: dict[str, dict[str, Path]] = {}
    for folder in (path, path / "raw"):  # torchvision unpacks to raw
        for file in sorted(folder.iterdir() if folder.is_dir() else ()):
            match = _NAME.fullmatch(file.name)
            if match is None or not file.is_file():
                continue
            check_file_name(file)
            before = match["before"]
            part = (
                "train" if "train" in before else "test" if re.search("t10k|test", before) else ""
            )
            pair = found.setdefault(part or "whole", {})
            known = pair.setdefault(match["what"], file)
            if known.name.removesuffix(".gz") != file.name.removesuffix(".gz"):
                raise InputError(
                    f"{path}: both {known.name} and {file.name} are {match['what']}; name a folder "
                    "with the files of one data set"
                )
        if found:
            break
    if not found:
        raise InputError(f"{path}: holds no IDX files; they are called {_EXPECTED}, or with .gz")
    for pair in found.values():
        for what in ("images", "labels"):
            if what not in pair:
                other = next(iter(pair.values())).name
                raise InputError(f"{path}: has {other}, but no file of its {what}; put it there")
    if len(found) > 1 and "whole" in found:
        raise InputError(
            f"{path}: {found['whole']['images'].name} says neither train nor test, as others do; "
            f"files are called {_EXPECTED}"
        )
    parts = found if set(found) == {"train", "test"} else {"whole": next(iter(found.values()))}
    return {part: (parts[part]["images"], parts[part]["labels"]) for part in parts}
