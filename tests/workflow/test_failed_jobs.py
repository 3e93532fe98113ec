"""A run that fails says why last, one line a job; a job out of memory is named or tried again."""

import re
import sys
from pathlib import Path

import pytest
import yaml

from tests.workflow.runner import ROOT, Study

# A `python` for the jobs that is killed, as the kernel does when memory runs out, where it is to
# train the condition named; `times` times, then not any more.
KILLED = """#!/bin/bash
if [[ "$*" == *"-m train_ensemble"*'"condition": "{condition}'* ]]; then
    echo x >> {folder}/killed
    if (( $(wc -l < {folder}/killed) <= {times} )); then kill -KILL $$; fi
fi
exec {python} "$@"
"""
TRAINED, UNTRAINED = (
    f"results/tiny/training/digits/short/{name}/weights.safetensors"
    for name in ("trained", "untrained")
)


def spoil(study: Study) -> None:
    """Make both data sets files with something wrong."""
    (study.folder / "a.csv").write_text("u,v\n1,2\n")
    (study.folder / "b.csv").write_text("u,label\n1,a\n2,a\n")
    files = {"rolls": "a.csv", "digits": "b.csv"}
    entries = {name: {"kind": "file", "path": path} for name, path in files.items()}
    (study.folder / "tiny/datasets.yaml").write_text(yaml.safe_dump(entries))


OF_ROLLS = "error: data set rolls: a.csv: has no column 'label' of labels"
OF_DIGITS = "error: data set digits: b.csv: all rows are of one class, 'a'"


def killing_python(folder: Path, times: int, condition: str = "") -> str:
    """Make a folder of that `python`, for any condition if none is named; return its path."""
    folder.mkdir()
    program = folder / "python"
    program.write_text(
        KILLED.format(folder=folder, times=times, python=sys.executable, condition=condition)
    )
    program.chmod(0o755)
    return str(folder)


def errors(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("error: ")]


def test_the_cause_of_every_failed_job_stands_last(empty: Study):
    spoil(empty)
    result = empty.tiny("--keep-going")
    assert result.status == 1
    last = result.text.rstrip("\n").splitlines()[-2:]
    assert last == errors(result.text)
    assert last[0].startswith(OF_DIGITS)
    assert last[1].startswith(OF_ROLLS)
    assert "Traceback" not in result.text
    # Above them, all that is in the log of each job.
    shown = result.text.splitlines()[:-2]
    for name in ("rolls", "digits"):
        log = (empty.folder / f"logs/tiny/datasets/{name}.log").read_text().splitlines()
        assert log[-1].startswith(f"[datasets/{name}] error: ")
        assert [line for line in shown if line in log] == log


def test_the_one_command_ends_with_the_cause(empty: Study):
    spoil(empty)
    process = empty.start_the_one_command("--cores", "1")
    text, _ = process.communicate(timeout=300)
    assert process.returncode == 1
    last = text.rstrip("\n").splitlines()[-1]
    assert errors(text) == [last]
    assert last.startswith((OF_ROLLS, OF_DIGITS))


@pytest.fixture
def killing(empty: Study):
    """Return a function that makes the training job of `trained` be killed so many times."""

    def prepare(times: int) -> Study:
        empty.programs = killing_python(empty.folder.parent / "programs", times, "trained")
        return empty

    return prepare


@pytest.mark.slow
def test_a_killed_job_is_named_and_the_others_go_on(killing):
    study = killing(9)
    result = study.snakemake(
        TRAINED, UNTRAINED, "--keep-going", "--configfile", "tiny/config.yaml", "--cores", "1"
    )
    assert result.status == 1
    (error,) = errors(result.text)
    assert result.text.rstrip("\n").endswith(error)
    assert error.startswith("error: training digits/short/trained: was killed (SIGKILL)")
    assert "train_ensemble:mem_mb" in error
    assert (study.folder / UNTRAINED).is_file()
    assert not (study.folder / TRAINED).exists()


@pytest.mark.slow
def test_a_killed_job_is_tried_again_with_twice_the_memory(killing):
    study = killing(2)
    result = study.snakemake(
        *(TRAINED, "--retries", "2", "--benchmark-extended", "--cores", "1"),
        *("--configfile", "tiny/config.yaml"),
    )
    assert result.status == 0, result.text
    assert result.text.count("Trying to restart job") == 2
    assert not errors(result.text)
    rule = (ROOT / "workflow/rules/training.smk").read_text()
    first = int(re.search(r"mem_mb=grown\((\d+),", rule)[1])
    table = (study.folder / "benchmarks/tiny/training/digits/short/trained.tsv").read_text()
    names, values = (line.split("\t") for line in table.splitlines())
    resources = dict(zip(names, values, strict=True))["resources"]
    assert int(re.search(r"mem_mb\W+(\d+)", resources)[1]) == 4 * first  # at the third attempt
