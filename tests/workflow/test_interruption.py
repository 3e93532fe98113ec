"""A run that is ended in the middle goes on from there, and nothing half written is left."""

import signal
import time

import pytest

from tests.workflow.runner import kill


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
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
