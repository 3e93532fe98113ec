"""What a key by itself does not show: keys that must fit each other, files that must exist."""

from pathlib import Path
from typing import TYPE_CHECKING

from ricci_flow.datasets.generators import GENERATORS
from ricci_flow.datasets.request import File, Folder, Given, Synthetic
from ricci_flow.datasets.threshold import check_threshold
from ricci_flow.errors import InputError, closest
from ricci_flow.networks.mean_field import check_mean_field
from ricci_flow.networks.own_module import check_source
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import options_of
from ricci_flow.study.blocks import check_blocks
from ricci_flow.study.multiverse import check_multiverse, has_local, measures_points
from ricci_flow.study.paths import is_remote
from ricci_flow.yaml_file import load_yaml

if TYPE_CHECKING:
    from ricci_flow.study.model import Study


def check_across(study: "Study", where: str) -> None:
    """Check that keys fit each other, and that files are there.

    Raises InputError, one line, at the first thing that is wrong.
    """
    config = study.config
    geometry = config.geometry
    if geometry.primary_measure not in geometry.measures:
        raise InputError(
            f"{where}: key 'geometry.primary_measure' is {geometry.primary_measure!r}, "
            f"not among geometry.measures {list(geometry.measures)}; add it there"
        )
    check_blocks(study, where)
    folder = config.data_dir
    if folder is not None and not Path(folder).is_dir():
        raise InputError(
            f"{where}: key 'data_dir' is {folder!r}, not a folder; give one that holds "
            "<data set>.npz, or null to download"
        )
    if config.claims is not None:
        from ricci_flow.claims.registry import chosen_claims  # numpy and polars take time to load

        try:
            chosen_claims(list(config.claims))
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
        _check_claims(study, where)
    check_multiverse(study, where)
    published = config.published
    if published is not None and not Path(published).is_file():
        raise InputError(f"{where}: key 'published' is {published!r}, not a file; correct it")
    study.published()  # the file that it names in turn
    study.about(where)
    catalogue = config.catalogues.data_sets
    for name, entry in study.data_sets.items():
        if isinstance(entry, Synthetic):
            points, grid = study.test_points(entry.n_test), entry.k_grid
            if grid and max(grid) >= points:
                key = "n_test" if points == entry.n_test else "test_points"
                raise InputError(
                    f"{catalogue}: key '{name}.k_grid' goes up to {max(grid)}, not below "
                    f"{key} {points}; use smaller k or more test points"
                )
            threshold = study.threshold_of_any(name)
            if threshold is not None:
                larger = max(GENERATORS[entry.generator].counts(points)) / points
                check_threshold(threshold, larger, f"{where}, data set {name}")
        if isinstance(entry, Folder):
            if is_remote(entry.path):
                raise InputError(
                    f"{catalogue}: key '{name}.path' is {entry.path!r}; folders are read from this "
                    "machine: copy it here"
                )
            study.files(name)
        path = entry.path if isinstance(entry, File) else None
        if path is not None and not is_remote(path) and not Path(path).is_file():
            raise InputError(f"{catalogue}: key '{name}.path' is {path!r}, not a file; correct it")
    for names in study.ensembles():
        recipe = study.recipe(*names)
        options_of(recipe)
        check_mean_field(study.architectures[names[1]].architecture(), recipe)
    _check_modules(study)
    _check_gaussian(study, where)
    used = {condition for _, _, condition in study.ensembles()}
    _check_named_data_sets(study, where)
    measured = {data_set for data_set, _, _ in study.ensembles()}
    for name, entry in study.given().items():
        _check_brought(study, name, entry)
        if name not in measured:
            raise InputError(
                f"{where}: the activations of data set {name!r} stand for the primary condition "
                f"{study.primary!r}, which is not for this data set; add it to the condition's "
                "data_sets, or name another condition primary"
            )
    for name, condition in study.conditions.items():
        if name not in used:
            raise InputError(
                f"{where}: condition {name!r} is for none of the study's data sets; leave it out, "
                f"or add one of {list(condition.data_sets or ())} to data_sets"
            )


def _check_brought(study: "Study", data_set: str, entry: Given) -> None:
    """Check the conditions, beside the primary one, that a data set brings layers of."""
    key = f"{study.config.catalogues.data_sets}: key '{data_set}.conditions'"
    for name in entry.other_conditions:
        if name == study.primary:
            raise InputError(
                f"{key} names {name!r}, the primary condition, whose layers are those of path; "
                "leave one of the two out"
            )
        condition = study.conditions.get(name)
        if condition is None:  # of another study
            continue
        if condition.gaussian_of is not None:
            raise InputError(f"{key} names {name!r}, which is drawn like others; leave it out")
        if condition.accuracy_filter and entry.has_accuracy:
            raise InputError(
                f"{key} names {name!r}, whose accuracies are not known, so that none of its "
                "networks could be kept; take a condition with accuracy_filter: false"
            )


def _check_modules(study: "Study") -> None:
    """Check the architectures that are modules of the user's, without running these."""
    catalogue = study.config.catalogues.architectures
    for name, entry in study.architectures.items():
        if entry.module is None:
            continue
        try:
            check_source(entry.module)
        except InputError as error:
            raise InputError(f"{catalogue}: key '{name}.module': {error}") from None
        for condition, keys in study.conditions.items():
            if keys.activation is not None:
                raise InputError(
                    f"{study.config.catalogues.conditions}: key '{condition}.activation' cannot "
                    f"change the module of architecture {name!r}; leave one of the two out"
                )


