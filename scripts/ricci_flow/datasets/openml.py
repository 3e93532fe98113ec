"""Kind `openml`: data sets that scikit-learn downloads from openml.org and keeps."""

import importlib.util
import shlex
import socket
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ricci_flow.datasets.checks import check_features, label_texts, one_line
from ricci_flow.datasets.cloud import Cloud, Part
from ricci_flow.datasets.columns import check_ignored, counters_note, running_numbers
from ricci_flow.datasets.files import SPLIT, load_replacement, split_whole
from ricci_flow.datasets.request import OpenML, Request
from ricci_flow.datasets.split import choose_classes, keep_classes
from ricci_flow.errors import InputError

_SECONDS_OF_SILENCE = 60.0


def load(request: Request, entry: OpenML, say: Callable[[str], None]) -> Cloud:
    """Load an OpenML data set: from data_dir, scikit-learn's data home, or openml.org.

    With `train_rows` the first so many rows are the training part and the rest the test part, as
    is the custom for MNIST; else all rows are split at random, class by class (half by default),
    those of a file in data_dir too. Only the `classes` named are kept. say: told where the data
    come from. Raises InputError where they cannot be fetched or are not what is asked for.
    """
    if request.data_dir is not None:
        names = [request.name, *([entry.variant_of] if entry.variant_of else [])]
        paths = [request.data_dir / f"{name}.npz" for name in names]
        found = next((path for path in paths if path.is_file()), None)
        if found is not None:
            say(f"{found} takes the place of OpenML {entry.openml_name}")
            return load_replacement(request, entry, found)
        if not request.data_dir.is_dir():
            raise request.reject("data_dir", "no such folder; name one, or leave it out")
        say(f"{paths[0]}: no such file; asking OpenML for {entry.openml_name}")
    bunch = _fetch(request, entry, say)
    X, columns = _features(bunch, request, entry)
    target = np.asarray(bunch.target)
    if target.dtype == object:
        if any(label is None or label != label for label in target.ravel()):
            raise InputError(f"{request.where}: rows of OpenML {entry.openml_name} lack a label")
        target = np.char.strip(target.astype(str), "'")  # ARFF quotes names with spaces
    labels = label_texts(target, "target", len(X), request.where)
    classes = choose_classes(labels, entry.classes, request.where)
    train, test, seed = _split(request, entry, X, labels, classes)
    return Cloud(
        train=train,
        test=test,
        classes=classes,
        source=f"OpenML {entry.openml_name}, version {entry.version}",
        image_shape=entry.image_shape,
        seed=seed,
        columns=columns,
        notes=tuple(counters_note(running_numbers(X, columns))),
    )


def _fetch(request: Request, entry: OpenML, say: Callable[[str], None]) -> Any:
    from sklearn.datasets import fetch_openml

    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SECONDS_OF_SILENCE)  # scikit-learn would wait for ever
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            return fetch_openml(
                entry.openml_name,
                version=entry.version,
                data_home=request.data_home,
                as_frame=False,
                # scikit-learn's fast parser needs pandas, and fails on classes that are numbers
                # (as those of MNIST) with pandas 3 unless it is kept from making categories.
                parser="auto" if importlib.util.find_spec("pandas") else "liac-arff",
                read_csv_kwargs={"dtype": None},
                n_retries=entry.n_retries,
            )
    except Exception as error:  # of network, server, cache or parser: all of them outside of us
        folder = request.data_dir or "FOLDER"
        which, labels = "all classes", "0, 1, ..."
        if entry.classes:
            count = len(entry.classes)
            which = f"the {'two' if count == 2 else count} classes"
            labels = " and ".join(str(label) for label in range(count))
        raise InputError(
            f"{request.where}: OpenML {entry.openml_name!r} version {entry.version} could "
            f"not be fetched ({one_line(error)}); try again later, or give --config "
            f"data_dir={shlex.quote(str(folder))} with {request.name}.npz in it: "
            f"{', '.join(SPLIT)} of {which}, labels {labels}"
        ) from None
    finally:
        socket.setdefaulttimeout(before)
        for warning in caught:
            say(one_line(warning.message) if isinstance(warning.message, Warning) else "")


def _features(bunch: Any, request: Request, entry: OpenML) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the features that are not to be ignored, and their names."""
    X, names = bunch.data, [str(name) for name in bunch.feature_names]
    needed = int(np.prod(X.shape, dtype=object)) * 8
    if needed > request.max_bytes:
        raise InputError(
            f"{request.where}: OpenML {entry.openml_name} takes {needed} bytes, more than "
            f"max_bytes {request.max_bytes}; raise the limit"
        )
    if hasattr(X, "toarray"):
        X = X.toarray()
    ignored = entry.ignore or ()
    check_ignored(ignored, names, None, request.where)
    kept = [number for number, name in enumerate(names) if name not in ignored]
    if not kept:
        raise request.reject("ignore", "it leaves no feature; name fewer columns")
    if ignored:
        X, names = X[:, kept], [names[number] for number in kept]
    # The slow parser numbers the categories of a text feature; the fast one leaves them text.
    text = [name for name in names if name in (bunch.categories or {})]
    if X.dtype == object:
        columns = zip(names, X.T, strict=True)
        text = [name for name, cells in columns if not _are_numbers(cells)]
        X = X if text else X.astype(np.float64)
    if text:
        raise InputError(
            f"{request.where}: feature {text[0]!r} of OpenML {entry.openml_name} is text; "
            "prepare the table yourself and use kind 'file'"
        )
    return check_features(X, "data", request.where), tuple(names)


def _are_numbers(cells: np.ndarray) -> bool:
    return all(isinstance(cell, int | float | np.number) for cell in cells)


def _split(
    request: Request,
    entry: OpenML,
    X: np.ndarray,
    labels: np.ndarray,
    classes: tuple[str, ...],
) -> tuple[Part, Part, int | None]:
    rows = entry.train_rows
    if rows is not None:
        if rows >= len(X):
            raise request.reject("train_rows", f"there are {len(X)} rows; leave some to test on")
        train = keep_classes(X[:rows], labels[:rows], classes)
        return train, keep_classes(X[rows:], labels[rows:], classes), None
    kept = keep_classes(X, labels, classes)
    return split_whole(request, entry, kept, request.where)
