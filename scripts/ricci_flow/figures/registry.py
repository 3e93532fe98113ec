"""The figures of a study: every module of this folder that holds `FIGURE = Declaration(...)`.

A new figure is one new module: its declaration, with caption and alternative text, and a function
`draw`. Declarations are written with literals alone and are read without running the module, so
that a plan needs no Matplotlib.
"""

import ast
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ricci_flow.errors import InputError, closest
from ricci_flow.graphs.grid import drawn_k

# A `study.model.Study`. With an import of it the code of a study would count as every figure's.
Study = Any

VARIABLE = re.compile(r"\{\{<\s*var\s+(\S+)\s*>\}\}")
FOLDER = Path(__file__).parent
PACKAGE = "ricci_flow"


@dataclass(frozen=True)
class Declaration:
    """What a figure is drawn from, when, and what the report says of it.

    caption, alt: Markdown; plain text in place of the picture. The caption may use the variables
    of the report, and those of `numbers`: name -> a constant, as "analysis.choice_of_k.SPLITS".
    tables: tables of statistics, and the columns that each must have. `draw` gets them in this
    order, with titles in place of names; of the columns in `select`, the rows of the study's
    primary value alone.
    inputs: other files below results/STUDY, by name, with {data_set}, {architecture} and
    {condition}; for every member of `of` one of each. `draw` gets them as `files`.
    of: a key of `SCOPES`: what the figure shows. when: a key of `CASES`: whether it is drawn.
    settings: keys of `SETTINGS`, further arguments of `draw`.
    """

    caption: str
    alt: str
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    of: str = "study"
    select: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    when: str = "always"
    numbers: Mapping[str, str] = field(default_factory=dict)


# Ensembles (data set, architecture, condition), or parts of these, that a figure shows.
SCOPES: dict[str, Callable[[Study], list[tuple[str, ...]]]] = {
    "study": lambda study: list(study.ensembles()),
    # Activations are given without the points of their data set.
    "points": lambda study: [(name,) for name in study.data_sets if name not in study.given()],
    "first_ensemble": lambda study: list(study.ensembles()[:1]),
    "pointwise_blocks": lambda study: study.ensembles_of(study.pointwise_blocks()),
    "varied_blocks": lambda study: study.ensembles_of(study.varied_blocks()),
    "checkpoint_ensembles": lambda study: study.checkpoint_ensembles(),
}
CASES: dict[str, Callable[[Study], bool]] = {
    "always": lambda study: True,
    # What differs between conditions can be seen with two of them.
    "several_conditions_judged": lambda study: len(study.judged()) > 1,
    "multiverse": lambda study: study.config.multiverse is not None,
    "measured_pointwise": lambda study: bool(study.pointwise_blocks()),
    "is_system": lambda study: study.config.about is not None,
    "measures_betti": lambda study: any(e.module == "betti" for e in study.measures.values()),
    "has_checkpoints": lambda study: bool(study.checkpoint_blocks()),
}
SETTINGS: dict[str, Callable[[Study], Any]] = {
    "condition": lambda study: study.primary,
    "measure": lambda study: study.config.geometry.primary_measure,
    "epochs": lambda study: {
        study.labels().title("conditions", name): epochs for name, epochs in study.epochs().items()
    },
    "drawn_k": lambda study: _drawn_k(study),
    "k_fractions": lambda study: study.k_fractions(),
    "blocks_pointwise": lambda study: study.pointwise_blocks(),
    "blocks_varied": lambda study: study.varied_blocks(),
    "setting_titles": lambda study: study.labels().titles["settings"],
    "labels": lambda study: None,  # every job has them
}


def _drawn_k(study: Study) -> int | None:
    grid = study.k_grid(study.ensembles()[0][0])
    return drawn_k(grid) if grid else None


@cache
def declared_figures(folder: Path = FOLDER) -> dict[str, Declaration]:
    """Return every figure by the name of its module, in alphabetical order.

    Raises InputError where a declaration is not made of literals or uses an unknown key.
    """
    found = {}
    for path in sorted(folder.glob("*.py")):
        text = path.read_text("utf-8")
        if "\nFIGURE = " in text:
            found[path.stem] = _declaration(path, text)
    return found


