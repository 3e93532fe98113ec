"""Validation against a closed JSON schema, with errors of one line: key, value, cure."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from ricci_flow.errors import InputError, closest
from ricci_flow.validation import quotes, show


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML's safe loader, but a key given twice is an error instead of the last one winning."""


def _unique_mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.MarkedYAMLError(problem=f"key {key!r} twice", problem_mark=node.start_mark)
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_UniqueKeyLoader.add_constructor("tag:yaml.org,2002:map", _unique_mapping)


def load_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that must hold a mapping.

    Raises InputError with the file and line where it cannot be read.
    """
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=_UniqueKeyLoader)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not UTF-8 text; save it as UTF-8") from None
    except (yaml.YAMLError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InputError(f"{path}:{where} is not valid YAML ({problem}); mend it") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds a {type(content).__name__}, not keys with values")
    return content


@lru_cache
def _validator(schema: Path) -> Draft202012Validator:
    def neighbour(name: str) -> Resource:
        return DRAFT202012.create_resource(
            yaml.safe_load((schema.parent / name).read_text("utf-8"))
        )

    registry: Registry = Registry(retrieve=neighbour)  # type: ignore[call-arg]
    return Draft202012Validator(yaml.safe_load(schema.read_text("utf-8")), registry=registry)


def fill_defaults(instance: Any, schema: dict[str, Any]) -> Any:
    """Return `instance` with every absent property that has a default in the schema filled in."""
    if not isinstance(instance, dict):
        return instance
    filled = dict(instance)
    for key, part in schema.get("properties", {}).items():
        if key not in filled and "default" in part:
            filled[key] = part["default"]
        if key in filled:
            filled[key] = fill_defaults(filled[key], part)
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        for key in filled:
            if key not in schema.get("properties", {}):
                filled[key] = fill_defaults(filled[key], extra)
    return filled


def check_schema(instance: dict[str, Any], schema: Path, where: str) -> dict[str, Any]:
    """Return `instance` with defaults filled in.

    Raises InputError naming `where`, the key, its value and the cure where it breaks the schema.
    """
    validator = _validator(schema)
    error = best_match(validator.iter_errors(instance))
    if error is not None:
        raise InputError(f"{where}: {explain(error)}")
    rules: Any = validator.schema
    return dict(fill_defaults(instance, rules))


def explain(error: ValidationError) -> str:
    """Return one line for a schema error: the key, its value, and what would be right."""
    key = ".".join(str(part) for part in error.absolute_path) or "(top level)"
    rule = str(error.validator)
    value: Any = error.instance
    expected: Any = error.validator_value
    schema: Any = error.schema
    if rule == "additionalProperties":
        known = schema["properties"]
        unknown = next(name for name in value if name not in known)
        prefix = "" if key == "(top level)" else f"{key}."
        return f"unknown key '{prefix}{unknown}'; {closest(unknown, known)}"
    if rule == "anyOf":  # null or something else: what is wrong with the something else
        parts = [part for part in error.context or () if part.validator != "type"]
        if parts:
            return explain(parts[0])
        rule, expected = "type", [str(part.validator_value) for part in error.context or ()]
    if rule == "required":
        missing = next(name for name in expected if name not in value)
        return f"key {missing!r} is missing at {key}; add it"
    if "propertyNames" in error.absolute_schema_path:
        return f"name {show(value)} is not safe as a file name; use letters, digits, _ and -"
    cures = {
        "type": lambda: f"must be of type {_alternatives(expected)}",
        "enum": lambda: f"must be one of {', '.join(str(item) for item in expected)}",
        "const": lambda: f"must be {expected}",
        "minimum": lambda: f"must be at least {expected}",
        "maximum": lambda: f"must be at most {expected}",
        "exclusiveMinimum": lambda: f"must be greater than {expected}",
        "exclusiveMaximum": lambda: f"must be less than {expected}",
        "minItems": lambda: f"must have at least {expected} entries",
        "maxItems": lambda: f"must have at most {expected} entries",
        "minLength": lambda: "must not be empty",
        "uniqueItems": lambda: "must not name anything twice",
        "pattern": lambda: _pattern_cure(expected),
    }
    cure = cures.get(rule, lambda: " ".join(error.message.split()))()
    if rule == "type" and "string" in expected and not isinstance(value, dict | list | type(None)):
        cure += quotes(key)
    return f"key {key!r} is {show(value)}; it {cure}"


def _pattern_cure(pattern: str) -> str:
    if pattern.startswith("^[A-Za-z0-9][A-Za-z0-9_-]"):
        return "must be letters, digits, _ and - only, at most 64, no leading _ or -"
    if "x1f" in pattern:
        without = ", without { } < >" if "<" in pattern else ""
        return f"must be text on one line{without}, that does not begin with -"
    return f"must match {pattern}"


def _alternatives(expected: str | list[str]) -> str:
    names = [expected] if isinstance(expected, str) else expected
    words = {"object": "mapping (keys with values)", "array": "list", "string": "text"}
    return " or ".join(words.get(name, name) for name in names)
