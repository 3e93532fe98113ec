"""Rendering with Quarto."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ricci_flow.errors import InputError

# Seconds. It needs some ten, on a crowded machine minutes; the job is allowed more than both.
_ANSWER, _RENDER = 60.0, 600.0
# Quarto exits with 0 on these; an incomplete report is no report.
_UNRESOLVED = re.compile(
    r"unable to resolve|\?var:|\?@|shortcode '?[\w-]+'? not found|citeproc: citation|"
    r"could not fetch resource|not found in.*variables",
    re.IGNORECASE,
)
# output-dir of reports/_quarto.yml.
_SITE = "site"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_VERSION = re.compile(r"\d+\.\d+[\w.+-]*")


def find_quarto() -> str | None:
    """Return the path of the program, or None."""
    return shutil.which("quarto")


def _call(program: str, *arguments: str, folder: Path, limit: float) -> tuple[int, str]:
    """Run Quarto in a folder; return its exit status and all that it said.

    Its own files go to a home of its own: the user's may be missing, read-only or full of settings
    that make the page another. Raises InputError where it cannot be started or takes longer than
    `limit` seconds; it is then ended with all that it started.
    """
    with (
        tempfile.TemporaryDirectory(prefix="quarto-", ignore_cleanup_errors=True) as home,
        tempfile.TemporaryFile() as log,
    ):
        names = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DENO_DIR")
        try:
            process = subprocess.Popen(
                [program, *arguments],
                cwd=folder,
                env={**os.environ, **dict.fromkeys(names, home)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise InputError(f"Quarto cannot be started ({error.strerror})") from None
        try:
            status = process.wait(limit)
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            raise InputError(f"`quarto {arguments[0]}` did not end in {limit:g} s") from None
        log.seek(0)
        said = _COLOURS.sub("", log.read().decode("utf-8", errors="replace"))
    # A page that names folders of one run would be another page in the next.
    return status, said.replace(home, "HOME").replace(str(folder), ".")


def _tail(said: str) -> str:
    lines = [" ".join(line.split()) for line in said.splitlines() if line.strip()]
    return " / ".join(lines)[-400:] or "without a message"


def quarto_version(program: str, folder: Path) -> str:
    """Return `Quarto 1.6.42`.

    folder: to run it in. Raises InputError where it does not give a version.
    """
    status, said = _call(program, "--version", folder=folder, limit=_ANSWER)
    found = _VERSION.match(said.strip())
    if status != 0 or not found:
        raise InputError(f"Quarto gives no version: exit status {status}, {_tail(said)}")
    return f"Quarto {found[0]}"


def render_with_quarto(program: str, folder: Path, names: Sequence[str]) -> list[Path]:
    """Render the project in `folder` and return the pages of these names.

    Raises InputError where Quarto fails, takes too long, or tells of something unresolved.
    """
    status, said = _call(program, "render", "--to", "html", folder=folder, limit=_RENDER)
    if status != 0:
        raise InputError(f"Quarto failed with exit status {status}: {_tail(said)}")
    for line in said.splitlines():
        if _UNRESOLVED.search(line):
            raise InputError(f"Quarto left something unresolved: {line.strip()}")
    pages = [folder / _SITE / f"{name}.html" for name in names]
    for page in pages:
        if not page.is_file():
            raise InputError(f"Quarto wrote no {page.name}: {_tail(said)}")
    return pages
