"""Files from outside are told apart by content; a hash that is kept is not believed for ever."""

import hashlib
import json
import os
from types import SimpleNamespace

import pytest

from ricci_flow.errors import InputError
from ricci_flow.study import content
from ricci_flow.study.content import content_hash, stored_version


def sha256(data):
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@pytest.fixture
def later(monkeypatch):
    """Let the files have been there for a while."""
    now = content.time.time_ns()
    monkeypatch.setattr(content.time, "time_ns", lambda: now + 60_000_000_000)


def test_hash_is_sha256_of_the_content_and_of_nothing_else(tmp_path):
    data, known = tmp_path / "cells.csv", tmp_path / "known.json"
    data.write_bytes(b"a,b\n1,2\n")
    assert content_hash(data, known) == sha256(b"a,b\n1,2\n")
    os.utime(data, (1, 1))
    assert content_hash(data.rename(tmp_path / "moved.csv"), known) == sha256(b"a,b\n1,2\n")
    assert not known.exists()  # such a small file is read each time


def test_hash_of_a_large_file_is_kept_as_long_as_nothing_happens_to_it(tmp_path, later):
    data, known = tmp_path / "cells.csv", tmp_path / "folder/known.json"
    data.write_bytes(b"old")
    assert content_hash(data, known, large=1) == sha256(b"old")
    kept = json.loads(known.read_text())
    [entry] = kept.values()
    entry[-1] = "sha256:from the file of hashes"
    known.write_text(json.dumps(kept))
    assert content_hash(data, known, large=1) == "sha256:from the file of hashes"
    # As `cp -p` does: other content of the same length, with the same time, in the same file.
    status = data.stat()
    with data.open("r+b") as file:
        file.write(b"new")
    os.utime(data, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert content_hash(data, known, large=1) == sha256(b"new")
    known.write_text("not JSON")
    assert content_hash(data, known, large=1) == sha256(b"new")


def test_hash_of_a_file_just_written_is_not_kept(tmp_path):
    """It may be written again before the clock of the disk ticks."""
    data, known = tmp_path / "cells.csv", tmp_path / "known.json"
    data.write_bytes(b"old")
    assert content_hash(data, known, large=1) == sha256(b"old")
    assert not known.exists()


def test_without_a_place_to_keep_it_a_hash_is_taken_each_time(tmp_path, later):
    data = tmp_path / "cells.csv"
    data.write_bytes(b"old")
    assert content_hash(data, data / "known.json", large=1) == sha256(b"old")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.csv: cannot be read \(No such file"):
        content_hash(tmp_path / "gone.csv", tmp_path / "known.json")


def stored(**values):
    given = {"exists": True, "checksum": None, "size": 7, "mtime": 12.5, **values}
    return SimpleNamespace(**{name: lambda value=value: value for name, value in given.items()})


def test_version_of_a_stored_object():
    assert stored_version(stored(checksum="md5:abc")) == "md5:abc"
    assert stored_version(stored(s3obj=SimpleNamespace(e_tag='"abc"'))) == 'etag:"abc"'
    assert stored_version(stored()) == "size 7, time 12.5"
    assert stored_version(stored(mtime=13.0)) != stored_version(stored())
    assert stored_version(stored(exists=False)) == "missing"
