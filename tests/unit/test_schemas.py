"""The schemas for editors: current, and of one mind with the models that they are made of."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from ricci_flow.datasets.generators import GENERATORS
from ricci_flow.errors import InputError
from ricci_flow.networks.layers import kinds
from ricci_flow.study.keys import CATALOGUES, Config
from ricci_flow.validation import read
from ricci_flow.yaml_file import load_yaml
from write_schemas import SCHEMAS, schemas

# The shipped files by the schema that is for them.
SHIPPED = {path: "config" for path in Path("config").glob("*.yaml") if "study" in load_yaml(path)}
SHIPPED |= {
    Path(f"config/{name}.yaml"): kind
    for name, kind in {
        **{
            name: name
            for name in ("datasets", "architectures", "conditions", "measures", "settings")
        },
        "splits_data_sets": "datasets",
        "hehl2025_conditions": "conditions",
        "hehl2025_training_conditions": "conditions",
        "search_conditions": "conditions",
    }.items()
}


def valid(kind: str, content: Any) -> bool:
    """Return whether schema and model take a file; they must agree."""
    schema = yaml.safe_load((SCHEMAS / f"{kind}.schema.yaml").read_text("utf-8"))
    model = CATALOGUES.get(kind.replace("datasets", "data_sets"))
    validate = model.validate_python if model else Config.model_validate
    try:
        read(validate, content, kind)
    except InputError:
        taken = False
    else:
        taken = True
    assert Draft202012Validator(schema).is_valid(content) == taken
    return taken


def test_schemas_are_current() -> None:
    made = schemas()
    assert {path.name: path.read_text("utf-8") for path in SCHEMAS.iterdir()} == made
    for text in made.values():
        Draft202012Validator.check_schema(yaml.safe_load(text))


def test_every_shipped_file_is_known() -> None:
    assert set(SHIPPED) == set(Path("config").glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=str)
def test_shipped_files_are_valid(path: Path) -> None:
    assert valid(SHIPPED[path], load_yaml(path))


def test_every_key_is_described() -> None:
    for text in schemas().values():
        schema = yaml.safe_load(text)
        for part in (schema, *schema["$defs"].values()):
            for key, node in part.get("properties", {}).items():
                told = "$ref" in node or key in ("kind", "name")
                assert told or node.get("description"), (part["title"], key)


def test_names_in_the_code_are_in_the_schemas() -> None:
    made = {name: yaml.safe_load(text)["$defs"] for name, text in schemas().items()}
    generator = made["datasets.schema.yaml"]["Synthetic"]["properties"]["generator"]
    assert generator["enum"] == list(GENERATORS)
    layers = made["architectures.schema.yaml"]["ArchitectureEntry"]["properties"]["layers"]
    assert len(layers["anyOf"][0]["items"]["oneOf"]) == len(kinds())


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"kind": "url"},
        {"kind": "synthetic"},
        {"kind": "synthetic", "generator": "torus"},
        {"kind": "synthetic", "generator": "crossing_sheets", "path": "a.csv"},
        {"kind": "synthetic", "generator": "crossing_sheets", "parameters": {"waves": "many"}},
        {"kind": "synthetic", "generator": "crossing_sheets", "parameters": {}},
        {"kind": "synthetic", "generator": "crossing_sheets", "n_test": 1},
        {"kind": "sklearn", "table": "digits", "classes": [1]},
        {"kind": "sklearn", "table": "digits", "classes": [True, False]},
        {"kind": "sklearn", "table": "digits", "k_grid": [5, 5]},
        {"kind": "sklearn", "table": "digits", "accuracy_threshold": 98},
        {"kind": "openml"},
        {"kind": "openml", "openml_name": "x", "sha256": "abc"},
        {"kind": "file"},
        {"kind": "file", "path": "a.csv", "test_fraction": 1.0},
        {"kind": "file", "path": "a.csv", "unit": 0},
        {"kind": "file", "path": "a.csv", "labels": "y"},
    ],
)
def test_wrong_data_sets(entry: dict[str, Any]) -> None:
    assert not valid("datasets", {"mine": entry})


@pytest.mark.parametrize("name", ["a/b", "../a", "", "-a", "a b", "a.b"])
def test_names_are_safe_as_files(name: str) -> None:
    assert not valid("datasets", {name: {"kind": "sklearn", "table": "iris"}})


@pytest.mark.parametrize(
    "entry",
    [
        {"widths": [3, 3]},
        {"layers": [{"width": 3}]},
        {"layers": [{"kind": "dense", "width": 3, "depth": 2}]},
        {"layers": [{"kind": "residual", "layers": [{"kind": "dense", "width": 0}]}]},
    ],
)
def test_wrong_architectures(entry: dict[str, Any]) -> None:
    assert not valid("architectures", {"mine": entry})


def test_layers_within_layers() -> None:
    dense = {"kind": "dense", "width": 3}
    layers = [dense, {"kind": "residual", "layers": [dense]}, {"kind": "max_pool"}]
    assert valid("architectures", {"mine": {"layers": layers}})
