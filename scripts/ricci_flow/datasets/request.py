"""What is asked for: one data set's entry in the catalogue, every key of it declared once."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from ricci_flow.datasets.generators import GENERATORS
from ricci_flow.datasets.layer_sources import FEWEST_POINTS, LAYER_SOURCES
from ricci_flow.errors import InputError
from ricci_flow.validation import (
    EACH_ONCE,
    ONCE,
    ClassName,
    Column,
    Keys,
    Line,
    Name,
    OneOf,
    PathText,
    Several,
    Sha256,
    Share,
    Title,
    invalid,
    unknown,
)

GIBIBYTE = 2**30
Group = Literal["synthetic", "images", "table"]
Count = Annotated[int, Field(ge=1)]
Points = Annotated[int, Field(ge=2)]  # one of either class


def _text_of(label: object) -> object:
    """Return a label that YAML read as a whole number as text again."""
    return str(label) if isinstance(label, int) and not isinstance(label, bool) else label


Label = Annotated[ClassName, BeforeValidator(_text_of, json_schema_input_type=ClassName | int)]


# Labels are kept as uint8.
MOST_CLASSES = 256
Classes = Annotated[
    tuple[Label, ...], Field(min_length=2, max_length=MOST_CLASSES, **ONCE), EACH_ONCE
]
Accuracy = Annotated[float, Field(ge=0, le=1)]
Accuracies = Annotated[tuple[Accuracy, ...], Field(strict=False, min_length=1)]
ImageShape = Annotated[tuple[Count, ...], Field(strict=False, min_length=2, max_length=2)]


class Entry(Keys):
    """The keys that every kind has."""

    module: ClassVar[str]
    """Module of this folder that makes data sets of the kind"""

    kind: str
    """Drawn, bundled with scikit-learn, downloaded from openml.org, a file, or files in a
    folder"""
    title: Title | None = None
    """Title in figures, tables and pages, in place of its name; plain text on one line"""
    variant_of: Name | None = None
    """The data set that this one is another version of: another split, other parameters. The
    values published for that one are compared with this one's, and its file in data_dir serves for
    this one"""
    group: Group | None = None
    """The group that it is in, for claims that compare groups of data sets. By default synthetic
    where it is drawn, images where rows are images, else table"""
    k_grid: Several[Count] | None = None
    """Numbers of neighbours to build graphs with, each once, in any order; without it, shares of
    the test points"""
    accuracy_threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    """Networks are kept whose test accuracy is greater; must be above the share of the larger
    class"""
    scale: Literal["none", "unit", "standard"] | None = None
    """How features are scaled unless the study says otherwise: not at all, divided by unit, or
    z-scores. By default none for synthetic, unit for images, standard for other tables"""
    unit: Annotated[float, Field(gt=0)] | None = None
    """What scale unit divides by. By default 255 for images (16 for the digits), else the largest
    absolute value among the training rows"""

    def group_or_default(self) -> Group:
        """Return the group that the data set is of."""
        return self.group or "table"


def _check_known(key: str, given: Iterable[str] | None, known: Iterable[str]) -> None:
    """Raise an error where a parameter, one of those under a key, is none of those known."""
    for name in given or ():
        if name not in known:
            raise unknown(f"{key}.{name}", name, known)


class Synthetic(Entry):
    """Points that are drawn."""

    module = "synthetic"
    kind: Literal["synthetic"]
    """Drawn by a generator"""
    generator: Annotated[str, OneOf(lambda: GENERATORS)]
    """Name of the function that draws the points"""
    n_train: Points = 1000
    """Training points, as many in each class unless the generator says otherwise"""
    n_test: Points = 1000
    """Test points, likewise"""
    parameters: Annotated[dict[str, float], Field(min_length=1)] | None = None
    """Parameters of the generator that differ from its defaults"""
    test_parameters: Annotated[dict[str, float], Field(min_length=1)] | None = None
    """Parameters of the generator that are others for the test points"""

    @model_validator(mode="after")
    def _known_parameters(self) -> "Synthetic":
        generator = GENERATORS[self.generator]
        _check_known("parameters", self.parameters, generator.defaults)
        _check_known("test_parameters", self.test_parameters, generator.defaults)
        if generator.dimension(self.values()) != generator.dimension(self.test_values()):
            raise invalid("must leave the dimension of the points as it is", "test_parameters")
        return self

    def group_or_default(self) -> Group:
        """Return the group that the data set is of."""
        return self.group or "synthetic"

    @property
    def features(self) -> int:
        """Dimension of the points, at most."""
        return int(GENERATORS[self.generator].dimension(self.values()))

    def values(self) -> dict[str, float]:
        """Return the value of every parameter of the generator."""
        return {**GENERATORS[self.generator].defaults, **(self.parameters or {})}

    def test_values(self) -> dict[str, float]:
        """Return the same for the test points."""
        return {**self.values(), **(self.test_parameters or {})}


class Table(Entry):
    """Rows with labels."""

    classes: Classes | None = None
    """Names of y = 0, 1, ... as the source has them, in quotes where YAML would read them as
    something else; rows of other classes are left out. All classes of the source where absent"""
    test_fraction: Share = 0.5
    """Share of every class that is drawn to test on"""


class Sklearn(Table):
    """A small table that comes with scikit-learn."""

    module = "bundled"
    kind: Literal["sklearn"]
    """Bundled with scikit-learn"""
    table: Literal["digits", "breast_cancer", "wine", "iris"]
    """Name of the table"""

    def group_or_default(self) -> Group:
        """Return the group that the data set is of."""
        return self.group or ("images" if self.table == "digits" else "table")


class Outside(Table):
    """Rows that come from somewhere else."""

    image_shape: ImageShape | None = None
    """Rows and columns of the image that a row of features is"""
    sha256: Sha256 | None = None
    """Checksum of the kept rows, whatever their order, as the data set's facts give it"""

    def group_or_default(self) -> Group:
        """Return the group that the data set is of."""
        return self.group or ("table" if self.image_shape is None else "images")


