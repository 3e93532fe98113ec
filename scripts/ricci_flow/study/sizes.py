"""How large data sets are, as far as that is known before anything runs."""

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ricci_flow.datasets.request import CifarBinary, File, Given, Idx, Sklearn, Synthetic
from ricci_flow.errors import InputError
from ricci_flow.study.paths import is_remote

if TYPE_CHECKING:
    from ricci_flow.study.model import Study

# Rows and features of the tables that come with scikit-learn.
_BUNDLED = {"digits": (1797, 64), "breast_cancer": (569, 30), "wine": (178, 13), "iris": (150, 4)}


class Size(NamedTuple):
    """Training points, test points that are measured, features."""

    train: int
    test: int
    features: int


def size_of(study: "Study", data_set: str) -> Size | None:
    """Return the size of a data set, None where it is not known before it is made.

    By its entry, the headers of its files, or its facts from an earlier run. Where only some
    classes are kept, what is known beforehand is of all of them.
    """
    facts = f"{study.config.results}/{study.name}/datasets/{data_set}.json"
    found = _of_facts(facts) or _of_entry(study, data_set)
    return found and found._replace(test=study.test_points(found.test))


def _of_facts(path: str) -> Size | None:
    try:
        facts = json.loads(Path(path).read_text("utf-8"))
        return Size(facts["n_train"] or 0, int(facts["n_test"]), facts["features"] or 0)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not made yet


def _of_entry(study: "Study", data_set: str) -> Size | None:
    entry = study.data_sets[data_set]
    if isinstance(entry, Synthetic):
        return Size(entry.n_train, entry.n_test, entry.features)
    if isinstance(entry, Sklearn):
        rows, features = _BUNDLED[entry.table]
        test = round(rows * entry.test_fraction)
        return Size(rows - test, test, features)
    try:
        if isinstance(entry, Given):
            return _of_given(type(entry), entry.model_dump_json())
        if isinstance(entry, Idx):
            return _of_idx(entry)
        if isinstance(entry, CifarBinary):
            return _of_cifar(entry.path)
        arrays = study.replacement(data_set)
        if isinstance(entry, File) and entry.path.endswith(".npz") and not is_remote(entry.path):
            arrays = [entry.path]
        return _of_archive(arrays[0], getattr(entry, "test_fraction", 0.5)) if arrays else None
    except InputError:  # said where the data set is made
        return None


@cache
def _of_given(kind: type[Given], text: str) -> Size:
    entry = kind.model_validate_json(text)  # an entry with parameters cannot be hashed
    outline = import_module(f"ricci_flow.datasets.{entry.module}").outline(entry)
    return Size(0, outline.points, 0)


@cache
def _of_idx(entry: Idx) -> Size | None:
    from ricci_flow.datasets.idx import shapes_of

    shapes = shapes_of(Path(entry.path))
    features = 1
    for length in next(iter(shapes.values()))[1:]:
        features *= length
    if "whole" in shapes:
        rows = shapes["whole"][0]
        test = round(rows * entry.test_fraction)
        return Size(rows - test, test, features)
    return Size(shapes["train"][0], shapes["test"][0], features)


@cache
def _of_cifar(path: str) -> Size:
    from ricci_flow.datasets.cifar_binary import FEATURES, rows_of

    rows = rows_of(Path(path))
    return Size(rows["train"], rows["test"], FEATURES)


@cache
def _of_archive(path: str, test_fraction: float) -> Size | None:
    from ricci_flow.datasets.archives import array_shapes

    shapes = array_shapes(Path(path))
    if len(shapes.get("X_train", ())) == len(shapes.get("X_test", ())) == 2:
        return Size(shapes["X_train"][0], shapes["X_test"][0], shapes["X_test"][1])
    if len(shapes.get("X", ())) != 2:
        return None
    rows, features = shapes["X"]
    test = round(rows * test_fraction)
    return Size(rows - test, test, features)
