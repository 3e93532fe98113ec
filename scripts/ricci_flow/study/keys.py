"""Every key of a study's config, and of its catalogue of conditions, declared once.

The keys of a recipe are declared in networks/recipe.py, those of an architecture in
networks/architecture.py and of its layers in networks/layers/, those of a data set in
datasets/request.py, those of blocks, measures and settings in measurement/. What a key says of
another one is checked in across.py. scripts/write_schemas.py makes the schemas for editors of all
of them.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from ricci_flow.datasets.request import DataSet
from ricci_flow.measurement.block import Block
from ricci_flow.measurement.catalogue import MeasureEntry
from ricci_flow.measurement.settings import Setting
from ricci_flow.multiverse.choices import Multiverse
from ricci_flow.networks.architecture import ArchitectureEntry
from ricci_flow.networks.recipe import Recipe, RecipeKeys
from ricci_flow.validation import (
    Folder,
    Keys,
    ModuleName,
    Name,
    Names,
    PathText,
    Several,
    Share,
    Title,
)

Networks = Annotated[int, Field(ge=1, le=10_000)]
Device = Literal["auto", "cpu", "cuda"]


def _without_defaults(schema: dict[str, Any]) -> None:
    """Take the defaults out of a schema: a key that is not given changes nothing."""
    for part in schema["properties"].values():
        part.pop("default", None)


class RecipeChange(RecipeKeys):
    """What changes of a recipe; a key that is not given stays as it was."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)


def changes_of(entry: RecipeKeys) -> dict[str, Any]:
    """Return the keys of a recipe that are given, with their values."""
    given = entry.model_fields_set & set(Recipe.model_fields)
    return {key: getattr(entry, key) for key in Recipe.model_fields if key in given}


Changes = dict[Name, RecipeChange]


class Training(RecipeKeys):
    """Recipe of every ensemble, where its condition does not say otherwise."""

    device: Device = "auto"
    """Where networks are trained; auto takes a CUDA device if there is one"""
    by_data_set: Changes = {}
    """What the recipe of a data set changes of the keys above, by the name of the data set. A
    condition changes what results, so controls are trained as the networks they control"""


class Geometry(Keys):
    """Graphs and what is measured on them."""

    measures: Names = ("forman_directed", "forman_union")
    """Names from the catalogue of measures: what is measured of every layer, at every k"""
    primary_measure: Name = "forman_directed"
    """The measure of the figures and of the report's sentences"""
    k_fractions: Several[Share] = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5)
    """Grid of k for data sets without a k_grid, as shares of their test points, each once, in any
    order"""
    keep_graphs: bool = True
    """Keep neighbour lists; without them less disk, but a new k searches again"""


class Catalogues(Keys):
    """Files that describe data sets, architectures, conditions, measures and settings."""

    data_sets: PathText = "config/datasets.yaml"
    """Catalogue of data sets"""
    architectures: PathText = "config/architectures.yaml"
    """Catalogue of architectures"""
    conditions: PathText = "config/conditions.yaml"
    """Catalogue of conditions"""
    measures: PathText = "config/measures.yaml"
    """Catalogue of measures"""
    settings: PathText = "config/settings.yaml"
    """Catalogue of settings"""


class Config(Keys):
    """What one run of the workflow asks for."""

    study: Name
    """Name of the study, the folder of its results"""
    seed_name: Name | None = None
    """Root name of every random stream; the study's name where null"""
    results: Folder = "results"
    """Folder below which every study has its own; letters, digits, _ - . and / only"""
    data_sets: Names
    """Names from the catalogue of data sets"""
    architectures: Names
    """Names from the catalogue of architectures"""
    conditions: Names = ("trained",)
    """Names from the catalogue of conditions"""
    primary: Name | None = None
    """The condition that the report speaks of where it does not say otherwise, and that controls
    are compared with; the first of conditions where null"""
    networks: Networks = 6
    """Networks in every ensemble (see also control_networks)"""
    control_networks: Networks | None = None
    """Networks in every ensemble of all conditions but the primary one, at most networks; as
    networks where null"""
    test_points: Annotated[int, Field(ge=4)] | None = None
    """The most test points of a data set: of one with more, so many are drawn once, the same for
    all its layers, networks and conditions; all of them where null"""
    training: Training = Training()
    geometry: Geometry = Geometry()
    further: dict[Name, Block] = {}
    """Blocks of measurements in addition to the main one, by names of your own"""
    multiverse: Multiverse | None = None
    """Choices under all of which every claim is judged; none where null"""
    accuracy_threshold: Share = 0.9
    """Networks above it are kept, for data sets whose entry names no threshold"""
    confidence: Share = 0.95
    """Level of the intervals in the statistics"""
    claims: Names | None = None
    """Keys of the claims that are judged (claims/, a module each); all of the paper where null"""
    data_dir: PathText | None = None
    """Folder whose <data set>.npz takes the place of a download"""
    explore: bool = True
    """Make the page explore.html beside the report, on which readers move the points of single
    networks through the layers"""
    published: PathText | None = None
    """File of published values that the report compares with the study's own"""
    about: PathText | None = None
    """File of Markdown that says what a system of the atlas is, first what deviates from the
    original; it becomes a page of the report"""
    catalogues: Catalogues = Catalogues()


class Condition(Recipe):
    """What an ensemble changes of the study's recipe."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    by_data_set: Changes = {}
    """What the condition changes for single data sets, by their names; as training.by_data_set"""
    gaussian_of: Name | None = None
    """In place of networks, Gaussian layers with the means and covariances of the layers of this
    condition"""
    closed_form: ModuleName | None = None
    """With gaussian_of: a module of networks/closed_forms, whose theory of the networks of that
    condition says the covariances of the layers, in place of what was measured"""
    data_sets: Names | None = None
    """Only for these data sets of the study; for all where absent"""
    control: bool = False
    """Whether it shows what does not come from training: claims are not judged in it, but it is
    compared with the conditions that they are judged in"""
    accuracy_filter: bool = True
    """Whether only networks above their data set's accuracy threshold are kept"""
    title: Title | None = None
    """Title in figures, tables and pages, in place of its name; plain text on one line. By
    default the name with spaces for underscores"""


def _catalogue(entry: Any) -> TypeAdapter[Mapping[str, Any]]:
    """Return what reads a catalogue: names with entries."""
    return TypeAdapter(dict[Name, entry], config=ConfigDict(strict=True))


# What reads each of the catalogues.
CATALOGUES = {
    "data_sets": _catalogue(DataSet),
    "architectures": _catalogue(ArchitectureEntry),
    "conditions": _catalogue(Condition),
    "measures": _catalogue(MeasureEntry),
    "settings": _catalogue(Setting),
}