class Named(Outside):
    """Rows whose features have names."""

    ignore: Several[Column] | None = None
    """Columns of the table that are no features, such as a number of the row; "" is one without a
    name. A file in data_dir has left them out"""


class OpenML(Named):
    """A data set of openml.org."""

    module = "openml"
    kind: Literal["openml"]
    """Downloaded from openml.org"""
    openml_name: Line
    """Name of the data set on openml.org"""
    version: Count = 1
    """Its version there"""
    train_rows: Count | None = None
    """The first so many rows train, the others test; excludes test_fraction"""
    n_retries: Count = 3
    """How often to try again where the network fails"""

    @model_validator(mode="after")
    def _one_split(self) -> "OpenML":
        if self.train_rows is not None and "test_fraction" in self.model_fields_set:
            raise invalid(
                "must stand alone: give train_rows or test_fraction, not both", "train_rows"
            )
        return self


class File(Named):
    """The user's own table or arrays."""

    module = "files"
    kind: Literal["file"]
    """A file"""
    path: PathText
    """A .npz (arrays X, y or X_train, y_train, X_test, y_test), .parquet or .csv file, next to this
    catalogue, in the folder where the study is run or in the checkout (the first that is there
    counts), or in remote storage (s3://bucket/cells.csv)"""
    label: Line = "label"
    """A table's column of labels; all columns but those to ignore are features"""


class Folder(Outside):
    """Images in the files of a folder, as downloads leave them."""

    path: PathText
    """Folder of the files, looked for as the path of a file is"""

    def group_or_default(self) -> Group:
        """Return the group that the data set is of."""
        return self.group or "images"


class Idx(Folder):
    """Images in the format of MNIST, as torchvision keeps them, too."""

    module = "idx"
    kind: Literal["idx"]
    """IDX files: train-images-idx3-ubyte, train-labels-idx1-ubyte, and the same with t10k or test;
    also packed (.gz), and in a folder raw below"""


class CifarBinary(Folder):
    """CIFAR-10 in its binary version."""

    module = "cifar_binary"
    kind: Literal["cifar_binary"]
    """data_batch_1.bin to data_batch_5.bin and test_batch.bin; also in a folder
    cifar-10-batches-bin below. Classes are the numbers 0 to 9"""


class HuggingFace(Folder):
    """Images in Parquet files, as Hugging Face keeps them."""

    module = "hugging_face"
    kind: Literal["hugging_face"]
    """Parquet files, also in folders below; those whose name begins with train or test are these
    parts"""
    image: Line = "image"
    """Column of images: pictures as {bytes, path} or bytes, or arrays of numbers"""
    label: Line = "label"
    """Column of labels"""


