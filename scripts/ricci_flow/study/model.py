"""A study resolved: every data set, architecture, condition and recipe it asks for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ricci_flow.errors import InputError
from ricci_flow.study.schema import check_schema, closest, load_yaml

# Keys of a data set's entry that later stages use; all others describe how the data are made.
_LATER_KEYS = ("k_grid", "accuracy_threshold", "title")


@dataclass(frozen=True)
class Study:
    """What one config asks for, checked and complete.

    config: the whole config with defaults. data_sets, architectures, conditions: the catalogue
    entries of the names the study lists, in its order.
    """

    config: Mapping[str, Any]
    data_sets: Mapping[str, Mapping[str, Any]]
    architectures: Mapping[str, Mapping[str, Any]]
    conditions: Mapping[str, Mapping[str, Any]]

    @property
    def name(self) -> str:
        """Name of the study."""
        return str(self.config["study"])

    @property
    def seed_name(self) -> str:
        """Root name of the study's random streams."""
        return str(self.config["seed_name"] or self.name)

    def ensembles(self) -> list[tuple[str, str, str]]:
        """Return (data set, architecture, condition) of every ensemble, in the config's order."""
        return [
            (data_set, architecture, condition)
            for data_set in self.data_sets
            for architecture in self.architectures
            for condition, entry in self.conditions.items()
            if data_set in entry.get("data_sets", [data_set])
        ]

    def source(self, data_set: str) -> dict[str, Any]:
        """Return the part of a data set's entry that says how its points are made."""
        entry = self.data_sets[data_set]
        return {key: value for key, value in entry.items() if key not in _LATER_KEYS}

    def threshold(self, data_set: str) -> float:
        """Return the test accuracy above which a network of this data set is kept."""
        entry = self.data_sets[data_set]
        return float(entry.get("accuracy_threshold", self.config["accuracy_threshold"]))

    def groups(self) -> dict[str, str]:
        """Return each data set's group in the claims: synthetic or real."""
        return {
            name: "synthetic" if entry["kind"] == "synthetic" else "real"
            for name, entry in self.data_sets.items()
        }

    def published(self) -> list[str]:
        """Return the file of published values to compare with, or nothing."""
        return [self.config["published"]] if self.config["published"] else []

    def unfiltered(self) -> list[str]:
        """Return the conditions whose networks are kept whatever their accuracy."""
        return [name for name, entry in self.conditions.items() if not entry["accuracy_filter"]]

    def k_grid(self, data_set: str) -> list[int] | None:
        """Return the data set's own k grid, ascending, or None where fractions of n serve."""
        grid = self.data_sets[data_set].get("k_grid")
        return sorted(grid) if grid is not None else None

    def k_fractions(self) -> list[float]:
        """Return the study's grid of k as shares of the test points, ascending."""
        return sorted(self.config["geometry"]["k_fractions"])

    def recipe(self, architecture: str, condition: str) -> dict[str, Any]:
        """Return the training options of an ensemble: the study's, changed by its condition."""
        recipe = {
            **self.config["training"],
            "activation": self.architectures[architecture]["activation"],
            "labels": "true",
        }
        entry = self.conditions[condition]
        return {key: entry.get(key, value) for key, value in recipe.items()}

    def as_json(self) -> str:
        """Return the config with the catalogue entries it uses in place of their names."""
        entries = {
            "data_sets": self.data_sets,
            "architectures": self.architectures,
            "conditions": self.conditions,
        }
        return json.dumps({**self.config, **entries}, ensure_ascii=True)


def load_study(config: Mapping[str, Any], schemas: Path, where: str = "config") -> Study:
    """Check a config and its catalogues and resolve the names it lists.

    config: as Snakemake merged it; schemas: folder of the JSON schemas; where: the config file's
    name, for messages. Raises InputError, one line, at the first thing that is wrong.
    """
    checked = check_schema(dict(config), schemas / "config.schema.yaml", where)
    chosen: dict[str, dict[str, Any]] = {}
    for kind, schema in (
        ("data_sets", "datasets"),
        ("architectures", "architectures"),
        ("conditions", "conditions"),
    ):
        path = Path(checked["catalogues"][kind])
        catalogue = check_schema(load_yaml(path), schemas / f"{schema}.schema.yaml", str(path))
        chosen[kind] = {}
        for name in checked[kind]:
            if name not in catalogue:
                cure = closest(name, catalogue)
                raise InputError(f"{where}: key '{kind}' names {name!r}, not in {path}; {cure}")
            chosen[kind][name] = catalogue[name]
    study = Study(checked, chosen["data_sets"], chosen["architectures"], chosen["conditions"])
    check_across(study, where)
    return study


def check_across(study: Study, where: str) -> None:
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
    folder = config["data_dir"]
    if folder is not None and not Path(folder).is_dir():
        raise InputError(
            f"{where}: key 'data_dir' is {folder!r}, not a folder; give one that holds "
            "<data set>.npz, or null to download"
        )
    published = config["published"]
    if published is not None and not Path(published).is_file():
        raise InputError(f"{where}: key 'published' is {published!r}, not a file; mend it")
    catalogue = config["catalogues"]["data_sets"]
    for name, entry in study.data_sets.items():
        n_test = entry.get("n_test")
        grid = entry.get("k_grid")
        if grid and n_test is not None and max(grid) >= n_test:
            raise InputError(
                f"{catalogue}: key '{name}.k_grid' goes up to {max(grid)}, not below n_test "
                f"{n_test}; use smaller k or more test points"
            )
        path = entry.get("path")
        if path is not None and not Path(path).is_file():
            raise InputError(f"{catalogue}: key '{name}.path' is {path!r}, not a file; mend it")
    used = {condition for _, _, condition in study.ensembles()}
    restricted = any("data_sets" in entry for entry in study.conditions.values())
    known = load_yaml(Path(catalogue)) if restricted else {}
    for name, entry in study.conditions.items():
        for data_set in entry.get("data_sets", []):
            if data_set not in known:
                raise InputError(
                    f"{config['catalogues']['conditions']}: key '{name}.data_sets' names "
                    f"{data_set!r}, not in {catalogue}; {closest(data_set, known)}"
                )
        if name not in used:
            raise InputError(
                f"{where}: condition {name!r} is for none of the study's data sets; leave it out, "
                f"or add one of {entry['data_sets']} to data_sets"
            )
