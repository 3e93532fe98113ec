"""A study run from elsewhere, by another's program, with another's packages in the way."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.workflow.runner import ROOT, TINY, Study

CELLS = "a,b,label\n" + "\n".join(f"{i % 7},{i % 5},{'xy'[i % 2]}" for i in range(80)) + "\n"
MADE = "results/mine/datasets/cells.json"


@pytest.fixture
def elsewhere(tmp_path):
    """A folder with a study's own files, and nothing of the checkout."""
    folder = tmp_path / "user"
    (folder / "data").mkdir(parents=True)
    (folder / "data/cells.csv").write_text(CELLS)
    (folder / "data_sets.yaml").write_text("cells: {kind: file, path: data/cells.csv}\n")
    shutil.copy(TINY / "architectures.yaml", folder)
    config = yaml.safe_load((TINY / "mini.yaml").read_text())
    config |= {"study": "mine", "data_sets": ["cells"]}
    config["catalogues"] = {
        "data_sets": "data_sets.yaml",
        "architectures": "architectures.yaml",
    }
    (folder / "mine.yaml").write_text(yaml.safe_dump(config))
    return folder


def run(folder, *words, **variables):
    return subprocess.run(
        [sys.executable, "-P", *words],
        cwd=folder, env={**os.environ, **variables},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip


def test_snakemake_by_its_path_from_elsewhere_with_other_packages_in_the_way(elsewhere):
    """Jobs run with the Python of Snakemake, and its packages, though it is not on PATH."""
    wrong = elsewhere / "wrong"
    for folder in (wrong / "polars", elsewhere / "polars"):
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("raise RuntimeError('the wrong polars')")
    result = run(
        elsewhere,
        *("-m", "snakemake", MADE, "-s", str(ROOT / "workflow/Snakefile")),
        *("--configfile", "mine.yaml"),
        PATH="/usr/bin:/bin",
        PYTHONPATH=os.pathsep.join([str(wrong), str(ROOT / "scripts")]),
    )
    assert result.returncode == 0, result.stdout
    assert (elsewhere / MADE).is_file()
    log = (elsewhere / "logs/mine/datasets/cells.log").read_text()
    assert f"python {sys.version.split()[0]}," in log.splitlines()[-1]


def test_the_one_command_from_elsewhere_takes_the_users_files_and_runs_in_the_checkout(elsewhere):
    study = Study(elsewhere.parent / "study")
    code = (
        "import environment, pathlib, run_study, sys\n"
        "environment.prepare = lambda: None\n"
        f"environment.ROOT = pathlib.Path({str(study.folder)!r})\n"
        "environment.PYTHON = pathlib.Path(sys.executable)\n"
        "environment.PROGRAMS = environment.PYTHON.parent\n"
        "environment.start(run_study.main)\n"
    )
    # A file of that name lies in the checkout, too.
    (study.folder / "mine.yaml").write_text("study: [wrong\n")
    words = ("-c", code, MADE, "--snakefile", str(ROOT / "workflow/Snakefile"))
    (elsewhere / "more.yaml").write_text("seed_name: other\n")
    given = ("--configfile", "mine.yaml", "--configfile", "more.yaml")
    result = run(elsewhere, *words, *given, PYTHONPATH=str(ROOT / "scripts"))
    assert result.returncode == 0, result.stdout
    assert (study.folder / MADE).is_file()
    assert not (elsewhere / "results").exists()
    assert result.stdout.rstrip().splitlines()[-1].startswith("Elapsed")  # no report was asked for


def test_a_copied_clone_plans_with_its_own_code(elsewhere):
    """Its environment may still find the package of the clone that it was copied from."""
    clone = elsewhere.parent / "clone"
    for name in ("workflow", "scripts", "config", "reports"):
        shutil.copytree(ROOT / name, clone / name)
    shutil.copy(ROOT / "requirements.lock", clone)
    errors = clone / "scripts/ricci_flow/errors.py"
    errors.write_text(errors.read_text("utf-8").replace("did you mean", "of the copy"), "utf-8")
    result = run(
        clone,
        *("-m", "snakemake", "-n", "--config", "data_sets=[AA]"),
        PYTHONPATH=str(ROOT / "scripts"),
    )
    assert result.returncode == 1
    assert "of the copy" in result.stdout.splitlines()[-1]


def test_the_path_of_the_report_is_printed_where_it_is_current_and_only_there(mini: Study):
    def last(*arguments):
        process = mini.start_the_one_command(*arguments)
        text, _ = process.communicate(timeout=600)
        assert process.returncode == 0, text
        return text.rstrip().splitlines()[-1]

    page = str(mini.folder / "results/mini/report/report.html")
    assert Path(page).is_file()
    assert last() == page
    mini.edit("tiny/mini.yaml", "epochs: 2", "epochs: 3")
    assert last("-n") != page
    assert last("--", "results/mini/datasets/rolls.json") != page


def test_without_a_workflow_one_line_says_so(tmp_path):
    result = run(tmp_path, "-m", "snakemake", "-n", PYTHONPATH=str(ROOT / "scripts"))
    assert result.returncode == 1
    assert result.stdout.startswith("Error: No Snakefile found")
    assert result.stdout.count("\n") == 1
