"""The choices of a study's multiverse, with the names of the study put in."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ricci_flow.errors import InputError, closest
from ricci_flow.graphs.kinds import module_of as graph_module
from ricci_flow.measurement.block import MAIN
from ricci_flow.measurement.catalogue import read_constants
from ricci_flow.multiverse.choices import (
    MEASURE_REASONS,
    OPTIONS,
    POINT_POLICY,
    DataChoice,
    Multiverse,
    Option,
    RecipeChoice,
)

if TYPE_CHECKING:
    from ricci_flow.study.model import Study

_ASKED_FOR = "asked for by the study"
# What claims are judged by that have choices.
_FLOW, _POINTS = "baptista2024", "hehl2025"
_PAPER = "as in Hehl et al. 2025"


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


def measures_points(study: "Study", block: str, setting: str, measures: set[str]) -> bool:
    """Return whether a block measures this point by point under a setting."""
    asked = study.config.further[block]
    return asked.local and setting in asked.settings and measures <= set(study.measures_of(block))


def points_block(study: "Study") -> str | None:
    """Return the block that claims on local coefficients are judged by, None without such claims.

    Of several the first.
    """
    if _POINTS not in study.evidence():
        return None
    from ricci_flow.claims.point_measures import COMMUNITIES, SETTING  # numpy takes time to load

    needed = {study.config.geometry.primary_measure, COMMUNITIES}
    blocks = [name for name in study.blocks() if measures_points(study, name, SETTING, needed)]
    return blocks[0] if blocks else None


def point_layers(study: "Study", block: str) -> dict[str, str]:
    """Return which settings of a block are which choice of layers, the paper's own first.

    Only settings on the kNN graph of all points and the networks' own weights count.
    """
    parts = {("input",): "with_input", ("output",): "with_output", (): "hidden"}
    parts[("input", "output")] = "with_both"
    found: dict[str, str] = {}
    for name in study.settings_of(block):
        setting = study.settings[name]
        if setting.is_plain:
            others = tuple(sorted(set(setting.layers) - {"hidden"}))
            found.setdefault(parts[others], name)
    return {name: found[name] for name in ("with_both", *OPTIONS["layers"]) if name in found}


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
    block = points_block(study)
    if block is not None:
        conditions &= set(study.block_conditions(block))
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
    block = points_block(study)
    every = study.config.geometry.measures if block is None else _of_edges(study, block)
    measures = [primary, *(m for m in every if m != primary)]
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
    if block is not None:
        return found | _point_options(study, block)
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


def _of_edges(study: "Study", block: str) -> list[str]:
    """Return the measures of a block that have local coefficients."""
    return [name for name in study.measures_of(block) if has_local(study, name)]


def has_local(study: "Study", measure: str) -> bool:
    """Return whether a measure has local coefficients: one of edges without direction."""
    constants = read_constants(study.measures[measure].module)
    return constants["SCOPE"] == "edge" and not constants["DIRECTED"]


def _point_options(study: "Study", block: str) -> dict[str, dict[str, Option]]:
    """Return the options of claims on local coefficients: what the block measured."""
    from ricci_flow.claims.point_measures import nearest_share  # numpy takes time to load

    shares = sorted(study.config.further[block].k_fractions)
    own = nearest_share(shares)
    layers, thresholds = OPTIONS["layers"], OPTIONS["threshold"]
    return {
        "policy": {"exclude": POINT_POLICY},
        "k": {
            str(share): Option(
                f"k = {100 * share:g} % of the points", _PAPER if share == own else _ASKED_FOR
            )
            for share in (own, *(share for share in shares if share != own))
        },
        "layers": {name: layers[name] for name in point_layers(study, block)},
        "threshold": {name: thresholds[name] for name in multiverse_of(study).thresholds},
    }


def job_of(study: "Study") -> dict[str, Any]:
    """Return what the job that judges is told of the choices."""
    block = points_block(study)
    of_points = {} if block is None else {"points": block, "layers": point_layers(study, block)}
    return of_points | {
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
    _check_claims(study, where)
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


def _check_claims(study: "Study", where: str) -> None:
    """Check that all claims are judged by the same, and that no key is given that is not for it."""
    evidence = sorted(study.evidence())
    if len(evidence) > 1:
        raise InputError(
            f"{where}: key 'claims' names claims that are judged by different measures, and have "
            "other choices; with the key 'multiverse' name those of one kind"
        )
    if not set(evidence) <= {_FLOW, _POINTS}:
        raise InputError(
            f"{where}: key 'claims' names claims that are not judged under other choices; leave "
            "them out, or the key 'multiverse'"
        )
    block = points_block(study)
    if block is None:
        return
    given = study.config.multiverse.model_fields_set if study.config.multiverse else set()
    for key in ("policies", "k", "layers"):
        if key in given:
            raise InputError(
                f"{where}: key 'multiverse.{key}' is for the claims of the first paper; those on "
                f"local coefficients take the settings and k_fractions of further.{block}; "
                "leave it out"
            )


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