class Given(Entry):
    """Layers that are there without training."""

    architecture: Name | None = None
    """What the architecture of the networks is called, the data set's name by default; data sets
    whose networks are alike may share it"""

    @property
    def has_accuracy(self) -> bool:
        """Whether accuracies of the networks are known."""
        return False

    @property
    def other_conditions(self) -> tuple[str, ...]:
        """Names of the conditions, beside the primary one, that there are layers of."""
        return ()

    @model_validator(mode="after")
    def _no_features(self) -> "Given":
        for key in ("scale", "unit"):
            if getattr(self, key) is not None:
                raise invalid("is for features, and layers are taken as they are", key)
        if self.accuracy_threshold is not None and not self.has_accuracy:
            raise invalid("needs accuracies, and none are given", "accuracy_threshold")
        return self


class Activations(Given):
    """Layers of networks that were trained elsewhere, with or without labels and accuracies."""

    module = "activations"
    kind: Literal["activations"]
    """Activations of networks that were trained elsewhere"""
    path: PathText
    """Layers of shape (points, units) or (networks, points, units): in a .npz or .safetensors file,
    such as `ricci_flow.record` writes; in a folder with a .npy file each; or in a folder of .npz
    and .safetensors files, whose networks follow each other. The arrays layer_1, layer_2, ... where
    any is named so, else all in their order. The path is looked for as that of a file"""
    labels: Line | None = None
    """Name of the array with the class of every point, or the path of a .npy file of it; without
    it, nothing that needs classes is measured"""
    accuracy: Accuracy | Accuracies | None = None
    """Test accuracy of every network, or a single one of all; without it, all networks are kept,
    and nothing is said of accuracy"""
    conditions: Annotated[dict[Name, PathText], Field(min_length=1)] | None = None
    """Layers of the same points under other conditions of the study, as paths by condition: of the
    same networks before training, say, in the same order"""

    @property
    def has_accuracy(self) -> bool:
        """Whether accuracies of the networks are known."""
        return self.accuracy is not None

    @property
    def other_conditions(self) -> tuple[str, ...]:
        """Names of the conditions, beside the primary one, that there are layers of."""
        return tuple(self.conditions or ())

    def paths(self) -> tuple[str, ...]:
        """Return the paths of the layers, those of the primary condition first."""
        return (self.path, *(self.conditions or {}).values())


class DrawnLayers(Given):
    """Layers that are drawn, without data and networks, whose flow is known."""

    module = "drawn_layers"
    kind: Literal["drawn_layers"]
    """Layers that are drawn, without data and networks"""
    source: Annotated[str, OneOf(lambda: LAYER_SOURCES)]
    """Name of the function that draws the layers"""
    networks: Count = 12
    """How often the layers are drawn; each draw stands for a network"""
    points: Annotated[int, Field(ge=FEWEST_POINTS)] = 160
    """Points of a layer"""
    depth: Annotated[int, Field(ge=3)] = 6
    """Layers; a coefficient needs four"""
    parameters: Annotated[dict[str, float], Field(min_length=1)] | None = None
    """Parameters of the source that differ from its defaults"""

    @model_validator(mode="after")
    def _known_parameters(self) -> "DrawnLayers":
        _check_known("parameters", self.parameters, LAYER_SOURCES[self.source].defaults)
        return self

    def group_or_default(self) -> Group:
        """Return the group that the data set is of."""
        return self.group or "synthetic"

    def values(self) -> dict[str, float]:
        """Return the value of every parameter of the source."""
        return {**LAYER_SOURCES[self.source].defaults, **(self.parameters or {})}


Folders = Idx | CifarBinary | HuggingFace
AnyEntry = Synthetic | Sklearn | OpenML | File | Folders | Activations | DrawnLayers
DataSet = Annotated[AnyEntry, Field(discriminator="kind")]


@dataclass(frozen=True)
class Request:
    """One data set: its entry in the catalogue and the study's own arguments.

    name: of the data set. seed_name: the study's name for its random streams. data_dir: folder
    whose <name>.npz takes the place of a download. data_home: scikit-learn's folder of downloads.
    test_points: the most test points, None for all.
    max_bytes: what arrays may take in memory, to refuse archives that would unpack to more.
    """

    name: str
    entry: AnyEntry
    seed_name: str = "default"
    data_dir: Path | None = None
    data_home: Path | None = None
    max_bytes: int = 8 * GIBIBYTE
    test_points: int | None = None

    @property
    def where(self) -> str:
        """How messages name this data set."""
        return f"data set {self.name!r}"

    def reject(self, key: str, cure: str) -> InputError:
        """Return the error for a key whose value will not do."""
        value = getattr(self.entry if hasattr(self.entry, key) else self, key)
        shown = str(value) if isinstance(value, Path) else repr(value)
        return InputError(f"{self.where}: key {key!r} is {shown}; {cure}")
