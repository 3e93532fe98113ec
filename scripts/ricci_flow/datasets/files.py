"""Kind `file`: the user's own table or arrays."""

from pathlib import Path

import numpy as np

from ricci_flow.datasets.archives import array_names, read_arrays
from ricci_flow.datasets.checks import check_features, label_texts
from ricci_flow.datasets.cloud import Cloud, Part
from ricci_flow.datasets.columns import counters_note
from ricci_flow.datasets.request import File, OpenML, Request
from ricci_flow.datasets.split import choose_classes, keep_classes, split_at_random
from ricci_flow.datasets.tables import read_labelled_table
from ricci_flow.errors import InputError
from ricci_flow.seeds import derive_generator, derive_seed

SPLIT = ("X_train", "y_train", "X_test", "y_test")
WHOLE = ("X", "y")


def load_file(request: Request, entry: File) -> Cloud:
    """Load a file of labelled rows (.npz, .parquet or .csv).

    An archive holds X and y, or X_train, y_train, X_test, y_test; a table has a column of labels
    (key `label`, by default "label"), and its columns that key `ignore` names are left out. Whole
    data are split at random, class by class (half by default). Relative paths are relative to the
    folder where the study is run. Raises InputError naming the file where anything in it is wrong.
    """
    path = Path(entry.path)
    suffix = path.suffix.lower()
    columns: tuple[str, ...] | None = None
    notes: list[str] = []
    if suffix == ".npz":
        if "label" in entry.model_fields_set:
            raise request.reject("label", "an .npz has array y instead of a column; remove it")
        if entry.ignore is not None:
            raise request.reject("ignore", "an .npz has no names of columns; leave them out of X")
        names = array_names(path)
        split = [name for name in SPLIT if name in names]
        whole = [name for name in WHOLE if name in names]
        if split and whole:
            raise InputError(
                f"{path}: holds both {whole[0]!r} and {split[0]!r}; keep either X, y or X_train, "
                "y_train, X_test, y_test"
            )
        if split:
            return _already_split(request, entry, path)
        arrays = read_arrays(path, WHOLE, request.max_bytes)
        X = check_features(arrays["X"], "X", str(path))
        labels = label_texts(arrays["y"], "y", len(X), str(path))
    elif suffix in (".parquet", ".csv"):
        table = read_labelled_table(path, entry.label, request.max_bytes, entry.ignore or ())
        X, labels, columns = table.X, table.labels, table.columns
        notes = [
            f"column {name!r} is the index of a pandas table and was left out"
            for name in table.index
        ]
        notes += counters_note(table.counters)
    else:
        raise request.reject("path", "its name must end in .npz, .parquet or .csv")
    classes = choose_classes(labels, entry.classes, str(path))
    train, test, seed = split_whole(request, entry, keep_classes(X, labels, classes), str(path))
    return Cloud(
        train=train,
        test=test,
        classes=classes,
        source=f"file {path}",
        unit=255.0 if X.dtype == "uint8" else None,
        image_shape=entry.image_shape,
        seed=seed,
        parameters={"test_fraction": entry.test_fraction},
        columns=columns,
        notes=tuple(notes),
    )


def split_whole(
    request: Request, entry: File | OpenML, part: Part, where: str
) -> tuple[Part, Part, int]:
    """Return (train, test, seed) of data without a split of their own, by the entry's share.

    Each class is split at random. Raises InputError where a part would lack a class.
    """
    names = (request.seed_name, request.name, "data")
    stream = derive_generator(*names)
    train, test = split_at_random(part, entry.test_fraction, stream, where)
    return train, test, derive_seed(*names)


def _already_split(request: Request, entry: File, path: Path) -> Cloud:
    if "test_fraction" in entry.model_fields_set:
        raise request.reject("test_fraction", f"{path} is split already; remove the key")
    arrays = read_arrays(path, SPLIT, request.max_bytes)
    parts, labels = {}, {}
    for name in ("train", "test"):
        parts[name] = check_features(arrays[f"X_{name}"], f"X_{name}", str(path))
        label_name = f"y_{name}"
        labels[name] = label_texts(arrays[label_name], label_name, len(parts[name]), str(path))
    # Of both parts together, so that a class only the test part has is not passed over.
    both = np.concatenate([labels["train"], labels["test"]])
    classes = choose_classes(both, entry.classes, str(path))
    return Cloud(
        train=keep_classes(parts["train"], labels["train"], classes),
        test=keep_classes(parts["test"], labels["test"], classes),
        classes=classes,
        source=f"file {path}",
        unit=255.0 if parts["train"].dtype == "uint8" else None,
        image_shape=entry.image_shape,
    )


def load_replacement(request: Request, entry: OpenML, path: Path) -> Cloud:
    """Load the archive that takes the place of a download.

    It holds X_train, y_train, X_test, y_test of the classes alone, with labels 0, 1, ...; the
    entry's `classes` are their names, two if it has none. Where the entry has no `train_rows`,
    the file's own split is given up: all its rows are split at random, as those of the download
    would be. Raises InputError where the file is not like this.
    """
    arrays = read_arrays(path, SPLIT, request.max_bytes)
    classes = entry.classes or ("0", "1")
    known = tuple(str(label) for label in range(len(classes)))
    parts = {}
    for name in ("train", "test"):
        X = check_features(arrays[f"X_{name}"], f"X_{name}", str(path))
        y_name = f"y_{name}"
        labels = label_texts(arrays[y_name], y_name, len(X), str(path))
        other = [label for label in set(labels.tolist()) if label not in known]
        if other:
            raise InputError(
                f"{path}: {y_name} holds {min(other)!r}; a file in data_dir has labels "
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
