"""Kinds of layers: one module each, named as the kind, whose `LAYER` is a class like `base.Layer`.

A new kind is a new module here; nothing else names it. Modules import torch only inside `build`,
since whoever plans a study reads the catalogue without it.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    SerializeAsAny,
    ValidationError,
    WithJsonSchema,
    create_model,
)

from ricci_flow.errors import closest
from ricci_flow.networks.layers.base import Layer
from ricci_flow.validation import Keys, absent, inside, invalid, unknown


@cache
def kinds() -> list[str]:
    """Return the names of all kinds of layers."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")


def module_of(kind: str) -> str:
    """Return the dotted name of a kind's module."""
    return f"{__name__}.{kind}"


def layer_of(kind: str) -> type[Layer]:
    """Return the class of a kind of layers."""
    found: type[Layer] = importlib.import_module(module_of(kind)).LAYER
    return found


def _read_layer(value: Any) -> Layer:
    """Return the layer that an entry of the catalogue describes, `{kind: dense, width: 25}`."""
    if isinstance(value, Layer):
        return value
    if not isinstance(value, Mapping):
        raise invalid("must be a kind and its settings, as {kind: dense, width: 25}")
    if "kind" not in value:
        raise absent("kind")
    if value["kind"] not in kinds():
        raise invalid(f"is no kind of layer: {closest(value['kind'], kinds())}", "kind")
    try:
        return layer_of(value["kind"]).model_validate(value)
    except ValidationError as error:
        raise inside(error) from None


def _known_settings(value: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Check settings of kinds of layers that are given without the others."""
    models: dict[str, Any] = {}
    for kind in value:
        if kind not in kinds():
            raise unknown(kind, kind, kinds())
        known = {name: f for name, f in layer_of(kind).model_fields.items() if name != "kind"}
        fields: dict[str, Any] = {
            name: (Annotated[field.annotation, field], None) for name, field in known.items()
        }
        models[kind] = (create_model(kind, __base__=Keys, **fields), None)
    try:
        create_model("settings", __base__=Keys, **models).model_validate(value)
    except ValidationError as error:
        raise inside(error) from None
    return value


# By kind, some of its settings.
LayerSettings = Annotated[
    dict[str, dict[str, str | int | float | bool]], AfterValidator(_known_settings)
]
# Its schema is filled in by scripts/write_schemas.py: a kind may hold layers of every kind.
AnyLayer = Annotated[
    SerializeAsAny[Layer], BeforeValidator(_read_layer), WithJsonSchema({"title": "Layer"})
]
