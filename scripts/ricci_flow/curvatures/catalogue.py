"""Catalogue entries of curvatures, checked without running a notion's code.

What a notion offers is read off the text of its module, so that a study is checked before any
work and without the libraries a notion needs. Only modules of notions/ can be named.
"""

import ast
from pathlib import Path
from typing import Any

from ricci_flow.errors import InputError, closest
from ricci_flow.validation import Keys, ModuleName

NOTIONS = Path(__file__).with_name("notions")
PACKAGE = "ricci_flow.curvatures.notions"
COSTS = ("low", "high")


class Notion(Keys):
    """A notion of curvature, and values for its options."""

    module: ModuleName
    """A module of scripts/ricci_flow/curvatures/notions/, without .py"""
    options: dict[str, float] = {}
    """Values of the module's OPTIONS; its defaults where absent"""


def known_modules() -> list[str]:
    """Return the names of the modules in notions/, sorted."""
    return sorted(path.stem for path in NOTIONS.glob("*.py") if path.stem != "__init__")


def read_constants(module: str) -> dict[str, Any]:
    """Return COST and OPTIONS of a module of notions/, read and not run.

    Raises InputError where one of them is missing or not a literal, or no such cost is known.
    """
    path = NOTIONS / f"{module}.py"
    found: dict[str, Any] = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if isinstance(target, ast.Name) and target.id in ("COST", "OPTIONS"):
                try:
                    found[target.id] = ast.literal_eval(node.value)  # type: ignore[attr-defined]
                except ValueError:
                    raise InputError(
                        f"{path}: {target.id} is not a literal; write it out"
                    ) from None
    for name in ("COST", "OPTIONS"):
        if name not in found:
            raise InputError(f"{path}: holds no {name}; see ricci_flow/curvatures/interface.py")
    if found["COST"] not in COSTS:
        raise InputError(f"{path}: COST is {found['COST']!r}; use one of: {', '.join(COSTS)}")
    return found


def check_notion(name: str, entry: Notion, where: str) -> None:
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


def notion_flag(name: str, entry: Notion) -> str:
    """Return an entry as one word of a command line: NAME=MODULE, or NAME=MODULE,OPTION=VALUE."""
    options = [f"{option}={value}" for option, value in entry.options.items()]
    return ",".join([f"{name}={entry.module}", *options])
