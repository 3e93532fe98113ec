"""Kinds of layers: one module each, named as the kind, whose `LAYER` is a class like `base.Layer`.

A new kind is a new module here; nothing else names it. Modules import torch only inside `build`,
since whoever plans a study reads the catalogue without it.
"""

import importlib
import pkgutil
from typing import Annotated, Any

from pydantic import BeforeValidator, SerializeAsAny, WithJsonSchema

from ricci_flow.errors import closest
from ricci_flow.networks.layers.base import Layer


def kinds() -> list[str]:
    """Return the names of all kinds of layers."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")


def module_of(kind: str) -> str:
    """Return the dotted name of a kind's module."""
    return f"{__name__}.{kind}"


def read_layer(value: Any) -> Layer:
    """Return the layer that an entry of the catalogue describes, `{kind: dense, width: 25}`.

    Raises ValueError where there is no such kind, pydantic's ValidationError (a ValueError) where
    its settings are wrong.
    """
    if isinstance(value, Layer):
        return value
    if not isinstance(value, dict) or "kind" not in value:
        raise ValueError("a layer needs a kind, as in {kind: dense, width: 25}")
    if value["kind"] not in kinds():
        raise ValueError(
            f"{value['kind']!r} is no kind of layer; {closest(value['kind'], kinds())}"
        )
    kind: type[Layer] = importlib.import_module(module_of(value["kind"])).LAYER
    return kind.model_validate(value)


AnyLayer = Annotated[
    SerializeAsAny[Layer],
    BeforeValidator(read_layer),
    WithJsonSchema({"type": "object", "required": ["kind"]}),
]
