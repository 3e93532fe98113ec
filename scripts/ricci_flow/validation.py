"""Models of what users write, and their errors as one line: key, value, cure."""

from collections.abc import Mapping, Sequence
from typing import Any

import pydantic
from pydantic_core import PydanticCustomError

from ricci_flow.errors import closest


class Keys(pydantic.BaseModel):
    """Keys with values: each has a type, bounds and a meaning, and no other key is taken.

    Types are strict: text is no number, and a number is no truth value.
    """

    model_config = pydantic.ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        protected_namespaces=(),
        use_attribute_docstrings=True,
    )

    @pydantic.model_validator(mode="before")
    @classmethod
    def _known_keys(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            for key in given:
                if key not in cls.model_fields:
                    cure = closest(key, cls.model_fields)
                    raise PydanticCustomError("unknown_key", "", {"key": str(key), "cure": cure})
        return given


def invalid(cure: str) -> PydanticCustomError:
    """Return the error of a value that will not do; cure: what it must be, as "must be odd"."""
    return PydanticCustomError("invalid", "", {"cure": cure})


def show(value: object) -> str:
    """Return a value as a short piece of text for a message, on one line."""
    text = ascii(value) if isinstance(value, str) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def explain(error: pydantic.ValidationError, given: object) -> str:
    """Return one line about the first thing that is wrong: the key, its value, what would be right.

    given: what was validated, to name keys as the user wrote them.
    """
    first = error.errors(include_url=False)[0]
    kind, value = first["type"], first["input"]
    context: Mapping[str, Any] = first.get("ctx", {})
    path = _written(first["loc"], given, is_missing=kind == "missing")
    if kind == "unknown_key":
        name = ".".join([*path, context["key"]])
        return f"unknown key {show(name)}; {context['cure']}"
    if kind == "union_tag_not_found":  # the key that says of which kind the others are
        path, kind = [*path, context["discriminator"].strip("'")], "missing"
    if kind == "missing":
        above = ".".join(path[:-1]) or "(top level)"
        return f"key {path[-1]!r} is missing at {above}; add it"
    if kind == "union_tag_invalid":
        path = [*path, context["discriminator"].strip("'")]
        value = value[path[-1]] if isinstance(value, Mapping) else value
        return f"key '{'.'.join(path)}' is {show(value)}; it {_one_of(context['expected_tags'])}"
    key = ".".join(path) or "(top level)"
    return f"key {key!r} is {show(value)}; it {_cure(kind, context, key, value)}"


def _written(place: Sequence[str | int], given: object, *, is_missing: bool) -> list[str]:
    """Return the keys on the way to an error, without pydantic's names of alternatives."""
    path: list[str] = []
    here: Any = given
    for position, part in enumerate(place):
        is_last = position == len(place) - 1
        is_key = isinstance(here, Mapping) and part in here
        if is_key or (isinstance(here, Sequence) and isinstance(part, int) and part < len(here)):
            here = here[part]
        elif not (is_missing and is_last):
            continue
        path.append(str(part))
    return path


def _cure(kind: str, context: Mapping[str, Any], key: str, value: object) -> str:
    """Return what a value must be, from pydantic's name for the error."""
    bounds = {
        "greater_than_equal": "must be at least {ge}",
        "greater_than": "must be greater than {gt}",
        "less_than_equal": "must be at most {le}",
        "less_than": "must be less than {lt}",
        "too_short": "must have at least {min_length} entries",
        "too_long": "must have at most {max_length} entries",
        "string_too_short": "must not be empty",
        "string_too_long": "must have at most {max_length} letters",
        "finite_number": "must be a finite number",
        "invalid": "{cure}",
    }
    if kind in bounds:
        return bounds[kind].format(**context)
    if kind in ("literal_error", "enum"):
        return _one_of(context["expected"])
    types = {
        "int_type": "integer",
        "int_from_float": "integer",
        "int_parsing": "integer",
        "float_type": "number",
        "float_parsing": "number",
        "bool_type": "boolean",
        "bool_parsing": "boolean",
        "string_type": "text",
        "path_type": "text",
        "list_type": "list",
        "tuple_type": "list",
        "dict_type": "mapping (keys with values)",
        "model_type": "mapping (keys with values)",
        "model_attributes_type": "mapping (keys with values)",
        "number_or_list": "integer or list",
    }
    if kind not in types:
        return kind.replace("_", " ")
    cure = f"must be of type {types[kind]}"
    if types[kind] == "text" and not isinstance(value, dict | list | type(None)):
        cure += quotes(key)
    return cure


def _one_of(expected: str) -> str:
    """Return the cure for a name that is none of the expected ones, which pydantic quotes."""
    return "must be one of " + expected.replace("'", "").replace(" or ", ", ")


def quotes(key: str) -> str:
    """Return how to write text that YAML, and Snakemake's --config, take for something else."""
    cure = ", in quotes where it looks like a number, a date or a truth value"
    name = key.rpartition(".")[2]
    if name.isdigit():  # an entry of a list
        return cure
    cure += f': {name}: "..." in a config file'
    # It takes quotes off, also when it hands the value to jobs elsewhere.
    return cure if "." in key else f"{cure}, or --config '{name}=!!str ...' on one machine"
