"""The larger class: a fact of the data set, and what a threshold must lie above."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ricci_flow.datasets.threshold import check_threshold
from ricci_flow.errors import InputError
from ricci_flow.report.data_sets import NOTHING_NOTED, data_sets_table, notes_list, read_facts
from ricci_flow.report.text import escape
from ricci_flow.storage import read_json, write_json
from tests.jobs import arguments
from tests.unit.files import make, save


def imbalanced(folder: Path) -> dict:
    """Facts of 100 training and 200 test points, of which 95 and 186 are of the first class."""
    rng = np.random.default_rng(0)
    parts = {}
    for part, n, rare in (("train", 100, 5), ("test", 200, 14)):
        parts[f"X_{part}"] = rng.normal(size=(n, 2))
        parts[f"y_{part}"] = (np.arange(n) < rare).astype(int)
    _, facts = make(save(folder / "mine.npz", **parts))
    write_json(folder / "mine.json", facts)
    return facts


def check(folder: Path, **settings: object) -> subprocess.CompletedProcess[str]:
    files = {"facts": folder / "mine.json", "check": folder / "mine.grid.json"}
    command = [sys.executable, "-m", "check_data_set", *arguments(k=[6], **files, **settings)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_larger_class_is_a_fact(tmp_path: Path) -> None:
    facts = imbalanced(tmp_path)
    assert facts["larger_class_train"] == 0.95
    assert facts["larger_class_test"] == 0.93


@pytest.mark.parametrize(("threshold", "fails"), [(0.9, True), (0.93, True), (0.931, False)])
def test_a_threshold_must_lie_above_it(threshold: float, fails: bool) -> None:
    if not fails:
        check_threshold(threshold, 0.93, "mine")
        return
    with pytest.raises(
        InputError, match=rf"^mine: accuracy_threshold is {threshold}, not above 0\.93"
    ):
        check_threshold(threshold, 0.93, "mine")


def test_the_check_before_training_refuses_it(tmp_path: Path) -> None:
    imbalanced(tmp_path)
    wrong = check(tmp_path, accuracy_threshold=0.9)
    assert wrong.returncode == 1
    assert "error: data set mine: accuracy_threshold is 0.9, not above 0.93" in wrong.stderr
    assert "; raise it" in wrong.stderr
    assert not (tmp_path / "mine.grid.json").exists()
    # Without a condition that filters there is no threshold; a higher one is right.
    for settings in ({}, {"accuracy_threshold": 0.95, "scales": ["catalogue", "none"]}):
        right = check(tmp_path, **settings)
        assert (right.returncode, right.stderr) == (0, "")
    assert read_json(tmp_path / "mine.grid.json") == {"data_set": "mine", "k": [6]}


def test_the_check_before_training_looks_at_the_scales(tmp_path: Path) -> None:
    facts = imbalanced(tmp_path)
    column = {"column": "t", "distinct": 400, "kept": 399, "moved": 1e-5}
    write_json(tmp_path / "mine.json", {**facts, "beyond_float32": [column]})
    assert check(tmp_path, scales=["catalogue", "standard"]).stderr == ""
    some = check(tmp_path, scales=["catalogue", "unit"])
    assert some.returncode == 0
    assert "warning: data set 'mine': under scale 'unit'" in some.stderr
    worse = {**column, "kept": 4, "moved": 0.5}
    write_json(tmp_path / "mine.json", {**facts, "beyond_float32": [column, worse]})
    most = check(tmp_path, scales=["none"])
    assert most.returncode == 1
    assert "tell 4 of the 400 values of column 't' apart; use scale: standard" in most.stderr


def accuracy(**thresholds: float | None) -> pl.DataFrame:
    """Return statistics accuracy.parquet: a filtered and an unfiltered condition each."""
    names = [name for name in thresholds for _ in range(2)]
    values = [value for limit in thresholds.values() for value in (None, limit)]
    return pl.DataFrame({"data_set": names, "threshold": pl.Series(values, dtype=pl.Float64)})


def test_the_report_shows_it_beside_the_threshold(tmp_path: Path) -> None:
    facts = imbalanced(tmp_path)
    other = {**facts, "data_set": "other", "notes": ["column 'a|b' looks odd"]}
    write_json(tmp_path / "other.json", other)
    both = read_facts(tmp_path, ["mine", "other"])
    assert [known["data_set"] for known in both] == ["mine", "other"]
    header, _, *rows = data_sets_table(accuracy(mine=0.9, other=None), both).splitlines()
    assert header.split(" | ")[-1].startswith("threshold")
    assert rows[0].split(" | ")[1:] == [
        *("0, 1", "100", "200", "2", "95.0 %", "93.0 %"),
        "**90.0 %, not above the larger class** |",
    ]
    assert rows[1].split(" | ")[-1] == "none |"
    (row,) = data_sets_table(accuracy(mine=0.95), both[:1]).splitlines()[2:]
    assert row.endswith("| 93.0 % | 95.0 % |")
    assert notes_list(both) == f"- **other**: {escape(other['notes'][0])}.\n"
    assert notes_list(both[:1]) == f"{NOTHING_NOTED}\n"


def test_facts_of_another_data_set_are_named(tmp_path: Path) -> None:
    facts = imbalanced(tmp_path)
    write_json(tmp_path / "other.json", facts)
    with pytest.raises(InputError, match=r"other\.json: .*of data set 'mine'"):
        read_facts(tmp_path, ["other"])
