"""What is asked for: one data set's entry in the catalogue, checked for keys that do not fit."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ricci_flow.errors import InputError, closest

GIBIBYTE = 2**30
# The keys that mean something for a kind, beside those that every kind has.
KEYS_OF_KIND = {
    "synthetic": ("generator", "n_train", "n_test", "parameters"),
    "sklearn": ("table", "classes", "test_fraction"),
    "openml": (
        *("openml_name", "version", "classes", "train_rows", "test_fraction"),
        *("image_shape", "sha256", "n_retries", "ignore"),
    ),
    "file": ("path", "label", "ignore", "classes", "test_fraction", "image_shape", "sha256"),
}


def _names(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


# How values are read that YAML and JSON have as another type.
_READ: Mapping[str, Callable[[Any], Any]] = {
    "parameters": lambda given: {str(name): float(value) for name, value in given.items()},
    "classes": _names,
    "ignore": _names,
    "image_shape": tuple,
    "path": Path,
    "test_fraction": float,
    "unit": float,
}


@dataclass(frozen=True)
class Request:
    """One data set: the keys of its catalogue entry and the study's own arguments.

    name: of the data set. kind: synthetic | sklearn | openml | file. The keys are described in
    workflow/schemas/datasets.schema.yaml; None where not given. seed_name: the study's name for
    its random streams. data_dir: folder whose <name>.npz takes the place of a download. data_home:
    scikit-learn's folder of downloads. max_bytes: what arrays may take in memory, to
    refuse archives that would unpack to more.
    """

    name: str
    kind: str
    seed_name: str = "default"
    generator: str | None = None
    n_train: int | None = None
    n_test: int | None = None
    parameters: Mapping[str, float] | None = None
    table: str | None = None
    openml_name: str | None = None
    version: int | None = None
    path: Path | None = None
    label: str | None = None
    ignore: tuple[str, ...] | None = None
    classes: tuple[str, ...] | None = None
    train_rows: int | None = None
    test_fraction: float | None = None
    image_shape: tuple[int, int] | None = None
    sha256: str | None = None
    n_retries: int | None = None
    variant_of: str | None = None
    scale: str | None = None
    unit: float | None = None
    data_dir: Path | None = None
    data_home: Path | None = None
    max_bytes: int = 8 * GIBIBYTE

    @property
    def where(self) -> str:
        """How messages name this data set."""
        return f"data set {self.name!r}"

    def reject(self, key: str, cure: str) -> InputError:
        """Return the error for a key whose value will not do."""
        value = getattr(self, key)
        shown = str(value) if isinstance(value, Path) else repr(value)
        return InputError(f"{self.where}: key {key!r} is {shown}; {cure}")


def check_request(request: Request) -> None:
    """Check that the keys fit the kind and each other, and that numbers are in range.

    Raises InputError naming the key, its value and the cure.
    """
    known = KEYS_OF_KIND.get(request.kind)
    if known is None:
        raise request.reject("kind", f"use one of: {', '.join(KEYS_OF_KIND)}")
    for key in dict.fromkeys(key for keys in KEYS_OF_KIND.values() for key in keys):
        if key not in known and getattr(request, key) is not None:
            raise request.reject(key, f"kind {request.kind!r} has no such key; remove it")
    for key in ("n_train", "n_test", "train_rows", "version", "n_retries", "max_bytes"):
        least = 2 if key in ("n_train", "n_test") else 1  # a point of either class
        value = getattr(request, key)
        if value is not None and value < least:
            raise request.reject(key, f"give a whole number of at least {least}")
    if request.test_fraction is not None and not 0 < request.test_fraction < 1:
        raise request.reject("test_fraction", "give a share between 0 and 1, as 0.5")
    if request.unit is not None and not 0 < request.unit < float("inf"):
        raise request.reject("unit", "give a positive number, as 255 for images")
    if request.scale not in (None, "none", "unit", "standard"):
        raise request.reject("scale", "use one of: none, unit, standard")
    classes = request.classes
    if classes is not None and not 2 <= len(set(classes)) == len(classes) <= 256:
        raise request.reject("classes", "name two different classes or more, y = 0 first")
    if request.train_rows is not None and request.test_fraction is not None:
        raise request.reject("train_rows", "give either train_rows or test_fraction, not both")
    if request.image_shape is not None and min(request.image_shape) < 1:
        raise request.reject("image_shape", "give rows and columns of an image, as 28 28")


def read_request(name: str, entry: Mapping[str, Any], **arguments: Any) -> Request:
    """Return the request for a data set.

    entry: its entry in the catalogue, without the keys that only later stages use; arguments: the
    fields of a request that are the study's own. Raises InputError for the first key that is
    unknown or whose value is of another type.
    """
    keys: dict[str, Any] = {}
    known = [key.name for key in fields(Request) if key.name not in ("name", *arguments)]
    for key, value in entry.items():
        if key not in known:
            raise InputError(f"data set {name!r}: unknown key {key!r}; {closest(key, known)}")
        try:
            keys[key] = _READ.get(key, lambda given: given)(value)
        except (TypeError, ValueError, AttributeError):
            cure = "write it as workflow/schemas/datasets.schema.yaml says"
            raise InputError(f"data set {name!r}: key {key!r} is {value!r}; {cure}") from None
    if "kind" not in keys:
        raise InputError(f"data set {name!r}: key 'kind' is missing; add it")
    return Request(name, **keys, **arguments)
