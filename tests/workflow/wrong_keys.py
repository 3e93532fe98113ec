"""Every key that a study's files may have, made wrong: in type, in range and in name.

The keys come from the schemas, so a new key is tested without a word here.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from tests.workflow.runner import ROOT, TINY

SCHEMAS = ROOT / "workflow" / "schemas"
# One valid entry of each kind, to be made wrong one key at a time.
ENTRIES: dict[str, dict[str, Any]] = {
    "synthetic": {"kind": "synthetic", "generator": "crossing_sheets"},
    "sklearn": {"kind": "sklearn", "table": "iris"},
    "openml": {"kind": "openml", "openml_name": "mnist_784"},
    "file": {"kind": "file", "path": "mine.csv"},
}
CATALOGUES: dict[str, dict[str, Any]] = {
    "architectures": {"widths": [3, 3, 3]},
    "conditions": {"epochs": 1},
    "curvatures": {"module": "forman"},
}
NO_RANGE = object()


@dataclass(frozen=True)
class WrongKey:
    """A content of one of the study's files with one key wrong; `key` is named in the message."""

    file: str
    content: dict[str, Any]
    key: str


def load(name: str) -> dict[str, Any]:
    """Return a schema."""
    return dict(yaml.safe_load((SCHEMAS / f"{name}.schema.yaml").read_text("utf-8")))


def resolve(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a schema with references followed and "or null" left out."""
    if "$ref" in node:
        return resolve(root["$defs"][node["$ref"].split("/")[-1]], root)
    for option in node.get("anyOf", ()):
        if option.get("type") != "null":
            return resolve(option, root)
    return node


def leaves(
    node: dict[str, Any], root: dict[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield (path, part of the schema) of every key, those of nested mappings too."""
    for key, part in node.get("properties", {}).items():
        whole = resolve(part, root)
        yield (*path, key), whole
        yield from leaves(whole, root, (*path, key))


def of_wrong_type(node: dict[str, Any]) -> Any:
    """Return a value of a type that the key does not take."""
    kind = node.get("type")
    return 7 if kind in ("string", "array", "object", None) else "several"


def out_of_range(node: dict[str, Any]) -> Any:
    """Return a value of the right type that is refused, or NO_RANGE where every one is taken."""
    for bound, step in (("minimum", -1), ("exclusiveMinimum", 0), ("maximum", 1)):
        if bound in node:
            return node[bound] + step
    if "enum" in node:
        return "nonesuch"
    if "minItems" in node:
        return [1][: node["minItems"] - 1]
    if node.get("uniqueItems"):
        return ["a", "a"]
    if "pattern" in node:
        return "a\\b$(touch pwned)" if "0-9" in node["pattern"] else "-two\nlines"
    return NO_RANGE


def put(content: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return a copy of `content` with the value at a path of keys."""
    whole = copy.deepcopy(content)
    place = whole
    for key in path[:-1]:
        place = place.setdefault(key, {})
    place[path[-1]] = value
    return whole


def _of_schema(
    title: str, file: str, content: dict[str, Any], node: dict[str, Any], root: dict[str, Any],
    above: tuple[str, ...] = (),
) -> dict[str, WrongKey]:  # fmt: skip
    cases = {}
    for path, part in leaves(node, root):
        whole = (*above, *path)
        name = ".".join(whole)
        values = {"type": of_wrong_type(part), "range": out_of_range(part)}
        for defect, value in values.items():
            if value is not NO_RANGE:
                wrong = put(content, whole, value)
                cases[f"{title}: {'.'.join(path)}, {defect}"] = WrongKey(file, wrong, name)
        other = (*whole[:-1], f"{whole[-1]}_")
        wrong = put(content, other, part.get("default", 1))
        cases[f"{title}: {'.'.join(path)}, name"] = WrongKey(file, wrong, ".".join(other))
    return cases


def wrong_keys() -> dict[str, WrongKey]:
    """Return all cases by title."""
    config = yaml.safe_load((TINY / "config.yaml").read_text("utf-8"))
    schema = load("config")
    cases = _of_schema("config", "config.yaml", config, schema, schema)
    for key in schema["required"]:
        rest = {name: value for name, value in config.items() if name != key}
        cases[f"config: {key}, missing"] = WrongKey("config.yaml", rest, key)
    schema = load("datasets")
    for kind, entry in ENTRIES.items():
        content = {"mine": entry}
        part = schema["$defs"][kind]
        more = _of_schema(kind, "datasets.yaml", content, part, schema, ("mine",))
        if kind != "file":  # the keys of every kind once
            shared = set(part["properties"]) & set(schema["$defs"]["file"]["properties"])
            more = {k: v for k, v in more.items() if v.key.removesuffix("_")[5:] not in shared}
        cases |= more
        for key in part["required"]:
            rest = {"mine": {name: value for name, value in entry.items() if name != key}}
            cases[f"{kind}: {key}, missing"] = WrongKey("datasets.yaml", rest, key)
    for name, entry in CATALOGUES.items():
        schema = load(name)
        part = schema["additionalProperties"]
        for key in part.get("required", ()):
            cases[f"{name}: {key}, missing"] = WrongKey(f"{name}.yaml", {"mine": {}}, key)
        cases |= _of_schema(name, f"{name}.yaml", {"mine": entry}, part, schema, ("mine",))
    return cases