def _check_named_data_sets(study: "Study", where: str) -> None:
    """Check that whatever the config and the conditions say of a data set is of a known one."""
    config = study.config
    catalogue = config.catalogues.data_sets
    named = [(where, "training.by_data_set", data_set) for data_set in config.training.by_data_set]
    for name, entry in study.conditions.items():
        keys = {"data_sets": entry.data_sets or (), "by_data_set": entry.by_data_set}
        for key, names in keys.items():
            file = config.catalogues.conditions
            named += [(file, f"{name}.{key}", data_set) for data_set in names]
    known = load_yaml(Path(catalogue)) if named else {}
    for file, key, data_set in named:
        if data_set not in known:
            raise InputError(
                f"{file}: key {key!r} names {data_set!r}, not in {catalogue}; "
                f"{closest(data_set, known)}"
            )


def _check_gaussian(study: "Study", where: str) -> None:
    """Check that what random features are to be like is there, and enough of it."""
    catalogue = study.config.catalogues.conditions
    ensembles = set(study.ensembles())
    for name, entry in study.conditions.items():
        if entry.closed_form is not None and entry.gaussian_of is None:
            raise InputError(
                f"{catalogue}: key '{name}.closed_form' needs gaussian_of, the condition of the "
                "networks that it is a theory of; add it"
            )
    for name in study.gaussian_conditions():
        entry = study.conditions[name]
        of = entry.gaussian_of or ""
        others = sorted(entry.model_fields_set & {*Recipe.model_fields, "by_data_set"})
        if others:
            raise InputError(
                f"{catalogue}: key '{name}.{others[0]}' is for networks, and '{name}' with its "
                "gaussian_of has none; leave one of the two out"
            )
        if of not in study.trained_conditions():
            raise InputError(
                f"{where}: condition {name!r} is to be like {of!r}, which is not among the study's "
                f"conditions with networks {study.trained_conditions()}; add it to conditions"
            )
        if study.networks(name) > study.networks(of):
            raise InputError(
                f"{where}: condition {name!r} has {study.networks(name)} networks in an ensemble, "
                f"and {of!r}, which it is to be like, {study.networks(of)}; lower networks or "
                "control_networks, or name another condition primary"
            )
        if entry.closed_form is not None:
            _check_closed_form(study, name)
        for data_set, architecture, condition in study.ensembles():
            if condition == name and (data_set, architecture, of) not in ensembles:
                raise InputError(
                    f"{catalogue}: condition {name!r} is to be like {of!r}, which is not for data "
                    f"set {data_set!r}; give both the same data_sets"
                )


def _check_closed_form(study: "Study", name: str) -> None:
    """Check that a condition's closed form is a theory of the networks that it is to be like."""
    from ricci_flow.networks.closed_forms import check_closed_form  # numpy takes time to load

    entry = study.conditions[name]
    for data_set, architecture, condition in study.ensembles():
        if condition != name:
            continue
        key = f"{study.config.catalogues.conditions}: key '{name}.closed_form'"
        if data_set in study.given():
            raise InputError(
                f"{key} is for networks, and data set {data_set!r} brings layers; name the "
                "condition's data_sets"
            )
        try:
            recipe = study.recipe(data_set, architecture, f"{entry.gaussian_of}")
            check_closed_form(f"{entry.closed_form}", recipe)
        except InputError as error:
            raise InputError(f"{key} {error}") from None


def _check_claims(study: "Study", where: str) -> None:
    """Check that the further blocks measure what claims need."""
    if not study.judges_blocks() and not study.judges_stopping():
        return
    from ricci_flow.claims.point_measures import COMMUNITIES, SETTING
    from ricci_flow.claims.registry import chosen_claims

    for claim in chosen_claims(study.config.claims):
        for asked, setting in claim.needs:
            if not any(
                asked in study.measures_of(block) and setting in study.settings_of(block)
                for block in study.blocks()
            ):
                raise InputError(
                    f"{where}: key 'claims' names {claim.key!r}; give key 'further' a block with "
                    f"the measure {asked} and the setting {setting}"
                )
    measure = study.config.geometry.primary_measure
    if study.evidence() & {"hehl2025", "hehl2025 stopping"} and not has_local(study, measure):
        raise InputError(
            f"{where}: key 'geometry.primary_measure' is {measure!r}, which has no local "
            "coefficients for the claims that key 'claims' names; use augmented_forman or another "
            "measure of edges without direction"
        )
    if "hehl2025" in study.evidence() and not any(
        measures_points(study, block, SETTING, {measure, COMMUNITIES}) for block in study.blocks()
    ):
        raise InputError(
            f"{where}: key 'claims' names claims on local coefficients; give key 'further' a block "
            f"with local: true, the setting {SETTING}, and the measures {measure} and {COMMUNITIES}"
        )
    if study.judges_stopping() and not any(
        measures_points(study, block, SETTING, {measure})
        and len(study.config.further[block].kept_at) > 1
        for block in study.checkpoint_blocks()
    ):
        raise InputError(
            f"{where}: key 'claims' names a claim on early stopping; give key 'further' a block "
            f"with two checkpoints or more, local: true, the setting {SETTING}, and the measure "
            f"{measure}"
        )