def _declaration(path: Path, text: str) -> Declaration:
    for node in ast.parse(text).body:
        if not isinstance(node, ast.Assign) or ast.unparse(node.targets[0]) != "FIGURE":
            continue
        try:
            keywords = node.value.keywords  # type: ignore[attr-defined]
            declared = Declaration(**{k.arg: ast.literal_eval(k.value) for k in keywords})
        except (AttributeError, TypeError, ValueError) as error:
            raise InputError(
                f"{path}: FIGURE is no declaration of literals ({error}); see registry.py"
            ) from None
        for kind, given, known in (
            ("of", [declared.of], SCOPES),
            ("when", [declared.when], CASES),
            ("settings", [*declared.settings, *declared.select], SETTINGS),
        ):
            for name in given:
                if name not in known:
                    raise InputError(f"{path}: {kind} {name!r} is unknown; {closest(name, known)}")
        return declared
    raise InputError(f"{path}: FIGURE is not declared at the top level; see registry.py")


def figures_of(study: Study) -> dict[str, Declaration]:
    """Return the figures that are drawn of a study."""
    return {
        name: declared
        for name, declared in declared_figures().items()
        if CASES[declared.when](study)
    }


def module_of(name: str) -> str:
    """Return the module of a figure."""
    return f"{PACKAGE}.figures.{name}"


def files_of(declared: Declaration, study: Study) -> list[str]:
    """Return the files that a figure is drawn from, below the study's results: tables first."""
    tables = [f"statistics/{name}.parquet" for name in declared.tables]
    keys = ("data_set", "architecture", "condition")
    members = SCOPES[declared.of](study) if declared.inputs else []
    return tables + [
        path.format(**dict(zip(keys, names, strict=False)))
        for names in members
        for path in declared.inputs.values()
    ]


def job_of(name: str, declared: Declaration, study: Study) -> str:
    """Return the settings of the job that draws a figure, as JSON.

    Only titles of what the figure shows are among them: another condition's redraws no other.
    """
    columns = zip(*SCOPES[declared.of](study), strict=True)
    shown = {
        kind: list(dict.fromkeys(names))
        for kind, names in zip(("data_sets", "architectures", "conditions"), columns, strict=False)
    }
    return json.dumps(
        {
            "figure": name,
            "gap": True,
            "select": {key: SETTINGS[key](study) for key in declared.select},
            "settings": {key: SETTINGS[key](study) for key in declared.settings if key != "labels"},
            **(json.loads(study.labels().as_json(**shown)) if shown else {}),
        }
    )


def plain_caption(declared: Declaration, study: Study) -> str:
    """Return the caption as reStructuredText, for Snakemake's own report.

    Numbers of the results are not known there. Emphasis within bold text is not possible.
    """
    known = {name: number_text(constant(place)) for name, place in declared.numbers.items()}
    known |= {
        "scope.condition": study.labels().title("conditions", study.primary),
        "scope.measure": study.config.geometry.primary_measure,
        "scope.confidence": number_text(study.config.confidence),
    }
    text = VARIABLE.sub(lambda m: known.get(m[1], "in the page of the study"), declared.caption)
    return re.sub(r"(?<!\*)\*(\w+)\*(?!\*)", r"\1", text)


def number_text(value: Any) -> str:
    """Return a constant as text; a fraction as a percentage."""
    return f"{100 * value:g} %" if isinstance(value, float) else str(value)


def constant(dotted: str) -> Any:
    """Return a constant of the package, read without running its module.

    dotted: as "analysis.choice_of_k.SPLITS". Raises InputError where there is no such literal.
    """
    module, _, name = dotted.rpartition(".")
    path = FOLDER.parent.joinpath(*module.split(".")).with_suffix(".py")
    if path.is_file():
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                return ast.literal_eval(node.value)
    raise InputError(f"{dotted}: a figure names a constant that is not in {path}; correct it")
