"""The entry script, the catalogue and its schema, held against each other."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from jsonschema import Draft202012Validator

from ricci_flow.datasets.bundled import TABLES
from ricci_flow.datasets.generators import GENERATORS
from ricci_flow.datasets.request import KEYS_OF_KIND, Request, check_request, read_request
from ricci_flow.storage import read_json, read_tensors
from tests import jobs

ROOT = Path(__file__).parents[2]
CATALOGUE = yaml.safe_load((ROOT / "config/datasets.yaml").read_text("utf-8"))
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/datasets.schema.yaml").read_text("utf-8"))
LATER = {"k_grid", "accuracy_threshold", "title"}
# Test rows of the tables in the catalogue, to hold their k grids against.
N_TEST = {"digits_1v7": 181, "digits_6v8": 177, "breast_cancer": 284, "mnist_6v8": 1932}


def run(**fields: object) -> int:
    return jobs.call("make_dataset", jobs.arguments(**fields))


def test_entry_writes_the_contract(tmp_path: Path) -> None:
    paths = [tmp_path / "deep" / "A.safetensors", tmp_path / "A.json"]
    entry = {**CATALOGUE["A"], "n_train": 50, "n_test": 30, "parameters": {"height": 5}}
    source = {key: value for key, value in entry.items() if key not in LATER}
    assert run(name="A", source=source, seed_name="x", tensors=paths[0], facts=paths[1]) == 0
    tensors, facts = read_tensors(paths[0]), read_json(paths[1])
    assert {name: (a.shape, a.dtype.name) for name, a in tensors.items()} == {
        "X_train": ((50, 3), "float32"),
        "y_train": ((50,), "uint8"),
        "X_test": ((30, 3), "float32"),
        "y_test": ((30,), "uint8"),
    }
    assert set(facts) == {
        *("data_set", "kind", "n_train", "n_test", "features", "classes", "counts_train"),
        *("counts_test", "unit", "scale", "image_shape", "seed", "source", "parameters"),
        *("larger_class_train", "larger_class_test", "notes", "beyond_float32"),
    }
    assert facts["parameters"]["height"] == 5


def test_entry_reads_a_table_with_negative_labels(tmp_path: Path) -> None:
    path = tmp_path / "a b.csv"
    path.write_text("u,v,y\n" + "1,2,-1\n3,4,1\n2,2,0\n" * 4, "utf-8")
    source = {"kind": "file", "path": "there", "label": "y", "classes": [1, -1], "unit": 4}
    outputs = {"tensors": tmp_path / "t", "facts": tmp_path / "f"}
    assert run(name="mine", source=source, path=path, **outputs) == 0
    assert read_json(tmp_path / "f")["classes"] == ["1", "-1"]
    assert np.all(read_tensors(tmp_path / "t")["X_train"][:2, 0] == 3)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ({"kind": "file", "path": "none.csv"}, "none.csv: no such file"),
        ({"kind": "sklearn", "tabel": "iris"}, "'A': unknown key 'tabel'; did you mean 'table'?"),
        ({"kind": "synthetic", "parameters": [1]}, "'A': key 'parameters' is [1]; "),
        ({}, "'A': key 'kind' is missing"),
    ],
)
def test_entry_says_an_error_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], source: dict[str, Any], says: str
) -> None:
    assert run(name="A", source=source, tensors=tmp_path / "t", facts=tmp_path / "f") == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert says in said
    assert not list(tmp_path.iterdir())


def test_catalogue_fits_its_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    errors = list(Draft202012Validator(SCHEMA).iter_errors(CATALOGUE))
    assert not errors, errors


@pytest.mark.parametrize("name", CATALOGUE)
def test_catalogue_entries_are_requests(name: str) -> None:
    entry = {key: value for key, value in CATALOGUE[name].items() if key not in LATER}
    check_request(read_request(name, entry))
    n_test = entry.get("n_test") or N_TEST.get(name, 2000)
    assert max(CATALOGUE[name]["k_grid"]) < n_test


def test_schema_and_code_know_the_same_keys() -> None:
    known = {field.name for field in fields(Request)}
    for kind, keys in KEYS_OF_KIND.items():
        assert set(keys) <= known
        properties = set(SCHEMA["$defs"][kind]["properties"])
        assert properties == {*keys, *LATER, "kind", "scale", "unit", "variant_of"}
    assert SCHEMA["$defs"]["kind"]["enum"] == list(KEYS_OF_KIND)
    parts = SCHEMA["$defs"]
    assert parts["synthetic"]["properties"]["generator"]["enum"] == list(GENERATORS)
    assert parts["sklearn"]["properties"]["table"]["enum"] == list(TABLES)


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
        {"kind": "openml", "openml_name": "x", "train_rows": 5, "test_fraction": 0.5},
        {"kind": "openml", "openml_name": "x", "sha256": "abc"},
        {"kind": "file"},
        {"kind": "file", "path": "a.csv", "test_fraction": 1.0},
        {"kind": "file", "path": "a.csv", "unit": 0},
        {"kind": "file", "path": "a.csv", "labels": "y"},
    ],
)
def test_schema_is_closed(entry: dict[str, Any]) -> None:
    assert not Draft202012Validator(SCHEMA).is_valid({"mine": entry})


@pytest.mark.parametrize("name", ["a/b", "../a", "", "-a", "a b", "a.b"])
def test_schema_wants_names_that_are_safe_as_files(name: str) -> None:
    entry = {"kind": "sklearn", "table": "iris"}
    assert not Draft202012Validator(SCHEMA).is_valid({name: entry})
