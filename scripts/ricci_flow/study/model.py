"""A study resolved: every data set, architecture, condition and recipe it asks for."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ricci_flow.curvatures.catalogue import check_notion, notion_flag, read_constants
from ricci_flow.errors import InputError, closest
from ricci_flow.labels import Labels, labels_of
from ricci_flow.networks.architecture import Architecture, read_architecture
from ricci_flow.networks.trainers import modules_of
from ricci_flow.study.across import check_across
from ricci_flow.study.paths import KEYS, locate, named_in
from ricci_flow.study.published import published_files
from ricci_flow.study.schema import check_schema, load_yaml

# Keys of a data set's entry that later stages use; all others describe how the data are made.
_LATER_KEYS = ("k_grid", "accuracy_threshold", "title")


@dataclass(frozen=True)
class Study:
    """What one config asks for, checked and complete.

    config: the whole config with defaults. data_sets, architectures, conditions, curvatures: the
    catalogue entries of the names the study lists, in its order.
    """

    config: Mapping[str, Any]
    data_sets: Mapping[str, Mapping[str, Any]]
    architectures: Mapping[str, Mapping[str, Any]]
    conditions: Mapping[str, Mapping[str, Any]]
    curvatures: Mapping[str, Mapping[str, Any]]

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

    def curved(self) -> list[tuple[str, str, str]]:
        """Return the ensembles that other curvatures are measured of, none without any notion."""
        chosen = self.config["curvatures"]["conditions"]
        if isinstance(chosen, int):
            chosen = list(self.conditions)[:chosen]
        return [names for names in self.ensembles() if self.curvatures and names[2] in chosen]

    def notions(self) -> list[str]:
        """Return the curvatures asked for, as words of a command line."""
        return [notion_flag(name, entry) for name, entry in self.curvatures.items()]

    def notion_modules(self) -> list[str]:
        """Return the modules of the curvatures asked for, sorted."""
        return sorted({entry["module"] for entry in self.curvatures.values()})

    def costly_notions(self) -> list[str]:
        """Return the curvatures asked for that take long."""
        return [
            name
            for name, entry in self.curvatures.items()
            if read_constants(entry["module"])["COST"] == "high"
        ]

    def robustness_ensembles(self) -> list[tuple[str, str, str]]:
        """Return the ensembles whose robustness is measured; none where no variant is asked for."""
        if not self.config["robustness"]["variants"]:
            return []
        chosen = self.config["robustness"]["conditions"] or self.config["conditions"][:1]
        return [names for names in self.ensembles() if names[2] in chosen]

    def source(self, data_set: str) -> dict[str, Any]:
        """Return the part of a data set's entry that says how its points are made."""
        entry = self.data_sets[data_set]
        # Only a download can be replaced by the file of the data set that this is a variant of.
        later = _LATER_KEYS if entry["kind"] == "openml" else (*_LATER_KEYS, "variant_of")
        return {key: value for key, value in entry.items() if key not in later}

    def threshold(self, data_set: str) -> float:
        """Return the test accuracy above which a network of this data set is kept."""
        entry = self.data_sets[data_set]
        return float(entry.get("accuracy_threshold", self.config["accuracy_threshold"]))

    def threshold_of(self, data_set: str, condition: str) -> float | None:
        """Return the same for the networks of a condition; None where all of them are kept."""
        return None if condition in self.unfiltered() else self.threshold(data_set)

    def threshold_of_any(self, data_set: str) -> float | None:
        """Return the same for a data set; None where no ensemble of it is filtered."""
        return self.threshold(data_set) if self.is_filtered(data_set) else None

    def data_dir(self, data_set: str) -> str | None:
        """Return the folder whose files take the place of a download; None for no download."""
        folder = self.config["data_dir"]
        if folder is None or self.data_sets[data_set]["kind"] != "openml":
            return None
        return os.path.normpath(folder)

    def replacement(self, data_set: str) -> list[str]:
        """Return the file in `data_dir` that takes the place of a download, if there is one."""
        folder = self.data_dir(data_set)
        if folder is None:
            return []
        names = [data_set, self.published_names()[data_set]]  # its own, or that of what it varies
        paths = [Path(folder) / f"{name}.npz" for name in names]
        return [str(path) for path in paths if path.is_file()][:1]

    def groups(self) -> dict[str, str]:
        """Return each data set's group in the claims: synthetic or real."""
        return {
            name: "synthetic" if entry["kind"] == "synthetic" else "real"
            for name, entry in self.data_sets.items()
        }

    def published(self) -> list[str]:
        """Return the files of published values to compare with, the YAML first, or nothing."""
        path = self.config["published"]
        return [str(file) for file in published_files(Path(path))] if path else []

    def networks(self, condition: str) -> int:
        """Return how many networks an ensemble of a condition has."""
        first = condition == self.config["conditions"][0]
        return int(self.config["networks"]) if first else self.control_networks()

    def control_networks(self) -> int:
        """Return how many networks an ensemble of any condition but the first has, never more."""
        networks = int(self.config["networks"])
        return min(networks, int(self.config["control_networks"] or networks))

    def gaussian_conditions(self) -> list[str]:
        """Return the conditions that draw Gaussian layers like another condition's."""
        return [name for name, entry in self.conditions.items() if "gaussian_of" in entry]

    def trained_conditions(self) -> list[str]:
        """Return the conditions that have networks of their own, trained or not."""
        return [name for name, entry in self.conditions.items() if "gaussian_of" not in entry]

    def unfiltered(self) -> list[str]:
        """Return the conditions whose networks are kept whatever their accuracy."""
        return [name for name, entry in self.conditions.items() if not entry["accuracy_filter"]]

    def is_filtered(self, data_set: str) -> bool:
        """Return whether any ensemble of a data set keeps only networks above the threshold."""
        unfiltered = self.unfiltered()
        return any(d == data_set and c not in unfiltered for d, _, c in self.ensembles())

    def scales(self, data_set: str) -> list[str]:
        """Return the scales that networks of a data set are trained with, sorted."""
        trained = self.trained_conditions()
        return sorted(
            {
                self.recipe(d, a, c)["scale"]
                for d, a, c in self.ensembles()
                if d == data_set and c in trained
            }
        )

    def controls(self) -> list[str]:
        """Return the conditions that the first is compared with: untrained, random and the like."""
        chosen = {*self.unfiltered(), *self.gaussian_conditions()}
        return [name for name in self.config["conditions"][1:] if name in chosen]

    def judged(self) -> list[str]:
        """Return the conditions that claims are judged in: those that are no controls."""
        return [name for name in self.conditions if name not in self.controls()]

    def epochs(self) -> dict[str, int]:
        """Return the epochs of each condition that is judged, where these differ in nothing else.

        Empty where they differ in more than epochs or less, or any is not trained at all.
        """
        epochs: dict[str, int] = {}
        for data_set, architecture, _ in self.ensembles():
            recipes = {name: self.recipe(data_set, architecture, name) for name in self.judged()}
            here = {name: recipe.pop("epochs") for name, recipe in recipes.items()}
            first = next(iter(recipes.values()))
            if any(recipe != first for recipe in recipes.values()) or (epochs or here) != here:
                return {}
            epochs = here
        alone = len(set(epochs.values())) == len(epochs) and min(epochs.values(), default=0) > 0
        everywhere = not any("data_sets" in self.conditions[name] for name in epochs)
        return epochs if alone and everywhere else {}

    def labels(self) -> Labels:
        """Return what is shown to readers for the names of the study."""
        return labels_of(
            {
                "data_sets": self.data_sets,
                "architectures": self.architectures,
                "conditions": self.conditions,
            }
        )

    def k_grid(self, data_set: str) -> list[int] | None:
        """Return the data set's own k grid, ascending, or None where fractions of n serve."""
        grid = self.data_sets[data_set].get("k_grid")
        return sorted(grid) if grid is not None else None

    def k_fractions(self) -> list[float]:
        """Return the study's grid of k as shares of the test points, ascending."""
        return sorted(self.config["geometry"]["k_fractions"])

    def recipe(self, data_set: str, architecture: str, condition: str) -> dict[str, Any]:
        """Return the training options of an ensemble.

        The study's, changed by its entry for the data set, then by the condition, then by the
        condition's entry for the data set. So a control differs from the networks it controls by
        nothing but what its condition says.
        """
        training = dict(self.config["training"])
        of_data_set = training.pop("by_data_set").get(data_set, {})
        entry = self.conditions[condition]
        recipe = {
            **training,
            "activation": self.architectures[architecture]["activation"],
            "labels": "true",
            **of_data_set,
        }
        changes = {**entry, **entry.get("by_data_set", {}).get(data_set, {})}
        return {key: changes.get(key, value) for key, value in recipe.items()}

    def training(self, data_set: str, architecture: str, condition: str) -> dict[str, Any]:
        """Return the fields of a training job that say what is trained, and how."""
        recipe = self.recipe(data_set, architecture, condition)
        options = {name: recipe.pop(name) for name in ("scale", "device")}
        entry = self.architectures[architecture]
        layers = {key: entry[key] for key in ("widths", "layers", "activation") if key in entry}
        return {"entry": layers, "recipe": recipe, **options}

    def architecture(self, name: str) -> Architecture:
        """Return an architecture of the study; raises InputError where its entry is wrong."""
        where = f"{self.config['catalogues']['architectures']}: {name}"
        return read_architecture(self.architectures[name], where)

    def shapes(self) -> dict[str, tuple[int, str]]:
        """Return (depth, width) of every architecture, factors of the regression."""
        architectures = {name: self.architecture(name) for name in self.architectures}
        return {name: (found.depth, found.width) for name, found in architectures.items()}

    def network_modules(self, data_set: str, architecture: str, condition: str) -> list[str]:
        """Return the modules that are imported by name where an ensemble is trained."""
        trainer = self.recipe(data_set, architecture, condition)["trainer"]
        return [*self.architecture(architecture).modules(), *modules_of(trainer)]

    def published_names(self) -> dict[str, str]:
        """Return the name that each data set has in the published values."""
        return {name: entry.get("variant_of", name) for name, entry in self.data_sets.items()}

    def resolved(self) -> dict[str, Any]:
        """Return the config with the catalogue entries it uses in place of their names."""
        return {
            **self.config,
            "data_sets": self.data_sets,
            "architectures": self.architectures,
            "conditions": self.conditions,
            "curvatures": {**self.config["curvatures"], "notions": self.curvatures},
        }


