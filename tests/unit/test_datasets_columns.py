"""Columns that are no features: an index is left out, a running number is said, `ignore` works."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from ricci_flow.datasets.columns import running_numbers
from ricci_flow.datasets.make import make_data_set
from ricci_flow.errors import InputError
from tests.unit.files import make, request, save, table, write

LABELS = list("aabbaabb")
VALUES = np.array([0.5, 0.25, 1.5, 7.0, 2.0, 0.75, 3.5, 2.5])


def pandas_parquet(path: Path, index_columns: Any, **columns: list[Any]) -> Path:
    """Write Parquet with the metadata that pandas leaves in the footer."""
    frame = pl.DataFrame({"x": VALUES, "label": LABELS, **columns})
    text = json.dumps({"index_columns": index_columns, "columns": []})
    frame.write_parquet(path, metadata={"pandas": text})
    return path


def csv(path: Path, name: str, values: list[Any]) -> Path:
    rows = zip(values, VALUES, LABELS, strict=True)
    return write(path, f"{name},x,label\n" + "".join(f"{i},{x},{y}\n" for i, x, y in rows))


def note(path: Path, **keys: Any) -> str:
    """The one thing that is worth knowing of a data set, said as a warning, too."""
    said: list[str] = []
    _, facts = make_data_set(request("mine", "file", path=str(path), **keys), said.append)
    (line,) = facts["notes"]
    assert f"warning: {line}" in said
    return str(line)


SAMPLED = [18, 170, 107, 3, 99, 12, 4, 55]


def test_the_index_of_a_pandas_table_is_left_out(tmp_path: Path) -> None:
    name = "__index_level_0__"
    path = pandas_parquet(tmp_path / "a.parquet", [name], **{name: SAMPLED})
    assert make(path)[1]["features"] == 1
    assert note(path) == f"column {name!r} is the index of a pandas table and was left out"


def test_an_index_of_two_levels_and_of_text_is_left_out(tmp_path: Path) -> None:
    path = pandas_parquet(tmp_path / "a.parquet", ["who", "when"], who=LABELS, when=SAMPLED)
    tensors, facts = make(path)
    assert facts["features"] == 1
    assert sorted(np.concatenate([tensors["X_train"], tensors["X_test"]])[:, 0]) == sorted(VALUES)
    assert [line.split("'")[1] for line in facts["notes"]] == ["who", "when"]


def test_an_index_of_labels_is_still_the_labels(tmp_path: Path) -> None:
    _, facts = make(pandas_parquet(tmp_path / "a.parquet", ["label"]))
    assert (facts["features"], facts["notes"]) == (1, [])


@pytest.mark.parametrize(
    "index",
    [[], [{"kind": "range", "start": 0, "stop": 8, "step": 1, "name": None}], None, 7, ["gone"]],
)
def test_a_footer_that_names_no_column_changes_nothing(tmp_path: Path, index: Any) -> None:
    _, facts = make(pandas_parquet(tmp_path / "a.parquet", index))
    assert (facts["features"], facts["notes"]) == (1, [])


@pytest.mark.parametrize("text", ["", "not JSON", "[1]", "null", "[" * 100_000])
def test_a_footer_that_is_no_json_changes_nothing(tmp_path: Path, text: str) -> None:
    table().write_parquet(tmp_path / "a.parquet", metadata={"pandas": text})
    assert make(tmp_path / "a.parquet")[1]["features"] == 2


@pytest.mark.parametrize("name", ["Unnamed: 0", "", "index", "id", "ID", "row", "level_0"])
def test_a_column_called_an_index_is_said(tmp_path: Path, name: str) -> None:
    line = note(csv(tmp_path / "a.csv", name, SAMPLED))
    assert f"column {name!r} looks like a running number" in line
    assert f"(ignore: [{name!r}])" in line
    assert make(tmp_path / "a.csv", ignore=(name,))[1]["features"] == 1
    assert make(tmp_path / "a.csv", ignore=(name,))[1]["notes"] == []


@pytest.mark.parametrize("values", [range(8), range(8, 0, -1), [5, 3, 4, 1, 0, 2, 7, 6]])
def test_consecutive_numbers_are_said_whatever_their_name(tmp_path: Path, values: Any) -> None:
    assert "column 'patient'" in note(csv(tmp_path / "a.csv", "patient", list(values)))
    shifted = [f"{value + 1000}.0" for value in values]
    assert "column 'patient'" in note(csv(tmp_path / "b.csv", "patient", shifted))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("patient", SAMPLED),  # whole and different, but not consecutive
        ("id", [1, 1, 2, 3, 4, 5, 6, 7]),  # not different
        ("id", [0.5, 1, 2, 3, 4, 5, 6, 7]),  # not whole
        ("valid", SAMPLED),  # not the name of an index
        ("age", [0, 1, 2, 3, 4, 5, 7, 7]),  # as wide as consecutive numbers
        ("x0", [0.5 + i for i in range(8)]),
    ],
)
def test_other_columns_are_not(tmp_path: Path, name: str, values: list[Any]) -> None:
    assert make(csv(tmp_path / "a.csv", name, values))[1]["notes"] == []


def test_several_are_said_in_one_line(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i + 5},{VALUES[i]},{y}\n" for i, y in enumerate(LABELS))
    line = note(write(tmp_path / "a.csv", "id,n,x,label\n" + rows))
    assert "columns 'id', 'n' look like running numbers" in line


def test_rows_of_other_classes_count(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "patient", list(range(8)))
    write(path, path.read_text().replace("2.0,a", "2.0,c"))
    assert "'patient'" in note(path, classes=("a", "b"))


def test_an_array_without_names_is_looked_at(tmp_path: Path) -> None:
    X, y = np.column_stack([VALUES, np.arange(8)]), np.array(LABELS)
    whole = save(tmp_path / "a.npz", X=X, y=y)
    split = save(tmp_path / "b.npz", X_train=X[::2], y_train=y[::2], X_test=X[1::2], y_test=y[1::2])
    for path in (whole, split):
        assert "column '2' looks like" in note(path)
    assert running_numbers(X[:1], ["1", "2"]) == []


def test_no_name_and_no_number_of_rows_is_an_error(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "", VALUES[::-1].tolist())
    with pytest.raises(InputError, match=r"a\.csv: column 1 has no name; .*ignore: \[''\]"):
        make(path)
    assert make(path, ignore=("",))[1]["features"] == 1


@pytest.mark.parametrize(
    ("ignore", "says"),
    [
        (("idd",), "'ignore' names 'idd', which is no column; did you mean 'id'?"),
        (("q",), "use one of: id, x"),
        (("label",), "'ignore' names 'label', the column of labels"),
        (("id", "x"), "no column besides 'label'"),
    ],
)
def test_what_cannot_be_ignored(tmp_path: Path, ignore: tuple[str, ...], says: str) -> None:
    path = csv(tmp_path / "a.csv", "id", SAMPLED)
    with pytest.raises(InputError) as caught:
        make(path, ignore=ignore)
    assert says in str(caught.value)
    assert "a.csv" in str(caught.value)


def test_a_column_of_text_or_lists_can_be_ignored(tmp_path: Path) -> None:
    assert make(csv(tmp_path / "a.csv", "who", LABELS), ignore=("who",))[1]["features"] == 1
    frame = table().with_columns(u=pl.lit([1, 2]))
    frame.write_parquet(tmp_path / "a.parquet")
    assert make(tmp_path / "a.parquet", ignore=("u",))[1]["features"] == 1


def test_an_archive_has_no_columns_to_ignore(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", X=VALUES[:, None], y=np.array(LABELS))
    with pytest.raises(InputError, match=r"'ignore'.*no names of columns"):
        make(path, ignore=("x",))
