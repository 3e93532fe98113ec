"""What is asked for: one data set's entry in the catalogue, checked for keys that do not fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ricci_flow.errors import InputError

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


def parse_parameters(words: list[str] | None) -> dict[str, float] | None:
    """Return the generator's parameters written as NAME=NUMBER.

    Raises InputError for a word that is not of this form.
    """
    if words is None:
        return None
    parameters = {}
    for word in words:
        name, sign, text = word.partition("=")
        try:
            parameters[name] = float(text)
        except ValueError:
            sign = ""
        if not (sign and name):
            raise InputError(f"--parameters: {word!r} is not NAME=NUMBER; write as height=21")
    return parameters
