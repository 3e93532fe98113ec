"""Kinds of graphs on a cloud: one module each, named as the kind, with a function `build`.

`build(cloud, k, union)` returns the graph of a `graphs.cloud.Cloud` at k; union: its kNN graph
there. A new kind is a new module here, asked for by the key `graph` of a setting; nothing else
names it.
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

# (graphs.cloud.Cloud, k, graphs.graph.Graph) -> graphs.graph.Graph; a plan is made without them.
Build = Callable[[Any, int, Any], Any]


def kinds() -> list[str]:
    """Return the names of all kinds of graphs."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def module_of(kind: str) -> str:
    """Return the dotted name of a kind's module."""
    return f"{__name__}.{kind}"


def builder(kind: str) -> Build:
    """Return the function that builds graphs of a kind."""
    build: Build = importlib.import_module(module_of(kind)).build
    return build
