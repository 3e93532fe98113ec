"""A run that is ended in the middle goes on from there, and nothing half written is left."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from ricci_flow.manifest.verify import verify
from tests.kill_anywhere import RESULTS, play, results_of
from tests.workflow.runner import ROOT, kill


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.slow
def test_an_interrupted_run_resumes_to_the_same_tables(finished, empty, how):
    process = empty.start("--configfile", "tiny/config.yaml")
    deadline = time.monotonic() + 300
    while not list(empty.folder.glob("results/tiny/graphs/*/*/*/ties.parquet")):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    kill(process, how)
    process.communicate(timeout=120)
    assert process.returncode != 0
    assert not (empty.folder / "results/tiny/report/report.html").exists()
    made = {path for path in empty.files() if path.startswith("results/")}
    assert len(made) < len([path for path in finished.files() if path.startswith("results/")])
    if how == signal.SIGKILL:  # Ctrl-C takes its lock away; a kill cannot
        assert empty.tiny("--unlock").status == 0
    result = empty.tiny()
    assert result.status == 0, result.text
    names = [name for name in finished.files() if name.endswith((".parquet", ".safetensors"))]
    assert len(names) > 50
    for name in names:
        assert (finished.folder / name).read_bytes() == (empty.folder / name).read_bytes(), name
    left = {name for name in empty.files() if name.startswith("results/")}
    assert left == {name for name in finished.files() if name.startswith("results/")}


@pytest.mark.slow
def test_ctrl_c_of_the_one_command_is_one_line_and_leaves_nothing_half_written(empty):
    empty.edit("tiny/config.yaml", "epochs: 4", "epochs: 100000")
    process = empty.start_the_one_command("--cores", "1")
    deadline = time.monotonic() + 120
    logs = "logs/tiny/training/*/*/*.log"
    while not any(path.read_text() for path in empty.folder.glob(logs)):  # it is at work
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    kill(process, signal.SIGINT)  # the terminal sends it to all of them
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Traceback" not in text
    last = text.rstrip("\n").splitlines()[-1]
    assert last == "error: interrupted; start the same command again"
    made = {path for path in empty.files() if path.startswith("results/")}
    assert made
    assert not [path for path in made if "/trained/" in path or path.endswith(".part")]
    empty.edit("tiny/config.yaml", "epochs: 100000", "epochs: 4")
    result = empty.tiny("--until", "train_ensemble")
    assert result.status == 0, result.text
    assert made < empty.files()


@pytest.mark.slow
def test_ctrl_c_while_the_environment_is_made_is_one_line():
    code = (
        "import environment, run_study, time\n"
        "environment.prepare = lambda: (print('at work', flush=True), time.sleep(300))\n"
        "environment.start(run_study.main)\n"
    )
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=variables, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "at work\n"
        kill(process, signal.SIGINT)
        assert process.communicate(timeout=60) == (
            "", "error: interrupted; start the same command again\n"
        )  # fmt: skip
    assert process.returncode == 1


@pytest.mark.parametrize("number", range(3))
@pytest.mark.slow
def test_a_run_killed_anywhere_resumes_to_the_same_results(finished_mini, tmp_path, number):
    """More rounds: python -m tests.kill_anywhere."""
    play(finished_mini, tmp_path / "study", seed=0, number=number, seconds=finished_mini.seconds)


@pytest.fixture
def disk(mini):
    """The results of a study on a small disk of their own; gives mount's options to it."""
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("NOT TESTED: only root on Linux can mount the small disk that this test fills")
    results = mini.folder / "results"
    kept = mini.folder / "kept"
    results.rename(kept)
    results.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(results)], check=False
    )
    if mounted.returncode != 0:
        pytest.skip("NOT TESTED: this machine does not let root mount a small disk")

    def remount(options):
        subprocess.run(["mount", "-o", f"remount,{options}", str(results)], check=True)

    shutil.copytree(kept, results, dirs_exist_ok=True)
    shutil.rmtree(kept)
    yield remount
    subprocess.run(["umount", "--lazy", str(results)], check=True)


@pytest.mark.slow
def test_a_full_disk_ends_the_run_by_name_and_loses_nothing(finished_mini, mini, disk):
    root = mini.folder / RESULTS
    for path in root.iterdir():
        if path.name not in ("datasets", "training", "activations"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    before = results_of(mini)
    disk(f"size={sum(-(-len(content) // 4096) * 4096 for content in before.values()) + 16384}")
    result = mini.tiny()
    assert result.status != 0
    assert "Traceback" not in result.text
    errors = [line for line in result.text.splitlines() if line.startswith("error: ")]
    assert errors == result.text.rstrip("\n").splitlines()[-len(errors) :]
    for error in errors:
        assert f": disk full at {RESULTS}/" in error
        assert error.endswith("; free space there and start the same command again")
    left = results_of(mini)
    assert before.items() <= left.items()
    disk("size=64m")
    result = mini.tiny()
    assert result.status == 0, result.text
    assert results_of(mini) == results_of(finished_mini)


@pytest.mark.slow
def test_read_only_results_are_read_and_not_lost(finished_mini, mini, disk):
    disk("ro")
    assert mini.tiny().nothing_to_do
    mini.edit("reports/report.qmd", "\n\n", "\n\n\n")
    result = mini.tiny()
    assert result.status != 0
    assert "Write-protected output files for rule" in result.text
    assert f"        {RESULTS}/" in result.text
    assert "Traceback" not in result.text
    assert results_of(mini) == results_of(finished_mini)
    assert verify(mini.folder / RESULTS)[0] == []
    disk("rw")
    assert mini.run() == {"report", "report check", "manifest"}
