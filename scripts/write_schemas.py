"""Write workflow/schemas/, by which editors complete and check the files that users write.

The workflow does not read them: it checks with the models that they are made of.
"""

import sys
from pathlib import Path
from typing import Any

import yaml
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from ricci_flow.networks.layers import kinds, layer_of
from ricci_flow.study.keys import CATALOGUES, Config

SCHEMAS = Path(__file__).parents[1] / "workflow" / "schemas"
# The files, by what they are called in a config, with what a title says of them.
_FILES = {
    "data_sets": (
        *("datasets", "Catalogue of data sets"),
        "Data sets of two classes or more, by name.",
    ),
    "architectures": ("architectures", "Catalogue of architectures", "Networks, by name."),
    "conditions": (
        *("conditions", "Catalogue of conditions"),
        "What an ensemble changes of the study's recipe, by name.",
    ),
    "measures": (
        *("measures", "Catalogue of measures"),
        "Names for measures and values for their options.",
    ),
    "settings": (
        *("settings", "Catalogue of settings"),
        "What is measured of a network, on which graph, by name.",
    ),
}
_PLACEHOLDER = {"title": "Layer"}


class _Plain(GenerateJsonSchema):
    """Schemas without a title for every key."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schemas() -> dict[str, str]:
    """Return the text of every schema by the name of its file."""
    made = {"config": {"title": "A study", **Config.model_json_schema(schema_generator=_Plain)}}
    for kind, (file, title, description) in _FILES.items():
        schema = CATALOGUES[kind].json_schema(schema_generator=_Plain)
        made[file] = {"title": title, "description": description, **schema}
    classes = [layer_of(kind) for kind in kinds()]
    _, layers = models_json_schema(
        [(layer, "validation") for layer in classes], schema_generator=_Plain
    )
    definitions = made["architectures"]["$defs"]
    definitions |= {layer.__name__: layers["$defs"][layer.__name__] for layer in classes}
    return {f"{name}.schema.yaml": _text(schema) for name, schema in made.items()}


def _text(schema: dict[str, Any]) -> str:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    body = yaml.safe_dump(head | _tidy(schema), sort_keys=False, allow_unicode=True, width=100)
    return f"# Made by scripts/write_schemas.py.\n{body}"


def _tidy(node: Any) -> Any:
    """Return a part of a schema as editors are to have it."""
    if node == _PLACEHOLDER:
        return {"oneOf": [{"$ref": f"#/$defs/{layer_of(kind).__name__}"} for kind in kinds()]}
    if isinstance(node, list):
        return [_tidy(part) for part in node]
    if not isinstance(node, dict):
        return " ".join(node.split()) if isinstance(node, str) else node
    tidy = {key: _tidy(part) for key, part in node.items()}
    if "$ref" in node or node.get("default", 0) is None:  # what it refers to has defaults
        tidy.pop("default", None)
    if "patternProperties" in node:  # names of another pattern are refused
        tidy["additionalProperties"] = False
    for key, part in node.get("properties", {}).items():
        if "const" in part and "default" in part:  # the key says of which kind the others are
            del tidy["properties"][key]["default"]
            tidy["required"] = [key, *tidy.get("required", [])]
    return tidy


def main() -> int:
    """Write the schemas; return the exit status."""
    for name, text in schemas().items():
        (SCHEMAS / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
