"""The workflow as a module of another one, in another folder, with other names for its rules."""

import os
import shutil
import subprocess
import sys

import pytest
import yaml

from tests.workflow.runner import ROOT, TINY

SNAKEFILE = """
configfile: "own.yaml"


rule all:
    input:
        "cells.txt",


module ricci_flow:
    snakefile:
        "{snakefile}"
    config:
        config["ricci_flow"]


use rule * from ricci_flow as rf_*


rule count_cells:
    input:
        "results/mini/coefficients/rolls/short/trained/cell.parquet",
    output:
        "cells.txt",
    shell:
        "wc -c < {{input}} > {{output}}"
"""


@pytest.fixture
def other(tmp_path):
    """Another workflow, in a folder with catalogues of its own and nothing of the checkout."""
    folder = tmp_path / "other"
    folder.mkdir()
    for name in ("datasets.yaml", "architectures.yaml"):
        shutil.copy(TINY / name, folder)
    study = yaml.safe_load((TINY / "mini.yaml").read_text("utf-8"))
    study["catalogues"] = {"data_sets": "datasets.yaml", "architectures": "architectures.yaml"}
    (folder / "reports").mkdir()  # its own
    (folder / "own.yaml").write_text(yaml.safe_dump({"ricci_flow": study}))
    (folder / "Snakefile").write_text(SNAKEFILE.format(snakefile=ROOT / "workflow/Snakefile"))
    return folder


def snakemake(folder, *words):
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-P", "-m", "snakemake", "--cores", "1", *words],
        cwd=folder, env=variables,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip


def test_a_target_of_the_other_workflow_runs_what_it_needs(other):
    plan = snakemake(other, "--dry-run", "--quiet", "host", "--", "rf_all")
    assert plan.returncode == 0, plan.stdout
    assert "rf_render_report" in plan.stdout
    assert "rf_write_manifest" in plan.stdout
    run = snakemake(other)  # its own first rule is the default
    assert run.returncode == 0, run.stdout
    made = (other / "results/mini/coefficients/rolls/short/trained/cell.parquet").stat().st_size
    assert int((other / "cells.txt").read_text()) == made
    assert not (other / "results/mini/statistics").exists()
    assert "ran with python" in (other / "logs/mini/training/rolls/short/trained.log").read_text()
    again = snakemake(other)
    assert "Nothing to be done" in again.stdout


def test_a_wrong_key_is_one_line(other):
    text = (other / "own.yaml").read_text()
    (other / "own.yaml").write_text(text.replace("networks:", "netwroks:"))
    plan = snakemake(other, "--dry-run")
    assert plan.returncode == 1
    assert "error: config: unknown key 'netwroks'; did you mean 'networks'?" in plan.stdout
    assert "Traceback" not in plan.stdout
