"""A stage that reads a damaged file, or one of another ensemble, says so by the file's name."""

import contextlib
import io
import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from ricci_flow.storage import read_tensors, write_table, write_tensors
from tests import jobs
from tests.workflow.damage import ENSEMBLE
from tests.workflow.damage_late import (
    ELSEWHERE,
    NO_ENTRY,
    UNREAD,
    commands,
    copy_with_curvatures,
    damages,
    entries,
    kind,
    rules,
)

STAGES = list(commands(Path(), Path()))


def call(stage, words):
    """Run a stage's entry here; return its exit status and what it said."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        status = jobs.call(stage.split()[0], words)
    return status, said.getvalue()


@pytest.fixture(scope="module")
def results(finished, tmp_path_factory):
    """The results of the finished study, to damage and to mend again."""
    return copy_with_curvatures(finished.folder, tmp_path_factory.mktemp("damage") / "study")


def the_error(status, said):
    assert status == 1, said
    assert "Traceback" not in said
    (error,) = re.findall(r"error: (.*)", said)
    assert said.rstrip().endswith(error)
    return error


def written(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_every_entry_is_here_or_named_with_a_reason():
    stages = {name for name in STAGES if not name.startswith("measure ")}
    assert stages | set(ELSEWHERE) == entries()
    assert not stages & set(ELSEWHERE)
    without = {name for name, entry in rules().items() if entry is None}
    assert without == set(NO_ENTRY)
    known = {name.split()[0] for name in entries()}
    assert {entry for entry in rules().values() if entry} <= known


def test_every_input_of_a_rule_is_damaged(finished):
    damaged = {}
    for stage, (_, files) in commands(Path(), Path()).items():
        damaged.setdefault(stage.split()[0], set()).update(map(kind, files))
    manifest = json.loads((finished.folder / "results/tiny/manifest.json").read_text("utf-8"))
    for job in manifest["jobs"].values():
        entry = rules()[job["rule"]]
        inputs = {kind(name) for name in job["inputs"]} - UNREAD.get(job["rule"], set())
        assert inputs <= damaged.get(entry, set()), job["rule"]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.slow
def test_a_damaged_file_is_named_with_the_cure(results, tmp_path, stage):
    words, files = commands(results, tmp_path)[stage]
    status, said = call(stage, words)
    assert status == 0, said  # whole, it goes through
    assert written(tmp_path)
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    for name in files:
        path = results / name
        content = path.read_bytes()
        try:
            for damage in damages(stage, name):
                path.write_bytes(damage(content))
                error = the_error(*call(stage, words))
                assert error.startswith(f"{path}: ")
                assert error.endswith("delete it and run again")
            path.unlink()
            assert str(path) in the_error(*call(stage, words))
            assert not written(tmp_path)  # a damaged input leaves no half output
        finally:
            path.write_bytes(content)


# Stage: the file that another of the same study takes the place of, and that other one.
OTHERS = [
    ("train_ensemble", "datasets/rolls.json", "datasets/digits.json"),
    ("train_ensemble", "datasets/rolls.safetensors", "datasets/digits.safetensors"),
    ("compute_coefficients", "measures/{}/main.parquet", "measures/rolls/long/trained/{}"),
    ("compute_statistics", "graphs/{}/ties.parquet", "graphs/digits/short/trained/{}"),
    ("compute_statistics", "training/{}/networks.parquet", "statistics/networks.parquet"),
    ("draw_figure layers", "statistics/layers.parquet", "statistics/accuracy.parquet"),
    ("measure", "training/{}/weights.safetensors", "training/digits/short/trained/{}"),
    (
        "summarise_measures",
        "measures/{}/curvatures.local.parquet",
        "measures/rolls/short/untrained/{}",
    ),
    (
        "summarise_measures",
        "measures/{}/robustness.parquet",
        "measures/digits/short/trained/{}",
    ),
    ("measure excluded", "coefficients/{}/cell.parquet", "coefficients/digits/short/trained/{}"),
    ("summarise_measures", "measures/{}/excluded.parquet", "statistics/policies.parquet"),
    ("draw_figure conditions", "statistics/comparison.parquet", "statistics/cells.parquet"),
    ("render_report", "statistics/cells.parquet", "statistics/networks.parquet"),
]


@pytest.mark.parametrize(("stage", "file", "other"), OTHERS)
@pytest.mark.slow
def test_a_file_of_another_ensemble_is_named(results, tmp_path, stage, file, other):
    path = results / file.format(ENSEMBLE)
    content = path.read_bytes()
    try:
        path.write_bytes((results / other.format(path.name)).read_bytes())
        error = the_error(*call(stage, commands(results, tmp_path)[stage][0]))
    finally:
        path.write_bytes(content)
    assert str(path) in error or str(path.with_suffix(".safetensors")) in error


def test_networks_that_differ_from_stage_to_stage_are_named(results, tmp_path):
    path = results / f"measures/{ENSEMBLE}/main.parquet"
    content = path.read_bytes()
    table = pl.read_parquet(path)
    for wrong in (table.filter(pl.col("network") > 0), table[:-1]):
        try:
            write_table(path, wrong)
            error = the_error(
                *call(
                    "compute_coefficients", commands(results, tmp_path)["compute_coefficients"][0]
                )
            )
        finally:
            path.write_bytes(content)
        assert error.startswith(f"{path}: ")


def test_layers_of_other_shapes_or_not_finite_are_named(results, tmp_path):
    path = results / f"activations/{ENSEMBLE}/layers.safetensors"
    content, layers = path.read_bytes(), read_tensors(path)
    fewer = {**layers, "layer_2": layers["layer_2"][:, :-1]}
    astray = {**layers, "layer_3": layers["layer_3"] + float("inf")}
    for wrong, says in ((fewer, "layer_2 has shape"), (astray, "layer 3 of network 0 is not fin")):
        try:
            write_tensors(path, wrong)
            error = the_error(*call("build_graphs", commands(results, tmp_path)["build_graphs"][0]))
        finally:
            path.write_bytes(content)
        assert error.startswith(f"{path}: ")
        assert says in error