def load_study(
    config: Mapping[str, Any],
    schemas: Path,
    where: str = "config",
    layers: Sequence[tuple[Path, Mapping[str, Any]]] = (),
) -> Study:
    """Check a config and its catalogues and resolve the names and paths in them.

    config: as Snakemake merged it; schemas: folder of the JSON schemas, workflow/schemas of the
    checkout; where: the config file's name, for messages; layers: (folder, content) of the files
    that the config was merged from, the strongest last. Raises InputError, one line, at the first
    thing that is wrong.
    """
    checkout = schemas.parent.parent
    checked = check_schema(dict(config), schemas / "config.schema.yaml", where)
    for key in KEYS:
        if checked[key] is not None:
            checked[key] = locate(checked[key], named_in(layers, key), checkout)
    checked["catalogues"] = {
        kind: locate(path, named_in(layers, "catalogues", kind), checkout)
        for kind, path in checked["catalogues"].items()
    }
    chosen: dict[str, dict[str, Any]] = {}
    for kind, schema in (
        ("data_sets", "datasets"),
        ("architectures", "architectures"),
        ("conditions", "conditions"),
        ("curvatures", "curvatures"),
    ):
        key = "curvatures.notions" if kind == "curvatures" else kind
        names = checked["curvatures"]["notions"] if kind == "curvatures" else checked[kind]
        chosen[kind] = {}
        if not names:  # a catalogue that nothing is taken from is not read
            continue
        path = Path(checked["catalogues"][kind])
        catalogue = check_schema(load_yaml(path), schemas / f"{schema}.schema.yaml", str(path))
        for name in names:
            if name not in catalogue:
                cure = closest(name, catalogue)
                raise InputError(f"{where}: key '{key}' names {name!r}, not in {path}; {cure}")
            entry = catalogue[name]
            if kind == "data_sets" and "path" in entry:
                entry = {**entry, "path": locate(entry["path"], path.parent, checkout)}
            chosen[kind][name] = entry
    for name, entry in chosen["curvatures"].items():
        check_notion(name, entry, checked["catalogues"]["curvatures"])
    study = Study(checked, **chosen)
    check_across(study, where)
    return study
