"""A full or read-only disk: one line that names the file, and nothing half written left there."""

import errno
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from safetensors import SafetensorError

from ricci_flow import process
from ricci_flow.disk import full_disk, staged
from ricci_flow.errors import InputError
from ricci_flow.storage import write_json, write_table, write_tensors

AGAIN = "and start the same command again"
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
# In the words of safetensors 0.7 and polars 1.x, in which Rust's standard library has its number.
RUST = "I/O error: No space left on device (os error 28)"


def run(tmp_path, error):
    """Run an entry that ends with an error; return its status."""

    def body(progress):
        raise error

    return process.run(body, "a", log=tmp_path / "a.log")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.ENOSPC, "x", "b/c.json"),
            f"disk full at b/c.json; free space there {AGAIN}",
        ),
        (
            OSError(errno.ENOSPC, "x", "from", None, "to"),
            f"disk full at to; free space there {AGAIN}",
        ),
        (OSError(errno.EDQUOT, "x", "b"), f"disk quota used up at b; free space there {AGAIN}"),
        (OSError(errno.EROFS, "x", "b"), f"disk is read-only at b; make it writable {AGAIN}"),
        (FULL, f"disk full at a file of this job, or TMPDIR; free space there {AGAIN}"),
        (
            SafetensorError(f"Error while serializing: {RUST}"),
            f"disk full at a file of this job, or TMPDIR; free space there {AGAIN}",
        ),
        (
            pl.exceptions.ComputeError(RUST),
            f"disk full at a file of this job, or TMPDIR; free space there {AGAIN}",
        ),
    ],
)
def test_an_entry_says_it_in_one_line(tmp_path, capsys, error, said):
    assert run(tmp_path, error) == 1
    line = f"[a] error: {said}\n"
    assert capsys.readouterr().err == line == (tmp_path / "a.log").read_text()


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EIO, "x", "b"), SafetensorError("(os error 5)"), KeyError("No space left on d")],
)
def test_any_other_error_keeps_its_traceback(tmp_path, capsys, error):
    assert run(tmp_path, error) == 1
    assert capsys.readouterr().err.startswith("Traceback")
    assert (tmp_path / "a.log").read_text().startswith("Traceback")


def test_a_wrapped_error_is_found_but_not_behind_one_that_was_dealt_with():
    def fail(wrapped):
        try:
            raise FULL
        except OSError as error:
            raise ValueError("no figure") from (error if wrapped else None)

    with pytest.raises(ValueError, match="figure") as caught:
        fail(True)
    assert full_disk(caught.value, Path("b")) == f"disk full at b; free space there {AGAIN}"
    with pytest.raises(ValueError, match="figure") as caught:
        fail(False)
    assert full_disk(caught.value, Path("b")) is None


def test_ctrl_c_is_one_line(tmp_path, capsys):
    assert run(tmp_path, KeyboardInterrupt()) == 130
    said = capsys.readouterr().err
    assert said == "[a] error: interrupted; start the same command again to go on\n"


@pytest.fixture
def full(monkeypatch):
    """The end of every write of a whole file, as on a full disk: some of it is there."""

    def write(path, *_, **__):
        with path.open("wb") as file:
            file.write(b"half")
        raise FULL

    def save(tensors, path, metadata):
        with open(path, "wb") as file:
            file.write(b"half")
        raise SafetensorError(f"Error while serializing: {RUST}")

    monkeypatch.setattr(Path, "write_text", write)
    monkeypatch.setattr(Path, "write_bytes", write)
    monkeypatch.setattr("ricci_flow.storage.save_file", save)


WRITERS = {
    "json": lambda path: write_json(path, {"a": 1}),
    "tensors": lambda path: write_tensors(path, {"a": np.zeros(3)}),
    "table": lambda path: write_table(path, pl.DataFrame({"a": [1]})),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_that_does_not_fit_is_named_and_leaves_nothing(tmp_path, full, kind):
    path = tmp_path / "new" / "file"
    with pytest.raises(InputError) as caught:
        WRITERS[kind](path)
    assert str(caught.value) == f"disk full at {path}; free space there {AGAIN}"
    assert not list(path.parent.iterdir())


def test_a_failed_block_leaves_what_was_there(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def fail():
        with staged(path) as part:
            part.write_text("new")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("file", "old")]
    with staged(path) as part:
        part.write_text("new")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("file", "new")]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full, a device that is full")
def test_a_log_on_a_full_disk_ends_the_entry_by_name(capsys):
    ran = []

    def body(progress):
        ran.append(1)
        progress.say("at work")
        ran.append(2)

    assert process.run(body, "a", log=Path("/dev/full")) == 1
    assert ran == [1]
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == f"[a] error: disk full at /dev/full; free space there {AGAIN}"
