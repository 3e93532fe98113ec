"""What a study reads from outside counts by content, whatever the times of the files say."""

import json
import os

import numpy as np
import pytest

from ricci_flow.manifest.make import sha256_of
from tests.workflow.runner import Study
from tests.workflow.test_tiny_study import AFTER, chain

ENSEMBLES = {"mine/short/trained", "theirs/short/trained"}
CONFIG = """
published: reports/published/baptista2024.yaml
data_dir: arrays
"""
ENTRIES = """
mine:
  kind: file
  path: mine.csv
  label: kind
  k_grid: [6, 12]
  accuracy_threshold: 0.51
theirs:
  kind: openml
  openml_name: not_asked_for
  classes: ["0", "1"]
  k_grid: [6, 12]
  accuracy_threshold: 0.51
"""


def write_rows(path, shift):
    rows = [f"{(i * i + shift) % 11},{i % 7 + 9 * (i % 2)},{'ab'[i % 2]}" for i in range(120)]
    path.write_text("\n".join(["x,y,kind", *rows]) + "\n", "utf-8")


def write_arrays(path, shift):
    x = np.random.default_rng(shift).normal(size=(120, 3))
    y = np.arange(120) % 2
    x[:, 0] += 4 * y
    np.savez(path, X_train=x[:60], y_train=y[:60], X_test=x[60:], y_test=y[60:])


def append(text):
    return lambda path, _: path.write_text(path.read_text("utf-8") + text, "utf-8")


# file: (how another version of it is written, jobs that must and must not run with it)
FILES = {
    "mine.csv": (write_rows, {"data set mine", "manifest"}, {"data set theirs"}),
    "arrays/theirs.npz": (write_arrays, {"data set theirs", "manifest"}, {"data set mine"}),
    "reports/published/baptista2024.yaml": (
        *(append("# Another word.\n"), AFTER - {"config of the study", "explore"}),
        {"data set mine", "data set theirs"},
    ),
    "reports/published/baptista2024_figure3.csv": (
        *(append("mnist_1v7,wide_5,9,0.5\n"), AFTER - {"config of the study", "explore"}),
        {"data set mine", "data set theirs", *chain("coefficients", ensembles=ENSEMBLES)},
    ),
    "reports/report.qmd": (
        append("\nAnother word.\n"),
        {"report", "report check", "manifest"},
        {"statistics"},
    ),
    "reports/explore/script.js": (
        append("// Another word.\n"),
        {"explore", "manifest"},
        {"statistics", "report"},
    ),
    "reports/guide/speed.md": (append("\nAnother word.\n"), {"guide", "manifest"}, {"report"}),
    "requirements.lock": (
        append("# Another word.\n"),
        {"report", "report check", "manifest"},
        {"statistics"},
    ),
    "tiny/mini.yaml": (append("confidence: 0.9\n"), {"statistics"}, {"data set mine"}),
}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    study = Study(tmp_path_factory.mktemp("content") / "study", "tiny/mini.yaml")
    append(ENTRIES)(study.folder / "tiny/datasets.yaml", 0)
    append(CONFIG)(study.folder / "tiny/mini.yaml", 0)
    study.edit("tiny/mini.yaml", "data_sets: [rolls]", "data_sets: [mine, theirs]")
    write_rows(study.folder / "mine.csv", 0)
    (study.folder / "arrays").mkdir()
    write_arrays(study.folder / "arrays/theirs.npz", 0)
    study.run()
    return study


@pytest.mark.parametrize("name", FILES)
def test_an_older_file_of_other_content_runs_what_reads_it(done, name):
    write, run, left = FILES[name]
    path = done.folder / name
    before = path.read_bytes()
    write(path, 1)
    os.utime(path, (1e9, 1e9))  # as `cp -p`, `mv` and unpacking leave it
    assert path.read_bytes() != before
    jobs = done.plan()
    assert jobs >= run
    assert not jobs & left
    path.write_bytes(before)  # with a new time
    assert done.plan() == set()


def test_touched_files_from_outside_run_nothing_however_large(done):
    for name in FILES:
        os.utime(done.folder / name)
    assert done.plan("--max-checksum-file-size", "1") == set()


def test_the_results_and_the_manifest_are_those_of_the_older_file(done):
    tensors = done.folder / "results/mini/datasets/mine.safetensors"
    before = tensors.read_bytes()
    write_rows(done.folder / "mine.csv", 2)
    os.utime(done.folder / "mine.csv", (1e9, 1e9))
    done.run()
    assert tensors.read_bytes() != before
    manifest = json.loads((done.folder / "results/mini/manifest.json").read_text("utf-8"))
    assert manifest["sources"]["mine.csv"] == sha256_of(done.folder / "mine.csv")
    assert done.plan() == set()
