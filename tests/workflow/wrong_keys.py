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
    "idx": {"kind": "idx", "path": "mine"},
    "cifar_binary": {"kind": "cifar_binary", "path": "mine"},
    "hugging_face": {"kind": "hugging_face", "path": "mine"},
    "activations": {"kind": "activations", "path": "mine.npz"},
    "drawn_layers": {"kind": "drawn_layers", "source": "heat_flow"},
}
CATALOGUES: dict[str, dict[str, Any]] = {
    "architectures": {"widths": [3, 3, 3]},
    "conditions": {"epochs": 1},
    "measures": {"module": "tian"},
    "settings": {"graph": "mutual"},
}
# A key that may not stand with another one, which is taken out where the key is put in.
ALTERNATIVES = {"layers": "widths"}
# What a message says of a key that takes values of several types, where they are of none.
OF_TYPE = {"batch_size": "it must be a number of points, or full"}
# What a message says of each bound of a schema.
WORDS = {
    "minimum": "must be at least",
    "exclusiveMinimum": "must be greater than",
    "maximum": "must be at most",
    "exclusiveMaximum": "must be less than",
    "enum": "must be one of",
    "minItems": "must have at least",
    "maxItems": "must have at most",
    "minLength": "must ",  # its pattern, which is broken too, may be named in its place
    "uniqueItems": "must not name anything twice",
    "pattern": "must ",
}
UNSAFE = ("a/b", "..", "a b", "ä")


@dataclass(frozen=True)
class WrongKey:
    """A content of one of the study's files with one key wrong.

    key: named in the message; says: part of it.
    """

    file: str
    content: dict[str, Any]
    key: str
    says: str = "; "


def load(name: str) -> dict[str, Any]:
    """Return a schema."""
    return dict(yaml.safe_load((SCHEMAS / f"{name}.schema.yaml").read_text("utf-8")))


def resolve(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a schema with references followed, and the first of alternatives."""
    if "$ref" in node:
        return resolve(root["$defs"][node["$ref"].removeprefix("#/$defs/")], root)
    for option in [*node.get("anyOf", ()), *node.get("oneOf", ())]:
        if option.get("type") != "null":
            return resolve(option, root)
    return node


def entries(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the schemas of a catalogue's entries by kind; of most there is one, called ""."""
    [node] = schema["patternProperties"].values()
    kinds = node.get("discriminator", {}).get("mapping", {"": node.get("$ref")})
    return {kind: resolve({"$ref": place}, schema) for kind, place in kinds.items()}


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


def in_range(node: dict[str, Any], count: int) -> list[Any]:
    """Return so many different values that the entries of a list may have."""
    if "enum" in node:
        return list(node["enum"][:count])
    numbers = range(1, count + 1)
    if node.get("type") == "object":
        parts = {key: node["properties"][key] for key in node["required"]}
        values = {
            key: [part["const"]] * count if "const" in part else in_range(part, count)
            for key, part in parts.items()
        }
        return [{key: values[key][i - 1] for key in values} for i in numbers]
    if node.get("type") == "integer":
        return list(numbers)
    return [1 / (i + 1) if node.get("type") == "number" else f"a{i}" for i in numbers]


def out_of_range(
    node: dict[str, Any], root: dict[str, Any], of: str = ""
) -> Iterator[tuple[str, Any]]:
    """Yield (bound, value of the right type that only this bound refuses) for every bound.

    Bounds of the entries of a list are among them, called `items minimum` and so on.
    """
    for bound, step in (
        ("minimum", -1), ("exclusiveMinimum", 0), ("maximum", 1), ("exclusiveMaximum", 0),
    ):  # fmt: skip
        if bound in node:
            yield of + bound, node[bound] + step
    if "enum" in node:
        yield f"{of}enum", "nonesuch"
    if "minLength" in node:
        yield f"{of}minLength", ""
    if "pattern" in node:
        of_line = "x1f" in node["pattern"]  # any text on one line
        yield f"{of}pattern", "-two\nlines" if of_line else "a\\b$(touch pwned)"
    if "items" in node:
        items = resolve(node["items"], root)
        least = node.get("minItems", 1)
        if "minItems" in node:
            yield "minItems", in_range(items, least - 1)
        if "maxItems" in node:
            yield "maxItems", in_range(items, node["maxItems"] + 1)
        if node.get("uniqueItems"):
            yield "uniqueItems", in_range(items, 1) * max(least, 2)
        for bound, value in out_of_range(items, root, "items "):
            yield bound, [value, *in_range(items, least - 1)]


def put(content: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return a copy of `content` with the value at a path of keys."""
    whole = copy.deepcopy(content)
    place = whole
    for key in path[:-1]:
        place = place.setdefault(key, {})
    place.pop(ALTERNATIVES.get(path[-1], ""), None)
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
        values = {"type": of_wrong_type(part), **dict(out_of_range(part, root))}
        for defect, value in values.items():
            wrong = put(content, whole, value)
            of_type = "must be of type" if {"enum", "const"}.isdisjoint(part) else WORDS["enum"]
            of_type = OF_TYPE.get(path[-1], of_type)
            says = WORDS.get(defect.removeprefix("items "), of_type)
            cases[f"{title}: {'.'.join(path)}, {defect}"] = WrongKey(file, wrong, name, says)
        other = (*whole[:-1], f"{whole[-1]}_")
        wrong = put(content, other, part.get("default", 1))
        cases[f"{title}: {'.'.join(path)}, name"] = WrongKey(file, wrong, ".".join(other))
    return cases


def unsafe_names() -> dict[str, WrongKey]:
    """Return by title a study, a data set and an architecture with names that are no file names."""
    config = yaml.safe_load((TINY / "config.yaml").read_text("utf-8"))
    cases = {}
    for name in UNSAFE:
        contents = {
            "config": config | {"study": name},
            "datasets": {name: ENTRIES["sklearn"]},
            "architectures": {name: CATALOGUES["architectures"]},
        }
        for file, content in contents.items():
            case = WrongKey(f"{file}.yaml", content, ascii(name), "letters, digits, _ and -")
            cases[f"{file} named {name}"] = case
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
        part = entries(schema)[kind]
        more = _of_schema(kind, "datasets.yaml", content, part, schema, ("mine",))
        if kind != "file":  # the keys of every kind once
            shared = set(part["properties"]) & set(entries(schema)["file"]["properties"])
            more = {k: v for k, v in more.items() if v.key.removesuffix("_")[5:] not in shared}
        cases |= more
        for key in part["required"]:
            rest = {"mine": {name: value for name, value in entry.items() if name != key}}
            cases[f"{kind}: {key}, missing"] = WrongKey("datasets.yaml", rest, key)
    for name, entry in CATALOGUES.items():
        schema = load(name)
        part = entries(schema)[""]
        for key in part.get("required", ()):
            cases[f"{name}: {key}, missing"] = WrongKey(f"{name}.yaml", {"mine": {}}, key)
        cases |= _of_schema(name, f"{name}.yaml", {"mine": entry}, part, schema, ("mine",))
    return cases
