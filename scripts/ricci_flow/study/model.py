"""A study resolved: every data set, architecture, condition and recipe it asks for."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from ricci_flow.datasets.request import Activations, Entry, File, Folder, Given, OpenML
from ricci_flow.errors import InputError, closest
from ricci_flow.graphs.kinds import module_of as graph_module
from ricci_flow.labels import KINDS, Labels, labels_of
from ricci_flow.measurement.block import EXCLUDED, MAIN, Block
from ricci_flow.measurement.catalogue import MeasureEntry, check_measure, read_constants
from ricci_flow.measurement.catalogue import module_of as measure_module
from ricci_flow.measurement.settings import REFERENCE, Setting
from ricci_flow.networks.architecture import ArchitectureEntry
from ricci_flow.networks.recipe import Recipe, RecipeKeys
from ricci_flow.networks.trainers import modules_of
from ricci_flow.study.about import read_about
from ricci_flow.study.across import check_across
from ricci_flow.study.code import form_hash
from ricci_flow.study.keys import CATALOGUES, Condition, Config, changes_of
from ricci_flow.study.paths import CHECKOUT, KEYS, is_remote, locate, named_in
from ricci_flow.study.published import published_files
from ricci_flow.study.sizes import size_of
from ricci_flow.tables.keys import CheckpointUnit
from ricci_flow.validation import Keys, read
from ricci_flow.yaml_file import load_yaml

# Keys of a data set's entry that later stages use; all others describe how the data are made.
_LATER_KEYS = {"k_grid", "accuracy_threshold", "title", "group"}


@dataclass(frozen=True)
class Study:
    """What one config asks for, checked and complete.

    config: the whole config with defaults. data_sets, architectures, conditions, measures,
    settings: the catalogue entries of the names the study lists, in its order, but the primary
    condition first. Data sets that bring activations bring an architecture of their own, after the
    others; conditions and architectures that no data set can have are left out.
    """

    config: Config
    data_sets: Mapping[str, Entry]
    architectures: Mapping[str, ArchitectureEntry]
    conditions: Mapping[str, Condition]
    measures: Mapping[str, MeasureEntry]
    settings: Mapping[str, Setting]

    @property
    def name(self) -> str:
        """Name of the study."""
        return self.config.study

    @property
    def seed_name(self) -> str:
        """Root name of the study's random streams."""
        return self.config.seed_name or self.name

    @property
    def primary(self) -> str:
        """The condition that the report speaks of where it does not say otherwise."""
        return self.config.primary or self.config.conditions[0]

    def ensembles(self) -> list[tuple[str, str, str]]:
        """Return (data set, architecture, condition) of every ensemble, in the config's order."""
        given = self.given()
        return [
            (data_set, architecture, condition)
            for data_set in self.data_sets
            for architecture in self.architectures_of(data_set)
            for condition, entry in self.conditions.items()
            if data_set in (entry.data_sets or self.data_sets)
            and (data_set not in given or self.brings(data_set, condition))
        ]

    def given(self) -> dict[str, Given]:
        """Return the data sets that bring or draw layers, by name."""
        return {name: e for name, e in self.data_sets.items() if isinstance(e, Given)}

    def given_conditions(self) -> list[str]:
        """Return the conditions whose layers are given, not drawn like others."""
        others = {name for entry in self.given().values() for name in entry.other_conditions}
        return [name for name in self.conditions if name == self.primary or name in others]

    def architectures_of(self, data_set: str) -> list[str]:
        """Return the architectures of the networks of a data set."""
        given = self.given()
        if data_set in given:
            return [given[data_set].architecture or data_set]
        own = {entry.architecture or name for name, entry in given.items()}
        return [name for name in self.architectures if name not in own]

    def brings(self, data_set: str, condition: str) -> bool:
        """Return whether a data set that brings layers has a condition.

        They stand for the primary condition, and for those that its entry names; random features
        can be drawn like those of the primary one.
        """
        own = (self.primary, *self.given()[data_set].other_conditions)
        return condition in own or self.conditions[condition].gaussian_of == self.primary

    def blocks(self) -> dict[str, Block]:
        """Return the further blocks that measure networks as the study has them, by name."""
        blocks = self.config.further.items()
        return {n: b for n, b in blocks if self.measures_of(n) and not b.kept_at}

    def checkpoint_blocks(self) -> dict[str, Block]:
        """Return the further blocks that measure networks at several times of their training."""
        blocks = self.config.further.items()
        return {n: b for n, b in blocks if self.measures_of(n) and b.kept_at}

    def trains(self, data_set: str, condition: str) -> bool:
        """Return whether an ensemble has networks of its own, trained or not."""
        return data_set not in self.given() and self.conditions[condition].gaussian_of is None

    def checkpoints(
        self, data_set: str, architecture: str, condition: str, block: str | None = None
    ) -> list[int]:
        """Return the epochs, or steps, at which a block, or any, measures an ensemble, ascending.

        An ensemble has the checkpoints that its recipe trains for. How many steps that are is
        known once its data set is made, so all that are asked for are among them, unless there is
        no training.
        """
        if not self.trains(data_set, condition):
            return []
        asked = {
            checkpoint
            for name, entry in self.checkpoint_blocks().items()
            if name == (block or name) and condition in self.block_conditions(name)
            for checkpoint in entry.kept_at
        }
        epochs = self.recipe(data_set, architecture, condition).epochs
        if epochs and self.checkpoint_unit() == "steps":
            return sorted(asked)
        return sorted(checkpoint for checkpoint in asked if checkpoint <= epochs)

    def checkpoint_unit(self) -> CheckpointUnit:
        """Return what the checkpoints of the study count."""
        return next((block.unit for block in self.checkpoint_blocks().values()), "epochs")

    def steps(self, data_set: str, architecture: str, condition: str) -> int | None:
        """Return how many steps an ensemble is trained for; None where that is not known.

        Where only some classes of a data set are kept, it may be fewer.
        """
        recipe, size = self.recipe(data_set, architecture, condition), size_of(self, data_set)
        if not recipe.epochs:
            return 0
        return None if size is None else recipe.epochs * recipe.steps(size.train)

    def checkpoint_ensembles(self, block: str | None = None) -> list[tuple[str, str, str]]:
        """Return the ensembles that a block, or any, measures at checkpoints."""
        return [names for names in self.ensembles() if self.checkpoints(*names, block)]

    def checkpoint_networks(self, data_set: str, architecture: str, condition: str) -> int:
        """Return how many networks of an ensemble, from the first, have checkpoints."""
        asked = [
            block.networks
            for name, block in self.checkpoint_blocks().items()
            if self.checkpoints(data_set, architecture, condition, name)
        ]
        return min(self.networks(condition), max(n for n in asked if isinstance(n, int)))

    def measures_of(self, block: str) -> list[str]:
        """Return the names of the measures of a block, the main one among them."""
        own = None if block == MAIN else self.config.further[block].measures
        return list(self.config.geometry.measures if own is None else own)

    def settings_of(self, block: str) -> list[str]:
        """Return the names of the settings of a block: knn, and others."""
        others = [] if block == MAIN else self.config.further[block].settings
        return list(dict.fromkeys([REFERENCE, *others]))

    def block_ensembles(self, block: str) -> list[tuple[str, str, str]]:
        """Return the ensembles that a block is measured of, of the main one all."""
        chosen = self.conditions if block == MAIN else self.block_conditions(block)
        return [names for names in self.ensembles() if names[2] in chosen]

    def block_conditions(self, block: str) -> list[str]:
        """Return the conditions that a further block is measured of."""
        asked = self.config.further[block].conditions
        return list(self.conditions)[:asked] if isinstance(asked, int) else list(asked)

    def of_excluded(self, block: str) -> bool:
        """Return whether a block measures the networks that are excluded at k*."""
        return block != MAIN and self.config.further[block].networks == EXCLUDED

    def pointwise_blocks(self) -> list[str]:
        """Return the further blocks that are measured point by point, too."""
        return [name for name, block in self.blocks().items() if block.local]

    def varied_blocks(self) -> list[str]:
        """Return the further blocks, of the first networks, that have several settings."""
        return [
            name
            for name in self.blocks()
            if len(self.settings_of(name)) > 1 and not self.of_excluded(name)
        ]

    def ensembles_of(self, blocks: Sequence[str]) -> list[tuple[str, str, str]]:
        """Return the ensembles that any of these blocks is measured of, in the config's order."""
        chosen = {names for block in blocks for names in self.block_ensembles(block)}
        return [names for names in self.ensembles() if names in chosen]

    def block_job(self, block: str) -> dict[str, Any]:
        """Return the settings of the jobs of a block, but for the k of the main one."""
        job: dict[str, Any] = {
            "measures": {name: _dumped(self.measures[name]) for name in self.measures_of(block)}
        }
        if block == MAIN:
            return job
        asked = self.config.further[block]
        job["settings"] = {
            name: _dumped(self.settings[name], without=["title"])
            for name in self.settings_of(block)
        }
        job |= {"draws": asked.draws, "local": asked.local, "layer_orders": asked.layer_orders}
        if asked.point_permutations:
            job["point_permutations"] = asked.point_permutations
        if asked.point_edges:
            job["point_edges"] = asked.point_edges
        if not self.of_excluded(block):
            job |= {"k_fractions": sorted(asked.k_fractions), "networks": asked.networks}
        return job

    def block_modules(self, block: str) -> list[str]:
        """Return the modules of measures and of graphs that a block imports by name, sorted."""
        measures = {measure_module(self.measures[n].module) for n in self.measures_of(block)}
        graphs = {
            graph_module(self.settings[n].graph if n in self.settings else REFERENCE)
            for n in self.settings_of(block)
        }
        return sorted(measures | graphs)

    def is_costly(self, block: str) -> bool:
        """Return whether a measure of a block takes long."""
        entries = [self.measures[name] for name in self.measures_of(block)]
        return any(read_constants(entry.module)["COST"] == "high" for entry in entries)

    def needs_points(self, block: str) -> bool:
        """Return whether a measure of a block needs the points, not the graph alone."""
        entries = [self.measures[name] for name in self.measures_of(block)]
        return any(read_constants(entry.module)["POINTS"] for entry in entries)

    def source(self, data_set: str) -> dict[str, Any]:
        """Return the part of a data set's entry that says how its points are made."""
        entry = self.data_sets[data_set]
        # Only a download can be replaced by the file of the data set that this is a variant of.
        later = _LATER_KEYS if isinstance(entry, OpenML) else {*_LATER_KEYS, "variant_of"}
        return entry.model_dump(mode="json", exclude_unset=True, exclude=later)

    def files(self, data_set: str) -> list[str]:
        """Return the files outside of the study that a data set's entry names."""
        entry = self.data_sets[data_set]
        if isinstance(entry, Activations):
            from ricci_flow.datasets.activations import files_of, label_file  # numpy takes time

            labels = label_file(entry.labels)
            files = [file for path in entry.paths() for file in files_of(Path(path))]
            return [str(file) for file in dict.fromkeys([*files, *([labels] if labels else [])])]
        if isinstance(entry, Folder):
            return [
                f"{file}"
                for file in import_module(self.module(data_set)).files_of(Path(entry.path))
            ]
        return [entry.path] if isinstance(entry, File) else []

    def test_points(self, n: int) -> int:
        """Return how many of the n test points of a data set are measured."""
        return min(n, self.config.test_points or n)

    def module(self, data_set: str) -> str:
        """Return the module that makes a data set."""
        return f"ricci_flow.datasets.{self.data_sets[data_set].module}"

    def threshold(self, data_set: str) -> float | None:
        """Return the test accuracy above which a network of this data set is kept.

        None where no accuracy is known.
        """
        entry = self.data_sets[data_set]
        if isinstance(entry, Given) and not entry.has_accuracy:
            return None
        own = entry.accuracy_threshold
        return self.config.accuracy_threshold if own is None else own

    def threshold_of(self, data_set: str, condition: str) -> float | None:
        """Return the same for the networks of a condition; None where all of them are kept."""
        return None if condition in self.unfiltered() else self.threshold(data_set)

    def threshold_of_any(self, data_set: str) -> float | None:
        """Return the same for a data set; None where no ensemble of it is filtered."""
        return self.threshold(data_set) if self.is_filtered(data_set) else None

    def data_dir(self, data_set: str) -> str | None:
        """Return the folder whose files take the place of a download; None for no download."""
        folder = self.config.data_dir
        if folder is None or self.data_sets[data_set].kind != "openml":
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
        """Return each data set's group: synthetic, images or table."""
        return {name: entry.group_or_default() for name, entry in self.data_sets.items()}

    def published(self) -> list[str]:
        """Return the files of published values to compare with, the YAML first, or nothing."""
        path = self.config.published
        return [str(file) for file in published_files(Path(path))] if path else []

    def about(self, where: str = "config") -> str | None:
        """Return the text on the study's system, if it has one; where: name of the config."""
        path = self.config.about
        return read_about(path, where) if path else None

    def networks(self, condition: str) -> int:
        """Return how many networks an ensemble of a condition has."""
        return self.config.networks if condition == self.primary else self.control_networks()

    def control_networks(self) -> int:
        """Return how many networks an ensemble of another than the primary condition has."""
        networks = self.config.networks
        return min(networks, self.config.control_networks or networks)

    def gaussian_conditions(self) -> list[str]:
        """Return the conditions that draw Gaussian layers like another condition's."""
        return [name for name, entry in self.conditions.items() if entry.gaussian_of is not None]

    def trained_conditions(self) -> list[str]:
        """Return the conditions that have networks of their own, trained or not."""
        return [name for name, entry in self.conditions.items() if entry.gaussian_of is None]

    def unfiltered(self) -> list[str]:
        """Return the conditions whose networks are kept whatever their accuracy."""
        return [name for name, entry in self.conditions.items() if not entry.accuracy_filter]

    def is_filtered(self, data_set: str) -> bool:
        """Return whether any ensemble of a data set keeps only networks above the threshold."""
        if self.threshold(data_set) is None:
            return False
        unfiltered = self.unfiltered()
        return any(d == data_set and c not in unfiltered for d, _, c in self.ensembles())

    def scales(self, data_set: str) -> list[str]:
        """Return the scales that networks of a data set are trained with, sorted."""
        if data_set in self.given():
            return []
        trained = self.trained_conditions()
        return sorted(
            {
                self.recipe(d, a, c).scale
                for d, a, c in self.ensembles()
                if d == data_set and c in trained
            }
        )

    def controls(self) -> list[str]:
        """Return the conditions that others are compared with: untrained, random and the like."""
        marked = [name for name, entry in self.conditions.items() if entry.control]
        return [name for name in marked if name != self.primary]

    def judges_blocks(self) -> bool:
        """Return whether a claim of the study needs what its further blocks measured."""
        return bool(self.evidence() & {"hehl2025", "layers"})

    def judges_stopping(self) -> bool:
        """Return whether a claim needs where networks would stop, by blocks with checkpoints."""
        return bool(self.evidence() & {"hehl2025 stopping"})

    def evidence(self) -> set[str]:
        """Return what the claims that the study names are judged by."""
        if self.config.claims is None:
            return set()
        from ricci_flow.claims.registry import chosen_claims  # takes time to load

        return {claim.judged_by for claim in chosen_claims(self.config.claims)}

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
            here = {name: recipe.epochs for name, recipe in recipes.items()}
            others = [recipe.model_dump(exclude={"epochs"}) for recipe in recipes.values()]
            if any(other != others[0] for other in others) or (epochs or here) != here:
                return {}
            epochs = here
        alone = len(set(epochs.values())) == len(epochs) and min(epochs.values(), default=0) > 0
        some = [name for name in epochs if self.conditions[name].data_sets]
        everywhere = not some and not self.given()
        return epochs if alone and everywhere else {}

    def labels(self) -> Labels:
        """Return what is shown to readers for the names of the study."""
        return labels_of({kind: _given(getattr(self, kind)) for kind in KINDS})

    def k_grid(self, data_set: str) -> list[int] | None:
        """Return the data set's own k grid, ascending, or None where fractions of n serve."""
        grid = self.data_sets[data_set].k_grid
        return sorted(grid) if grid is not None else None

    def k_fractions(self) -> list[float]:
        """Return the study's grid of k as shares of the test points, ascending."""
        return sorted(self.config.geometry.k_fractions)

    def recipe(self, data_set: str, architecture: str, condition: str) -> Recipe:
        """Return the recipe of an ensemble.

        The study's, changed by its entry for the data set, then by the condition, then by the
        condition's entry for the data set. So a control differs from the networks it controls by
        nothing but what its condition says.
        """
        training, entry = self.config.training, self.conditions[condition]
        keys = {key: getattr(training, key) for key in RecipeKeys.model_fields}
        made = self.architectures[architecture]
        keys["activation"] = None if made.module else made.activation
        for change in (training.by_data_set.get(data_set), entry, entry.by_data_set.get(data_set)):
            keys |= changes_of(change) if change is not None else {}
        return Recipe(**keys)

    def training(self, data_set: str, architecture: str, condition: str) -> dict[str, Any]:
        """Return the fields of a training job that say what is trained, and how."""
        entry = self.architectures[architecture]
        aside = {"title", "activation"} if entry.module else {"title"}
        return {
            "entry": entry.model_dump(mode="json", exclude=aside, exclude_none=True),
            "recipe": self.recipe(data_set, architecture, condition).model_dump(mode="json"),
            "device": self.config.training.device,
        }

    def shapes(self) -> dict[str, tuple[int, str]]:
        """Return (depth, width) of every architecture, factors of the regression."""
        found = {name: entry.architecture() for name, entry in self.architectures.items()}
        return {name: (made.depth, made.width) for name, made in found.items()}

    def network_modules(self, data_set: str, architecture: str, condition: str) -> list[str]:
        """Return the modules that are imported by name where an ensemble is trained."""
        trainer = self.recipe(data_set, architecture, condition).trainer
        layers = self.architectures[architecture].architecture().modules()
        return [*layers, *modules_of(trainer)]

    def closed_form(self, data_set: str, architecture: str, condition: str) -> dict[str, Any]:
        """Return the fields of a job that say which theory gives the layers of a condition."""
        entry = self.conditions[condition]
        if entry.closed_form is None:
            return {}
        recipe = self.recipe(data_set, architecture, f"{entry.gaussian_of}")
        return {"closed_form": entry.closed_form, "recipe": recipe.model_dump(mode="json")}

    def closed_form_modules(self, data_set: str, architecture: str, condition: str) -> list[str]:
        """Return the module of that theory, which is imported by name, if there is one."""
        name = self.conditions[condition].closed_form
        return [] if name is None else [f"ricci_flow.networks.closed_forms.{name}"]

    def own_code(self, data_set: str, architecture: str, condition: str) -> str:
        """Return a hash of the file of an architecture that is a module of the user's, or ""."""
        module = self.architectures[architecture].module
        return form_hash(Path(module.rpartition(":")[0])) if module else ""

    def published_names(self) -> dict[str, str]:
        """Return the name that each data set has in the published values."""
        return {name: entry.variant_of or name for name, entry in self.data_sets.items()}

    def resolved(self) -> dict[str, Any]:
        """Return the config with catalogue entries, and a text, in place of their names."""
        config = self.config.model_dump(mode="json") | {"about": self.about()}
        return config | {name: _given(getattr(self, name)) for name in CATALOGUES}


