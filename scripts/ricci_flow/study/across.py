"""What a schema cannot check: keys that must fit each other, and files that must exist."""

from pathlib import Path
from typing import TYPE_CHECKING

from ricci_flow.datasets.threshold import check_threshold
from ricci_flow.errors import InputError, closest
from ricci_flow.networks.trainers import modules_of
from ricci_flow.study.paths import is_remote
from ricci_flow.study.schema import load_yaml

if TYPE_CHECKING:
    from ricci_flow.study.model import Study


def check_across(study: "Study", where: str) -> None:
    """Check what a schema cannot: keys that must fit each other, and files that must exist.

    Raises InputError, one line, at the first thing that is wrong.
    """
    config = study.config
    geometry = config["geometry"]
    if geometry["primary_convention"] not in geometry["conventions"]:
        raise InputError(
            f"{where}: key 'geometry.primary_convention' is {geometry['primary_convention']!r}, "
            f"not among geometry.conventions {geometry['conventions']}; add it there"
        )
    for name in config["robustness"]["conditions"] or ():
        if name not in study.conditions:
            raise InputError(
                f"{where}: key 'robustness.conditions' names {name!r}, not among the study's "
                f"conditions; {closest(name, study.conditions)}"
            )
    folder = config["data_dir"]
    if folder is not None and not Path(folder).is_dir():
        raise InputError(
            f"{where}: key 'data_dir' is {folder!r}, not a folder; give one that holds "
            "<data set>.npz, or null to download"
        )
    if config["claims"] is not None:
        from ricci_flow.claims.registry import chosen_claims  # numpy and polars take time to load

        try:
            chosen_claims(config["claims"])
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
    published = config["published"]
    if published is not None and not Path(published).is_file():
        raise InputError(f"{where}: key 'published' is {published!r}, not a file; mend it")
    study.published()  # the file that it names in turn
    catalogue = config["catalogues"]["data_sets"]
    for name, entry in study.data_sets.items():
        n_test = entry.get("n_test")
        grid = entry.get("k_grid")
        if grid and n_test is not None and max(grid) >= n_test:
            raise InputError(
                f"{catalogue}: key '{name}.k_grid' goes up to {max(grid)}, not below n_test "
                f"{n_test}; use smaller k or more test points"
            )
        if entry["kind"] == "synthetic" and study.is_filtered(name):
            points = 1000 if n_test is None else n_test
            larger = (points - points // 2) / points
            check_threshold(study.threshold(name), larger, f"{where}, data set {name}")
        path = entry.get("path")
        if path is not None and not is_remote(path) and not Path(path).is_file():
            raise InputError(f"{catalogue}: key '{name}.path' is {path!r}, not a file; mend it")
    study.shapes()  # every architecture's layers are of kinds that there are
    for data_set, architecture, condition in study.ensembles():
        modules_of(study.recipe(data_set, architecture, condition)["trainer"])
    _check_gaussian(study, where)
    conditions = config["curvatures"]["conditions"]
    for name in conditions if isinstance(conditions, list) else []:
        if name not in study.conditions:
            raise InputError(
                f"{where}: key 'curvatures.conditions' names {name!r}, not among the study's "
                f"conditions; {closest(name, study.conditions)}"
            )
    used = {condition for _, _, condition in study.ensembles()}
    _check_named_data_sets(study, where)
    for name, entry in study.conditions.items():
        if name not in used:
            raise InputError(
                f"{where}: condition {name!r} is for none of the study's data sets; leave it out, "
                f"or add one of {entry['data_sets']} to data_sets"
            )


def _check_named_data_sets(study: "Study", where: str) -> None:
    """Check that whatever the config and the conditions say of a data set is of a known one."""
    config = study.config
    catalogue = config["catalogues"]["data_sets"]
    named = [
        (where, "training.by_data_set", data_set) for data_set in config["training"]["by_data_set"]
    ]
    for name, entry in study.conditions.items():
        for key in ("data_sets", "by_data_set"):
            file = config["catalogues"]["conditions"]
            named += [(file, f"{name}.{key}", data_set) for data_set in entry.get(key, ())]
    known = load_yaml(Path(catalogue)) if named else {}
    for file, key, data_set in named:
        if data_set not in known:
            raise InputError(
                f"{file}: key {key!r} names {data_set!r}, not in {catalogue}; "
                f"{closest(data_set, known)}"
            )


def _check_gaussian(study: "Study", where: str) -> None:
    """Check that what random features are to be like is there, and enough of it."""
    catalogue = study.config["catalogues"]["conditions"]
    ensembles = set(study.ensembles())
    for name in study.gaussian_conditions():
        entry = study.conditions[name]
        of = entry["gaussian_of"]
        others = sorted(set(entry) - {"gaussian_of", "data_sets", "accuracy_filter", "title"})
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
                "control_networks, or change the order of conditions"
            )
        for data_set, architecture, condition in study.ensembles():
            if condition == name and (data_set, architecture, of) not in ensembles:
                raise InputError(
                    f"{catalogue}: condition {name!r} is to be like {of!r}, which is not for data "
                    f"set {data_set!r}; give both the same data_sets"
                )
