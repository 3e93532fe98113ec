"""Files written whole or not at all, and a disk that takes no more named in one line."""

import contextlib
import errno
import re
from collections.abc import Iterator
from pathlib import Path

from ricci_flow.errors import InputError

_CURES = {
    errno.ENOSPC: ("disk full", "free space there"),
    errno.EDQUOT: ("disk quota used up", "free space there"),
    errno.EROFS: ("disk is read-only", "make it writable"),
}


class FullDisk(InputError):
    """A disk that takes no more: the same job may go well once there is space."""


def full_disk(error: BaseException, path: Path | None = None) -> str | None:
    """Return the line for an error of a full or read-only disk, None for any other error.

    path: what was being written; else the one that the error itself names, if any.
    """
    cause: BaseException | None = error
    while cause is not None:
        if (number := _number(cause)) in _CURES:
            what, cure = _CURES[number]
            # Python names a file that could not be opened, but not one that could not be written.
            named = getattr(cause, "filename2", None) or getattr(cause, "filename", None)
            where = path or named or "a file of this job, or TMPDIR"
            return f"{what} at {where}; {cure} and start the same command again"
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return None


def _number(error: BaseException) -> int:
    """Return the number of the system's error, 0 where it is none.

    Libraries in Rust (safetensors, polars) raise errors of their own with the number in the text.
    """
    if isinstance(error, OSError):
        return error.errno or 0
    found = re.search(r"\(os error (\d+)\)", str(error))
    return int(found[1]) if found else 0


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Have an error of a full disk inside the block name `path`, which is written there."""
    try:
        yield
    except Exception as error:
        line = full_disk(error, path)
        if line is None:
            raise
        raise FullDisk(line) from None


@contextlib.contextmanager
def staged(path: Path) -> Iterator[Path]:
    """Give a path next to `path` to write to; at the end of the block it is renamed to `path`.

    Where the block fails nothing is left of it: on a full disk others need the space.
    """
    # The same name every time, so that what a killed job left behind is replaced by the next.
    part = path.with_name(f".{path.name}.part")
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            part.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
