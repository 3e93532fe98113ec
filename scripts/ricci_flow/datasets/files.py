"""Kind `file`: the user's own table or arrays."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ricci_flow.datasets.archives import array_names, read_arrays
from ricci_flow.datasets.checks import check_features, label_texts
from ricci_flow.datasets.cloud import Cloud, Part
from ricci_flow.datasets.columns import counters_note
from ricci_flow.datasets.request import File, Folder, OpenML, Request, Table
from ricci_flow.datasets.split import choose_classes, keep_classes, split_at_random
from ricci_flow.datasets.tables import read_labelled_table
from ricci_flow.errors import InputError
from ricci_flow.seeds import derive_generator, derive_seed

SPLIT = ("X_train", "y_train", "X_test", "y_test")
WHOLE = ("X", "y")
# Features and labels by part.
Rows = Mapping[str, tuple[np.ndarray, np.ndarray]]


def load(request: Request, entry: File, say: Callable[[str], None]) -> Cloud:
    """Load a file of labelled rows (.npz, .parquet or .csv).

    An archive holds X and y, or X_train, y_train, X_test, y_test; a table has a column of labels
    (key `label`, by default "label"), and its columns that key `ignore` names are left out. Whole
    data are split at random, class by class (half by default). Relative paths are relative to the
    folder where the study is run. Raises InputError naming the file where anything in it is wrong.
    """
    path = Path(entry.path)
    suffix = path.suffix.lower()
    where, source = str(path), f"file {path}"
    if suffix == ".npz":
        if "label" in entry.model_fields_set:
            raise request.reject("label", "an .npz has array y instead of a column; remove it")
        if entry.ignore is not None:
            raise request.reject("ignore", "an .npz has no names of columns; leave them out of X")
        return arrange(request, entry, _read_archive(request, entry, path), source, where)
    if suffix not in (".parquet", ".csv"):
        raise request.reject("path", "its name must end in .npz, .parquet or .csv")
    table = read_labelled_table(path, entry.label, request.max_bytes, entry.ignore or ())
    notes = [
        f"column {name!r} is the index of a pandas table and was left out" for name in table.index
    ]
    notes += counters_note(table.counters)
    return arrange(
        request, entry, {"whole": (table.X, table.labels)}, source, where,
        columns=table.columns, notes=tuple(notes),
    )  # fmt: skip


def arrange(
    request: Request,
    entry: File | Folder,
    parts: Rows,
    source: str,
    where: str | None = None,
    image_shape: tuple[int, ...] | None = None,
    **known: Any,
) -> Cloud:
    """Return the cloud of rows that were read, of the entry's classes.

    parts: features and labels (text) of `train` and `test`, or of `whole`, which is then split at
    random, class by class. where: what messages name, the path of the entry by default;
    image_shape: where the entry has none; known: other fields of the cloud. Raises InputError where
    classes or split do not fit the rows.
    """
    where = where or entry.path
    # Of both parts together, so that a class only the test part has is not passed over.
    labels = np.concatenate([names for _, names in parts.values()])
    classes = choose_classes(labels, entry.classes, where)
    kept = {name: keep_classes(X, names, classes) for name, (X, names) in parts.items()}
    images = next(iter(parts.values()))[0].dtype == np.uint8
    known |= {"unit": 255.0} if images else {}
    known |= {"scale": "unit"} if images and isinstance(entry, Folder) else {}
    if "whole" in kept:
        train, test, seed = split_whole(request, entry, kept["whole"], where)
        known |= {"seed": seed, "parameters": {"test_fraction": entry.test_fraction}}
    elif "test_fraction" in entry.model_fields_set:
        raise request.reject("test_fraction", f"{where} is split already; remove the key")
    else:
        train, test = kept["train"], kept["test"]
    shape = entry.image_shape or image_shape
    return Cloud(train, test, classes, source, image_shape=shape, **known)


def _read_archive(request: Request, entry: File, path: Path) -> Rows:
    names = array_names(path)
    split = [name for name in SPLIT if name in names]
    whole = [name for name in WHOLE if name in names]
    if split and whole:
        raise InputError(
            f"{path}: holds both {whole[0]!r} and {split[0]!r}; keep either X, y or X_train, "
            "y_train, X_test, y_test"
        )
    if split and "test_fraction" in entry.model_fields_set:
        raise request.reject("test_fraction", f"{path} is split already; remove the key")
    arrays = read_arrays(path, SPLIT if split else WHOLE, request.max_bytes)
    parts = {}
    for part, end in (("train", "_train"), ("test", "_test")) if split else (("whole", ""),):
        X = check_features(arrays[f"X{end}"], f"X{end}", str(path))
        parts[part] = X, label_texts(arrays[f"y{end}"], f"y{end}", len(X), str(path))
    return parts


def split_whole(request: Request, entry: Table, part: Part, where: str) -> tuple[Part, Part, int]:
    """Return (train, test, seed) of data without a split of their own, by the entry's share.

    Each class is split at random. Raises InputError where a part would lack a class.
    """
    names = (request.seed_name, request.name, "data")
    stream = derive_generator(*names)
    train, test = split_at_random(part, entry.test_fraction, stream, where)
    return train, test, derive_seed(*names)


def load_replacement(request: Request, entry: OpenML, path: Path) -> Cloud:
    """Load the archive that takes the place of a download.

    It holds X_train, y_train, X_test, y_test of the classes alone, with labels 0, 1, ...; the
    entry's `classes` are their names, and the labels themselves if it has none. Where the entry has
    no `train_rows`, the file's own split is given up: all its rows are split at random, as those of
    the download would be. Raises InputError where the file is not like this.
    """
    arrays = read_arrays(path, SPLIT, request.max_bytes)
    rows = {}
    for name in ("train", "test"):
        X = check_features(arrays[f"X_{name}"], f"X_{name}", str(path))
        rows[name] = X, label_texts(arrays[f"y_{name}"], f"y_{name}", len(X), str(path))
    there = np.concatenate([labels for _, labels in rows.values()])
    classes = entry.classes or choose_classes(there, None, str(path))
    known = tuple(str(label) for label in range(len(classes)))
    parts = {}
    for name, (X, labels) in rows.items():
        other = [label for label in set(labels.tolist()) if label not in known]
        if other:
            raise InputError(
                f"{path}: y_{name} holds {min(other)!r}; a file in data_dir has labels "
                f"{' and '.join(known)}, in the order in which the classes are named"
            )
        parts[name] = keep_classes(X, labels, known)
    train, test, seed, parameters = parts["train"], parts["test"], None, {}
    if entry.train_rows is None:
        both = Part(np.concatenate([train.X, test.X]), np.concatenate([train.y, test.y]))
        train, test, seed = split_whole(request, entry, both, str(path))
        parameters = {"test_fraction": entry.test_fraction}
    return Cloud(
        train=train,
        test=test,
        classes=classes,
        source=f"{path.name} in the data folder, in place of OpenML {entry.openml_name}",
        unit=255.0 if arrays["X_train"].dtype == "uint8" else None,
        image_shape=entry.image_shape,
        seed=seed,
        parameters=parameters,
    )
