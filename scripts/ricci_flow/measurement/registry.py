"""From entries of the catalogue to functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from ricci_flow.graphs.graph import Graph
from ricci_flow.measurement.catalogue import (
    MeasureEntry,
    check_measure,
    module_of,
    read_constants,
)
from ricci_flow.validation import read


@dataclass(frozen=True)
class Measure:
    """One measure of the catalogue; what its function takes and returns: `ricci_flow.measures`.

    total: of an edge measure, its sum without the single edges, where the module has one.
    directed: whether only graphs with directed edges have it. points: whether it needs the points.
    subset: whether it can be computed of some edges alone.
    """

    name: str
    scope: str
    function: Callable[..., Any]
    total: Callable[[Graph], float] | None = None
    directed: bool = False
    points: bool = False
    subset: bool = False


def load_measures(entries: Mapping[str, Mapping[str, Any]], where: str) -> dict[str, Measure]:
    """Return measures by name, of entries {module: ..., options: {...}}.

    where: what the entries are from, for messages. Raises InputError where an entry is wrong.
    """
    measures = {}
    for name, given in entries.items():
        entry = read(MeasureEntry.model_validate, given, f"{where}: {name}")
        check_measure(name, entry, where)
        constants = read_constants(entry.module)
        module = import_module(module_of(entry.module))
        total, options = getattr(module, "total", None), entry.options
        measures[name] = Measure(
            name,
            constants["SCOPE"],
            partial(module.measure, **options),
            partial(total, **options) if total else None,
            constants["DIRECTED"],
            constants["POINTS"],
            constants["SUBSET"],
        )
    return measures