def _given(entries: Mapping[str, Keys]) -> dict[str, Any]:
    """Return the keys of catalogue entries that are given."""
    return {name: _dumped(entry) for name, entry in entries.items()}


def _dumped(entry: Keys, without: Sequence[str] = ()) -> dict[str, Any]:
    """Return the keys of an entry that are given, as JSON has them."""
    return entry.model_dump(mode="json", exclude_unset=True, exclude=set(without))


def load_study(
    config: Mapping[str, Any],
    where: str = "config",
    layers: Sequence[tuple[Path, Mapping[str, Any]]] = (),
) -> Study:
    """Check a config and its catalogues and resolve the names and paths in them.

    config: as Snakemake merged it; where: the config file's name, for messages; layers: (folder,
    content) of the files that the config was merged from, the strongest last. Raises InputError,
    one line, at the first thing that is wrong.
    """
    read_config = read(Config.model_validate, config, where)
    settled: dict[str, Any] = {
        key: locate(path, named_in(layers, key), CHECKOUT)
        for key in KEYS
        if (path := getattr(read_config, key)) is not None
    }
    catalogues = {
        kind: locate(path, named_in(layers, "catalogues", kind), CHECKOUT)
        for kind, path in read_config.catalogues
    }
    settled["catalogues"] = read_config.catalogues.model_copy(update=catalogues)
    primary = read_config.primary or read_config.conditions[0]
    if primary not in read_config.conditions:
        cure = closest(primary, read_config.conditions)
        raise InputError(
            f"{where}: key 'primary' is {primary!r}, not among the study's conditions; {cure}"
        )
    others = [name for name in read_config.conditions if name != primary]
    settled |= {"primary": primary, "conditions": (primary, *others)}
    asked = {
        "data_sets": read_config.data_sets,
        "architectures": read_config.architectures,
        "conditions": (primary, *others),
        **{kind: tuple(_of_blocks(kind, read_config)) for kind in ("measures", "settings")},
    }
    chosen: dict[str, dict[str, Any]] = {kind: {} for kind in asked}
    for kind, names in asked.items():
        if not names:  # a catalogue that nothing is taken from is not read
            continue
        path = catalogues[kind]
        catalogue = read(CATALOGUES[kind].validate_python, load_yaml(Path(path)), path)
        for name in names:
            if name not in catalogue:
                key = _of_blocks(kind, read_config).get(name, kind)
                cure = closest(name, catalogue)
                raise InputError(f"{where}: key '{key}' names {name!r}, not in {path}; {cure}")
            entry = catalogue[name]
            if isinstance(entry, File | Folder | Activations):
                found = locate(entry.path, Path(path).parent, CHECKOUT)
                entry = entry.model_copy(update={"path": found})
            if isinstance(entry, Activations) and entry.conditions:
                folder = Path(path).parent
                of = {c: locate(p, folder, CHECKOUT) for c, p in entry.conditions.items()}
                entry = entry.model_copy(update={"conditions": of})
            if isinstance(entry, Activations) and (entry.labels or "").endswith(".npy"):
                found = locate(f"{entry.labels}", Path(path).parent, CHECKOUT)
                entry = entry.model_copy(update={"labels": found})
            if isinstance(entry, ArchitectureEntry) and entry.module is not None:
                file, _, function = entry.module.rpartition(":")
                found = locate(file, Path(path).parent, CHECKOUT)
                entry = entry.model_copy(update={"module": f"{found}:{function}"})
            chosen[kind][name] = entry
    for name, entry in chosen["measures"].items():
        check_measure(name, entry, catalogues["measures"])
    given = {n: e for n, e in chosen["data_sets"].items() if isinstance(e, Given)}
    _add_architectures(chosen["architectures"], given, catalogues["data_sets"])
    study = Study(read_config.model_copy(update=settled), **chosen)
    if len(given) == len(study.data_sets):  # nothing is trained
        used = {name for names in study.ensembles() for name in names[1:]}
        study = replace(
            study,
            architectures={n: e for n, e in study.architectures.items() if n in used},
            conditions={n: e for n, e in study.conditions.items() if n in used},
        )
    check_across(study, where)
    return study


