"""Why a job failed, from its log and Snakemake's."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ricci_flow import process
from ricci_flow.study.failures import FailedJob, cause, causes


def ended(log, how="returned non-zero exit status 1."):
    return f"Command 'set -euo pipefail;  python -m x --job a --log {log}' {how}\n"


@pytest.fixture
def job(tmp_path):
    return FailedJob("training a/b/c", "train_ensemble", tmp_path / "c.log")


def test_the_users_error_is_repeated(job):
    job.log.write_text("[a] 3 rows\n[a] error: mine.csv: is empty; fill it\n")
    assert cause(job, ended(job.log)) == "mine.csv: is empty; fill it"


def test_the_last_of_several_errors_counts(job):
    job.log.write_text("[a] error: first\n[a] error: last\n")
    assert cause(job, "") == "last"


@pytest.mark.parametrize(
    "how", ["returned non-zero exit status 137.", "died with <Signals.SIGKILL: 9>."]
)
def test_a_killed_job_wants_memory_whatever_its_log_says(job, how):
    job.log.write_text("[a] error: of the run before\n")
    said = cause(job, ended(job.log) + ended(job.log, how))
    assert "killed (SIGKILL)" in said
    assert "train_ensemble:mem_mb=MB" in said
    assert "--retries" in said


def test_attempts_are_counted():
    job = FailedJob("a", "r", Path("none.log"), attempts=3)
    assert "3 times" in cause(job, ended("none.log", "returned non-zero exit status 137."))


def test_a_status_is_that_of_the_jobs_own_log(job):
    other = ended(f"{job.log}.grid.log", "returned non-zero exit status 137.")
    assert "killed" not in cause(job, other)


def test_a_defect_gives_the_last_line_of_its_traceback(job):
    job.log.write_text('Traceback (most recent call last):\n  File "x", line 1\nKeyError: 3\n\n')
    said = cause(job, ended(job.log))
    assert said.startswith("KeyError: 3 ")
    assert str(job.log) in said


def test_a_silent_end_names_the_status_and_the_log(job):
    said = cause(job, ended(job.log, "returned non-zero exit status 2."))
    assert "exit status 2" in said
    assert str(job.log) in said


FULL = "disk full or read-only, at the files of this job"


def test_a_full_disk_in_the_shells_words_is_no_defect(job):
    job.log.write_text("bash: line 1: printf: write error: No space left on device\n")
    assert cause(job, ended(job.log)).startswith(FULL)


def test_a_log_without_a_line_on_a_full_disk(job, monkeypatch):
    job.log.write_text("")
    for free, full in ((4095, True), (10**9, False)):
        usage = SimpleNamespace(total=10**9, used=10**9 - free, free=free)
        monkeypatch.setattr("shutil.disk_usage", lambda path, usage=usage: usage)
        assert cause(job, ended(job.log)).startswith(FULL) == full


def test_many_failures_are_counted(tmp_path):
    jobs = [FailedJob(f"job {i:02}", "r", tmp_path / f"{i}.log") for i in range(25)]
    lines = causes(jobs, [str(tmp_path / "none.log")])
    assert len(lines) == 21
    assert lines[0].startswith("job 00: ")
    assert lines[-1] == "and 5 more jobs failed"


def test_want_of_memory_is_one_line_with_a_cure(tmp_path, capsys):
    def body(progress):
        np.empty(10**15)

    status = process.run(body, "a", log=tmp_path / "a.log")
    assert status == 1
    said = capsys.readouterr().err
    assert said == (tmp_path / "a.log").read_text()
    assert said.startswith("[a] error: out of memory (Unable to allocate")
    assert "mem_mb" in said
    assert said.count("\n") == 1
