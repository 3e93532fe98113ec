"""Entries of the catalogue of measures, checked without running a measure's code.

What a measure offers is read off the text of its module, so that a study is checked before any
work and without the libraries a measure needs. Only modules of measures/ can be named.
"""

import ast
from functools import cache
from pathlib import Path
from typing import Any

from ricci_flow.errors import InputError, closest
from ricci_flow.validation import Keys, ModuleName

MEASURES = Path(__file__).parents[1] / "measures"
PACKAGE = "ricci_flow.measures"
_ALLOWED = {"SCOPE": ("edge", "layer", "network"), "COST": ("low", "high")}
_NO_MEASURES = ("__init__", "base")
# What a module need not say.
_DEFAULTS = {"DIRECTED": False, "POINTS": False, "PAIR_BYTES": 0, "SUBSET": False, "TOTAL": False}


class MeasureEntry(Keys):
    """A measure: the module that computes it, and values for its options."""

    module: ModuleName
    """A module of scripts/ricci_flow/measures/, without .py"""
    options: dict[str, float] = {}
    """Values of the module's OPTIONS; its defaults where absent"""


def known_modules() -> list[str]:
    """Return the names of the modules of measures, sorted."""
    return sorted(path.stem for path in MEASURES.glob("*.py") if path.stem not in _NO_MEASURES)


def module_of(name: str) -> str:
    """Return the dotted name of a module of measures."""
    return f"{PACKAGE}.{name}"


def read_constants(module: str) -> dict[str, Any]:
    """Return SCOPE, COST, OPTIONS and what need not be said of a module, read and not run;
    TOTAL: whether it has a function of this name.

    Raises InputError where one of them is missing or not a literal, or has a value it cannot have.
    """
    return _constants_of(MEASURES / f"{module}.py")


@cache
def _constants_of(path: Path) -> dict[str, Any]:
    found = dict(_DEFAULTS)
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == "total":
            found["TOTAL"] = True
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if isinstance(target, ast.Name) and target.id in (*_ALLOWED, "OPTIONS", *_DEFAULTS):
                try:
                    found[target.id] = ast.literal_eval(node.value)  # type: ignore[attr-defined]
                except ValueError:
                    raise InputError(
                        f"{path}: {target.id} is not a literal; write it out"
                    ) from None
    for name in (*_ALLOWED, "OPTIONS"):
        if name not in found:
            raise InputError(f"{path}: holds no {name}; see ricci_flow/measures/__init__.py")
    for name, allowed in _ALLOWED.items():
        if found[name] not in allowed:
            raise InputError(f"{path}: {name} is {found[name]!r}; use one of: {', '.join(allowed)}")
    return found


def check_measure(name: str, entry: MeasureEntry, where: str) -> None:
    """Check one entry of the catalogue against the module it names.

    where: the catalogue's file. Raises InputError, one line, at the first thing that is wrong.
    """
    module = entry.module
    if module not in known_modules():
        raise InputError(
            f"{where}: key '{name}.module' is {module!r}, no module of {PACKAGE}; "
            f"{closest(module, known_modules())}"
        )
    options = read_constants(module)["OPTIONS"]
    for option, value in entry.options.items():
        if option not in options:
            raise InputError(
                f"{where}: key '{name}.options.{option}' is unknown to {module}; "
                f"{closest(option, options)}"
            )
        low, high = options[option]
        if not low <= value <= high:
            raise InputError(
                f"{where}: key '{name}.options.{option}' is {value}; it must lie in {low}..{high}"
            )
