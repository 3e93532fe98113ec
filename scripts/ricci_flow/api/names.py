"""Measures and settings as users name them: by the catalogues that come with the package.

`measures.yaml` and `settings.yaml` beside this module are those of config/, which studies read.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ricci_flow.errors import InputError, closest
from ricci_flow.graphs.kinds import kinds
from ricci_flow.measurement.catalogue import known_modules
from ricci_flow.measurement.registry import Measure, load_measures
from ricci_flow.measurement.settings import Setting
from ricci_flow.validation import read
from ricci_flow.yaml_file import load_yaml


def read_measures(given: Any) -> dict[str, Measure]:
    """Return measures by name, of names or of a mapping of names to entries as in measures.yaml.

    A name is one of the catalogue, or of a module of ricci_flow.measures. Raises InputError where
    one is unknown or wrong.
    """
    entries = _entries("measures", given, "module", known_modules)
    for name, entry in entries.items():
        if not isinstance(entry, Mapping):
            raise InputError(f"measures: {name!r} is no mapping; give {{'module': NAME}}")
        module = entry.get("module")
        if isinstance(module, str) and module not in known_modules():
            raise InputError(f"measures: unknown {module!r}; {closest(module, known_modules())}")
    return load_measures(entries, "measures")


def read_settings(given: Any) -> dict[str, Setting]:
    """Return settings by name, of names or of a mapping of names to entries as in settings.yaml.

    A name is one of the catalogue, or of a kind of graphs. Raises InputError where one is unknown
    or wrong.
    """
    return {
        name: read(Setting.model_validate, entry, f"settings: {name}")
        for name, entry in _entries("settings", given, "graph", kinds).items()
    }


def _entries(
    what: str, given: Any, key: str, modules: Callable[[], Iterable[str]]
) -> dict[str, Any]:
    """Return entries by name; key: the one that names a module in an entry."""
    if isinstance(given, Mapping):
        found = {str(name): entry for name, entry in given.items()}
    else:
        catalogue = load_yaml(Path(__file__).with_name(f"{what}.yaml"))
        known = {name: {key: name} for name in modules()} | catalogue
        names = [given] if isinstance(given, str) or not isinstance(given, Iterable) else given
        found = {}
        for name in names:
            if name not in known:
                raise InputError(f"{what}: unknown {name!r}; {closest(name, known)}")
            found[name] = known[name]
    if not found:
        raise InputError(f"{what}: none is given; name some, or leave it out")
    return found
