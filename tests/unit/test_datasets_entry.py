"""The entry script and the catalogue."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from ricci_flow.storage import read_json, read_tensors
from tests import jobs
from tests.unit.files import request

ROOT = Path(__file__).parents[2]
CATALOGUE = yaml.safe_load((ROOT / "config/datasets.yaml").read_text("utf-8"))
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
    assert run(name="mine", source=source, path=[path], **outputs) == 0
    assert read_json(tmp_path / "f")["classes"] == ["1", "-1"]
    assert np.all(read_tensors(tmp_path / "t")["X_train"][:2, 0] == 3)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ({"kind": "file", "path": "none.csv"}, "none.csv: no such file"),
        ({"kind": "sklearn", "tabel": "iris"}, "unknown key 'source.tabel'; did you mean 'table'?"),
        (
            {"kind": "synthetic", "generator": "crossing_sheets", "parameters": [1]},
            "key 'source.parameters' is [1]; ",
        ),
        ({}, "key 'kind' is missing at source"),
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


@pytest.mark.parametrize("name", CATALOGUE)
def test_catalogue_entries_are_requests(name: str) -> None:
    entry = request(name, **CATALOGUE[name]).entry
    n_test = getattr(entry, "n_test", N_TEST.get(name, 2000))
    assert max(entry.k_grid or [0]) < n_test
