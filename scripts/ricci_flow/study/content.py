"""What a study reads from outside, identified by content.

Snakemake looks into an input only where it is newer than the results, but `cp -p`, `mv`, rsync and
unpacking keep old times. So a rule that reads a file from outside has its hash as a parameter,
which is compared by value, and the file's time counts for nothing (`ancient`).
"""

import contextlib
import hashlib
import json
import time
from pathlib import Path
from typing import Any

from ricci_flow.errors import InputError

# Hashes of files of at least so many bytes are kept between runs; smaller ones take no time.
_LARGE = 1 << 25
# A file that changed less than so many nanoseconds ago may change again without another time.
_SETTLED = 2_000_000_000


def content_hash(path: Path, known: Path, large: int = _LARGE) -> str:
    """Return "sha256:..." of a file.

    known: a JSON file in which hashes of files of at least `large` bytes are kept, for as long as
    path, inode, size and times, the time of the last change of any kind (ctime) too, are the same.
    Raises InputError where the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            status = path.stat()
            if status.st_size < large:
                return _hash(file)
            key = str(path.resolve())
            state = [
                *(status.st_dev, status.st_ino, status.st_size),
                *(status.st_mtime_ns, status.st_ctime_ns),
            ]
            kept = _read_known(known)
            if key in kept and kept[key][:-1] == state:
                return str(kept[key][-1])
            found = _hash(file)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _SETTLED:
        with contextlib.suppress(OSError):  # only time is lost
            known.parent.mkdir(parents=True, exist_ok=True)
            part = known.with_name(f".{known.name}.part")
            part.write_text(json.dumps({**kept, key: [*state, found]}), "utf-8")
            part.replace(known)
    return found


def stored_version(stored: Any) -> str:
    """Return what tells the content of an object in remote storage, without reading it.

    stored: a storage object of Snakemake's plug-ins. Its checksum or, in S3, ETag where the storage
    has one, else its size and time.
    """
    if not stored.exists():
        return "missing"  # which Snakemake says itself
    if checksum := stored.checksum():
        return checksum
    with contextlib.suppress(Exception):  # not S3, or a folder there
        return f"etag:{stored.s3obj().e_tag}"
    return f"size {stored.size()}, time {stored.mtime()}"


def _hash(file: Any) -> str:
    return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _read_known(known: Path) -> dict[str, list[Any]]:
    try:
        kept = json.loads(known.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
