"""Files that take the place of downloads from OpenML, made of downloads from elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ConfigDict, TypeAdapter

from ricci_flow.datasets import cifar_binary, hugging_face, idx
from ricci_flow.datasets.cloud import Cloud, finish_cloud
from ricci_flow.datasets.files import SPLIT
from ricci_flow.datasets.fingerprint import check_sha256, content_sha256
from ricci_flow.datasets.request import (
    CifarBinary,
    DataSet,
    Folders,
    HuggingFace,
    Idx,
    OpenML,
    Request,
)
from ricci_flow.disk import staged
from ricci_flow.errors import InputError, closest
from ricci_flow.validation import Name, read
from ricci_flow.yaml_file import load_yaml

# Kinds of folders: the keys of an entry, and what loads it.
_LOADS: Mapping[str, tuple[type[Folders], Callable[..., Cloud]]] = {
    "cifar_binary": (CifarBinary, cifar_binary.load),
    "hugging_face": (HuggingFace, hugging_face.load),
    "idx": (Idx, idx.load),
}
_CATALOGUE: TypeAdapter = TypeAdapter(dict[Name, DataSet], config=ConfigDict(strict=True))


def write_replacements(
    folder: Path,
    output: Path,
    catalogue: Path,
    names: Sequence[str] | None,
    say: Callable[[str], None],
) -> list[Path]:
    """Write output/NAME.npz of the data sets that a folder of IDX, CIFAR or Parquet files is for.

    Each has X_train, y_train, X_test, y_test of the entry's classes, labels 0, 1, ... in their
    order, as `data_dir` takes it. catalogue: of the data sets; names: of those to write; by default
    all of kind openml whose sha256 is that of the folder's rows. Raises InputError where a name is
    of no such data set, the folder lacks what it needs, or the rows have another sha256.
    """
    entries = {
        name: entry
        for name, entry in read(
            _CATALOGUE.validate_python, load_yaml(catalogue), str(catalogue)
        ).items()
        if isinstance(entry, OpenML)
    }
    for name in names or ():
        if name not in entries:
            raise InputError(
                f"{catalogue}: has no data set {name!r} of kind openml; {closest(name, entries)}"
            )
    pinned = [name for name, entry in entries.items() if entry.sha256 and entry.train_rows]
    written = []
    for name in names or pinned:
        cloud, sha256 = _read(name, entries[name], folder)
        if entries[name].train_rows is not None:  # else rows are split when they are read
            if names is None and sha256 != entries[name].sha256:
                continue
            check_sha256(sha256, Request(name, entries[name]), entries[name].sha256)
        path = output / f"{name}.npz"
        with staged(path) as part, part.open("wb") as file:
            parts = (cloud.train.X, cloud.train.y, cloud.test.X, cloud.test.y)
            arrays: dict[str, Any] = dict(zip(SPLIT, parts, strict=True))
            np.savez_compressed(file, **arrays)
        say(f"wrote {path}: {len(cloud.train.y)} training and {len(cloud.test.y)} test points")
        written.append(path)
    if not written:
        raise InputError(
            f"{folder}: is of none of the data sets whose sha256 is known ({', '.join(pinned)}); "
            f"say which it is for: --data-sets NAME, of {', '.join(entries)}"
        )
    return written


def _read(name: str, entry: OpenML, folder: Path) -> tuple[Cloud, str]:
    """Return the rows of an entry's classes, in the order of the files, and their sha256."""
    kind = _kind_of(folder)
    keys = {"kind": kind, "path": f"{folder}", "classes": entry.classes}
    source = _LOADS[kind][0].model_validate(keys)
    load = _LOADS[kind][1]
    request = Request(name, source)
    cloud = load(request, source, lambda line: None)
    if cloud.seed is not None and entry.train_rows is not None:
        raise InputError(
            f"{folder}: has no files of train and test each; {name!r} needs both parts"
        )
    return cloud, content_sha256(finish_cloud(cloud, request))


def _kind_of(folder: Path) -> str:
    """Return the kind of data set that the files of a folder are; idx where they are of none."""
    if cifar_binary.is_folder(folder):
        return "cifar_binary"
    try:
        idx.files_of(folder)
    except InputError:
        return "hugging_face" if any(folder.rglob("*.parquet")) else "idx"
    return "idx"
