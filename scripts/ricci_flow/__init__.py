"""Does a neural network change the geometry of its data the way Ricci flow would?

`record` takes the layers of a torch module, `measure` measures them: see reports/guide/python.md.
Below it a package per stage of the workflow; reports/guide/files.md has the files that pass between
them.
"""

from typing import Any

# Loaded when they are asked for: by name, since the stages of the workflow do not need them.
_PUBLIC = {
    "InputError": "ricci_flow.errors",
    "Layers": "ricci_flow.api.layers",
    "Result": "ricci_flow.api.result",
    "measure": "ricci_flow.api.measuring",
    "record": "ricci_flow.api.recording",
}


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    found = getattr(importlib.import_module(_PUBLIC[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
