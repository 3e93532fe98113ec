"""A data set in memory: two labelled clouds of points, and what is known of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ricci_flow.datasets.columns import counters_note, running_numbers
from ricci_flow.datasets.precision import beyond_note, examine
from ricci_flow.datasets.request import Request
from ricci_flow.errors import InputError


@dataclass(frozen=True)
class Part:
    """One cloud: X (rows, features), raw values in any numeric type; y (rows) class indices."""

    X: np.ndarray
    y: np.ndarray

    def by_class(self) -> "Part":
        """Return the rows of class 0, then those of class 1, ..., each in the order they had."""
        order = np.argsort(self.y, kind="stable")
        return Part(self.X[order], self.y[order])


@dataclass(frozen=True)
class Cloud:
    """A data set, raw and unscaled.

    train, test: the two clouds. classes: names of y = 0, 1, ... source: where it is from.
    unit: what `scale: unit` divides by, or None for the largest |X_train|. scale: the kind's
    default. image_shape: (rows, columns) or None. seed: of the draw, or None where nothing was
    drawn. parameters: whatever else determines the data. columns: names of the features, where the
    source has them. notes: what is worth knowing of them, one line each; beyond_float32: see
    `precision.examine`.
    """

    train: Part
    test: Part
    classes: tuple[str, ...]
    source: str
    unit: float | None = None
    scale: str = "standard"
    image_shape: tuple[int, ...] | None = None
    seed: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    beyond_float32: tuple[Mapping[str, Any], ...] = ()


def finish_cloud(cloud: Cloud, request: Request) -> Cloud:
    """Return the cloud in its final form, class by class, labels uint8, unit filled in.

    Features are float32, or float64 where float32 would not tell raw values apart.

    Raises InputError where a part lacks a class, the parts differ in features, features are all
    constant (a single one may be: it changes no distance), all test rows are the same, a value
    exceeds float32, or image_shape does not fit.
    """
    where = request.where
    features = cloud.train.X.shape[1]
    if cloud.test.X.shape[1] != features:
        raise InputError(
            f"{where}: X_train has {features} columns and X_test {cloud.test.X.shape[1]}; "
            "both need the same features"
        )
    parts = {}
    for name, part in (("training", cloud.train), ("test", cloud.test)):
        for label, title in enumerate(cloud.classes):
            if not np.any(part.y == label):
                raise InputError(
                    f"{where}: no {name} row is of class {title!r}; both parts need all classes: "
                    "give more rows or another split"
                )
        ordered = part.by_class()
        with np.errstate(over="ignore"):
            if not np.isfinite(ordered.X.astype(np.float32)).all():
                raise InputError(
                    f"{where}: a {name} value is too large for 32 bits (beyond 3.4e38) or not "
                    "finite; rescale that column"
                )
        parts[name] = ordered
    columns = cloud.columns or tuple(str(number + 1) for number in range(features))
    rows = np.concatenate([part.X for part in parts.values()])
    kind, beyond = examine(rows, columns)
    notes = [*cloud.notes, *map(beyond_note, beyond)]
    if cloud.columns is None:  # else the source was looked at, with the rows of other classes
        notes += counters_note(running_numbers(rows, columns), named=False)
    train, test = (
        Part(np.ascontiguousarray(part.X, dtype=kind), part.y.astype(np.uint8))
        for part in parts.values()
    )
    if not np.any(train.X.min(axis=0) < train.X.max(axis=0)):
        raise InputError(
            f"{where}: every feature is constant over the training rows; check the "
            "columns, or remove the data set"
        )
    if not np.any(test.X.min(axis=0) < test.X.max(axis=0)):
        raise InputError(
            f"{where}: all test rows are the same point; no neighbour is nearer than another: give "
            "other test rows, or remove the data set"
        )
    shape, entry = cloud.image_shape, request.entry
    if shape is not None and shape[0] * shape[1] != features:
        raise InputError(
            f"{where}: image_shape is {shape[0]} x {shape[1]}, yet a row has {features} features; "
            "correct or remove image_shape"
        )
    unit = entry.unit or cloud.unit
    if unit is None:
        unit = 255.0 if shape is not None else float(np.abs(train.X).max())
    return replace(
        cloud,
        train=train,
        test=test,
        unit=unit,
        scale=entry.scale or ("unit" if shape is not None else cloud.scale),
        notes=tuple(notes),
        beyond_float32=tuple(beyond),
    )


def cloud_tensors(cloud: Cloud) -> dict[str, np.ndarray]:
    """Return the arrays of datasets/<data_set>.safetensors."""
    return {
        "X_train": cloud.train.X,
        "y_train": cloud.train.y,
        "X_test": cloud.test.X,
        "y_test": cloud.test.y,
    }


def cloud_facts(cloud: Cloud, request: Request) -> dict[str, Any]:
    """Return the facts of datasets/<data_set>.json."""

    def counts(part: Part) -> list[int]:
        return [int(np.sum(part.y == label)) for label in range(len(cloud.classes))]

    def larger_class(part: Part) -> float:
        return max(counts(part)) / len(part.y)

    return {
        "data_set": request.name,
        "kind": request.entry.kind,
        "n_train": len(cloud.train.y),
        "n_test": len(cloud.test.y),
        "features": cloud.train.X.shape[1],
        "classes": list(cloud.classes),
        "counts_train": counts(cloud.train),
        "counts_test": counts(cloud.test),
        "larger_class_train": larger_class(cloud.train),
        "larger_class_test": larger_class(cloud.test),
        "unit": cloud.unit,
        "scale": cloud.scale,
        "image_shape": list(cloud.image_shape) if cloud.image_shape else None,
        "seed": cloud.seed,
        "source": cloud.source,
        "parameters": dict(cloud.parameters),
        "notes": list(cloud.notes),
        "beyond_float32": [dict(column) for column in cloud.beyond_float32],
    }
