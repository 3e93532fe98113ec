"""The choices of a study's multiverse, with the names of the study put in."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ricci_flow.errors import InputError, closest
from ricci_flow.graphs.kinds import module_of as graph_module
from ricci_flow.measurement.block import MAIN
from ricci_flow.multiverse.choices import (
    MEASURE_REASONS,
    OPTIONS,
    DataChoice,
    Multiverse,
    Option,
    RecipeChoice,
)

if TYPE_CHECKING:
    from ricci_flow.study.model import Study

_ASKED_FOR = "asked for by the study"


def multiverse_of(study: "Study") -> Multiverse:
    """Return the multiverse of a study that has one."""
    asked = study.config.multiverse
    assert asked is not None
    return asked


def recipes_of(study: "Study") -> dict[str, RecipeChoice]:
    """Return the training recipes by name, the study's own first."""
    return multiverse_of(study).recipes or {
        study.primary: RecipeChoice(condition=study.primary, reason="the study's own recipe")
    }


def data_of(study: "Study") -> dict[str, DataChoice]:
    """Return the groups of data sets by name, the study's own first."""
    every = DataChoice(data_sets=tuple(study.data_sets), title="all data sets", reason=_ASKED_FOR)
    return multiverse_of(study).data or {"all": every}


def controls_of(study: "Study", recipe: RecipeChoice) -> list[str]:
    """Return the controls that a recipe is compared with."""
    return list(study.controls() if recipe.controls is None else recipe.controls)


def ensembles_of(study: "Study") -> list[tuple[str, str, str]]:
    """Return the ensembles that any specification needs, in the config's order."""
    conditions = {
        name
        for recipe in recipes_of(study).values()
        for name in (recipe.condition, *controls_of(study, recipe))
    }
    data_sets = {name for choice in data_of(study).values() for name in choice.data_sets}
    return [e for e in study.ensembles() if e[0] in data_sets and e[2] in conditions]


def judged_conditions(study: "Study") -> list[str]:
    """Return the conditions of the recipes."""
    return [recipe.condition for recipe in recipes_of(study).values()]


def options_of(study: "Study") -> dict[str, dict[str, Option]]:
    """Return the options of every choice, the study's own first."""
    asked = multiverse_of(study)
    labels = study.labels()
    primary = study.config.geometry.primary_measure
    measures = [primary, *(m for m in study.config.geometry.measures if m != primary)]
    found = {
        "recipe": {
            name: Option(
                recipe.title or labels.title("conditions", recipe.condition),
                recipe.reason,
                recipe.plausible,
            )
            for name, recipe in recipes_of(study).items()
        },
        "data": {
            name: Option(choice.title or name.replace("_", " "), choice.reason, choice.plausible)
            for name, choice in data_of(study).items()
        },
        "measure": {name: Option(name, MEASURE_REASONS.get(name, _ASKED_FOR)) for name in measures},
    }
    named: dict[str, tuple[str, ...]] = {
        "policy": asked.policies,
        "k": asked.k,
        "layers": asked.layers,
        "threshold": asked.thresholds,
    }
    for choice, names in named.items():
        known = OPTIONS[choice]
        own = [] if choice == "k" else [next(iter(known))]
        found[choice] = {name: known[name] for name in dict.fromkeys([*own, *names])}
    return found


def job_of(study: "Study") -> dict[str, Any]:
    """Return what the job that judges is told of the choices."""
    return {
        "options": {
            choice: {name: asdict(option) for name, option in of.items()}
            for choice, of in options_of(study).items()
        },
        "recipes": {
            name: {"condition": recipe.condition, "controls": controls_of(study, recipe)}
            for name, recipe in recipes_of(study).items()
        },
        "data": {name: list(choice.data_sets) for name, choice in data_of(study).items()},
    }


def check_multiverse(study: "Study", where: str) -> None:
    """Check the names that a multiverse uses.

    Raises InputError, one line, at the first one that is not the study's.
    """
    asked = study.config.multiverse
    if asked is None:
        return
    controls = study.controls()
    for name, recipe in asked.recipes.items():
        key = f"multiverse.recipes.{name}"
        _known(where, f"{key}.condition", [recipe.condition], study.conditions, "conditions")
        if recipe.condition in controls:
            raise InputError(
                f"{where}: key '{key}.condition' names {recipe.condition!r}, a control; claims are "
                "judged in conditions that are none"
            )
        _known(where, f"{key}.controls", recipe.controls or (), controls, "controls")
    for name, choice in asked.data.items():
        key = f"multiverse.data.{name}.data_sets"
        _known(where, key, choice.data_sets, study.data_sets, "data_sets")


def _known(where: str, key: str, names: Any, known: Mapping[str, Any] | list[str], of: str) -> None:
    for name in names:
        if name not in known:
            raise InputError(
                f"{where}: key '{key}' names {name!r}, not among the study's {of}; "
                f"{closest(name, known)}"
            )


def modules_of(study: "Study") -> list[str]:
    """Return the modules of measures and graphs that measuring the choices imports by name."""
    asked = study.config.multiverse
    kinds = asked.kinds() if asked else []
    return sorted({*study.block_modules(MAIN), *map(graph_module, kinds)})
