"""The project's own virtual environment: made once from the lock, found again at once.

Standard library only, since it runs before anything is installed. The environment is .venv in the
root of the checkout; a stamp in it holds the hash of the lock and of pyproject.toml, so a changed
lock makes it anew.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "ricci-flow.stamp"
PROGRAMS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
# Not in the lock: its installation fetches Quarto itself from outside the package index, and the
# report is rendered with pandoc where that fails.
QUARTO = "quarto-cli==1.10.19"


def _wanted() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _pip(*arguments: str, quiet: bool = False) -> bool:
    command = [str(PROGRAMS / "python"), "-m", "pip", "--disable-pip-version-check", "install"]
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run([*command, *arguments], stdout=output, stderr=output).returncode == 0


def _say(text: str) -> None:
    print(f"[set-up] {text}", file=sys.stderr, flush=True)


def prepare() -> None:
    """Make the environment unless it is there and current; exit with one line where that fails."""
    if sys.version_info < (3, 11):  # noqa: UP036 - before anything has checked it
        version = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"error: Python {version} is too old; run this with Python 3.11 or later")
    wanted = _wanted()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return
    _say(f"making {ENVIRONMENT} from requirements.lock (a few minutes, once)")
    if ENVIRONMENT.is_dir():
        shutil.rmtree(ENVIRONMENT)
    venv.create(ENVIRONMENT, with_pip=True)
    if not _pip("--quiet", "-r", str(ROOT / "requirements.lock")):
        sys.exit("error: the lock could not be installed (see pip's lines above); run this again")
    if not _pip("--quiet", "--no-deps", "--no-build-isolation", "-e", str(ROOT)):
        sys.exit("error: the project could not be installed (see pip's lines above)")
    if not shutil.which("quarto"):
        _say("looking for Quarto")
        if not _pip("--quiet", "--no-build-isolation", "--retries", "0", QUARTO, quiet=True):
            _say("Quarto is not to be had here; the report will be rendered with pandoc")
    STAMP.write_text(wanted)


def run(program: str, *arguments: str, **variables: str) -> int:
    """Run a program of the environment in the root of the checkout; return its exit status.

    variables: added to the process environment. Ctrl-C reaches the program itself, which ends in
    its own orderly way; this waits for it and then raises KeyboardInterrupt, unless it went well.
    """
    path = os.pathsep.join([str(PROGRAMS), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "VIRTUAL_ENV": str(ENVIRONMENT), **variables}
    command = [str(PROGRAMS / program), *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        interrupted, status = False, None
        while status is None:
            try:
                status = process.wait()
            except KeyboardInterrupt:
                interrupted = True
    if interrupted and status:
        raise KeyboardInterrupt
    return status


def start(main: Callable[[], int]) -> NoReturn:
    """Run a command and exit with its status, or after Ctrl-C with one line."""
    try:
        status = main()
    except KeyboardInterrupt:
        sys.exit("error: interrupted; start the same command again")
    sys.exit(status)