def _add_architectures(
    architectures: dict[str, ArchitectureEntry], given: Mapping[str, Given], catalogue: str
) -> None:
    """Add the architectures of the networks whose layers data sets bring or draw.

    Raises InputError, one line, where the arrays or the number of accuracies are wrong, or a name
    stands for two architectures.
    """
    if not given:
        return
    listed = set(architectures)
    for data_set, entry in given.items():
        for path in entry.paths() if isinstance(entry, Activations) else ():
            if is_remote(path):
                raise InputError(
                    f"{catalogue}: key '{data_set}.path' is {path!r}; activations are read from "
                    "this machine: copy them here"
                )
        module = import_module(f"ricci_flow.datasets.{entry.module}")  # takes time to load
        try:
            outline = module.outline(entry)
        except InputError as error:
            # That of arrays names their file.
            where = "" if isinstance(entry, Activations) else f"{catalogue}: key '{data_set}': "
            raise InputError(f"{where}{error}") from None
        accuracy = entry.accuracy if isinstance(entry, Activations) else None
        if isinstance(accuracy, tuple) and len(accuracy) != outline.networks:
            raise InputError(
                f"{catalogue}: key '{data_set}.accuracy' has {len(accuracy)} numbers, and "
                f"there are {outline.networks} networks; give one number per network"
            )
        name = entry.architecture or data_set
        made = ArchitectureEntry(widths=outline.widths)
        if name in listed or architectures.setdefault(name, made) != made:
            raise InputError(
                f"{catalogue}: the architecture of '{data_set}', {name!r}, is the name of another "
                "one of the study; give it a name of its own with the key architecture"
            )


def _of_blocks(kind: str, config: Config) -> dict[str, str]:
    """Return the measures or settings that a config names, with the key that names each first."""
    found = {REFERENCE: "settings"} if kind == "settings" else {}
    if kind == "measures":
        found = dict.fromkeys(config.geometry.measures, "geometry.measures")
    for name, block in config.further.items():
        if kind in ("measures", "settings") and block.measures != ():
            for asked in getattr(block, kind) or ():
                found.setdefault(asked, f"further.{name}.{kind}")
    return found
