"""The project's own virtual environment: made once from the lock, then used again.

Standard library only, since it runs before anything is installed. The environment is .venv in the
root of the checkout. It is used as long as it starts and holds what the lock says, whichever Python
this is run with. Otherwise another is made next to it, which takes its place when it is complete.
"""

from __future__ import annotations  # for an old Python, which is told so below

import contextlib
import getpass
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

SCRIPTS = Path(__file__).resolve().parent
ROOT = SCRIPTS.parent
ENVIRONMENT = Path(os.path.realpath(ROOT / ".venv"))
PROGRAMS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = PROGRAMS / "python"
# Not in the lock: its installation fetches Quarto itself from outside the package index, and the
# report is rendered with pandoc where that fails.
QUARTO = "quarto-cli==1.10.19"
# Asked of the environment's own Python, which proves that it starts.
_FACTS = (
    "import json, sys, sysconfig;"
    "print(json.dumps([sys.version_info[:3], sysconfig.get_path('purelib')]))"
)


def _say(text: str) -> None:
    print(f"[set-up] {text}", file=sys.stderr, flush=True)


def _packages(folder: Path) -> Path | None:
    """Return the folder of packages of an environment, None where its Python does not start."""
    python = folder / PYTHON.relative_to(ENVIRONMENT)
    try:
        answer = subprocess.run(
            [python, "-I", "-c", _FACTS], capture_output=True, check=True, timeout=120
        )
        version, packages = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Path(packages) if version >= [3, 11] else None


def _fault() -> str | None:
    """Return why the environment cannot be used; None where it can."""
    from ricci_flow.libraries import installed
    from ricci_flow.study.code import locked_versions

    if not ENVIRONMENT.is_dir():
        return "there is none yet"
    packages = _packages(ENVIRONMENT)
    if packages is None:
        return "its Python does not start any more"
    here = {name: version.partition("+")[0] for name, version in installed(packages).items()}
    for name, version in locked_versions(ROOT / "requirements.lock").items():
        if here.get(name) != version:
            return f"it has {name} {here.get(name, 'not at all')}, and the lock {version}"
    return None


def prepare() -> None:
    """Make the environment unless it is there and current; exit with one line where that fails."""
    if sys.version_info < (3, 11):  # noqa: UP036 - before anything has checked it
        if PYTHON.exists() and Path(sys.prefix) != ENVIRONMENT:
            os.execv(PYTHON, [str(PYTHON), *sys.argv])
        version = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"error: Python {version} is too old; run this with Python 3.11 or later")
    if _fault():
        with _alone():
            if fault := _fault():  # another set-up may have made it in the meantime
                _make(fault)
    with contextlib.suppress(OSError):  # another user's; programs are started without its scripts
        _settle()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Hold the right to make the environment; wait for another set-up that has it."""
    try:
        import fcntl

        with (ROOT / ".venv.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _say("waiting for another set-up in this folder")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield
    except ImportError:  # not a Unix
        yield
    except PermissionError:
        sys.exit(f"error: {ROOT} cannot be written to by this user; make a clone of your own")


def _make(fault: str) -> None:
    """Make an environment next to the present one, and put it in its place when complete."""
    version = ".".join(map(str, sys.version_info[:3]))
    _say(f"making {ENVIRONMENT} from requirements.lock (a few minutes): {fault}")
    _say(f"with Python {version} ({sys.executable})")
    new = ENVIRONMENT.with_name(f"{ENVIRONMENT.name}.new")
    old = ENVIRONMENT.with_name(f"{ENVIRONMENT.name}.old")
    kept = f"; {ENVIRONMENT} is as it was" if ENVIRONMENT.exists() else ""
    shutil.rmtree(new, ignore_errors=True)
    try:
        try:
            venv.create(new, with_pip=True, prompt=ENVIRONMENT.name)
        except (OSError, subprocess.CalledProcessError) as error:
            sys.exit(
                f"error: Python {version} could not make a virtual environment ({error}); install "
                f"its module venv (Debian: python3-venv), or use another Python{kept}"
            )
        if not _pip(new, "--quiet", "-r", str(ROOT / "requirements.lock")):
            sys.exit(
                "error: the lock could not be installed (see pip's lines above); start the same "
                f"command again{kept}"
            )
        if not shutil.which("quarto"):
            _say("looking for Quarto")
            options = ("--quiet", "--no-build-isolation", "--retries", "0")
            if not _pip(new, *options, QUARTO, quiet=True):
                _say("Quarto could not be installed; the report will be rendered with pandoc")
        shutil.rmtree(old, ignore_errors=True)
        if ENVIRONMENT.exists():
            ENVIRONMENT.rename(old)
        new.rename(ENVIRONMENT)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _pip(folder: Path, *arguments: str, quiet: bool = False) -> bool:
    python = folder / PYTHON.relative_to(ENVIRONMENT)
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "install", *arguments]
    output = subprocess.DEVNULL if quiet else None
    answer = subprocess.run(command, stdout=output, stderr=output, env=_variables())
    return answer.returncode == 0


def _settle() -> None:
    """Have the scripts of an environment that was made elsewhere name the place where it is.

    Of a clone that was moved or copied they start the Python of the old place, or none. Files are
    replaced and not changed, since a copy may share them with what it was copied from.
    """
    facts = ENVIRONMENT / "pyvenv.cfg"
    found = re.search(r"^command = .* -m venv (?:-\S+ )*(.+)$", facts.read_text("utf-8"), re.M)
    if not found or found[1] == str(ENVIRONMENT):
        return
    place = os.fsencode(ENVIRONMENT)
    old = re.compile(re.escape(os.fsencode(found[1])) + rb"(?![\w.-])")
    packages = _packages(ENVIRONMENT)
    if packages is not None:
        for path in packages.glob("__editable__*ricci_flow*.pth"):  # how it was once installed
            path.unlink()
        scripts = os.path.relpath(SCRIPTS, packages)
        _replace(packages / "ricci_flow.pth", os.fsencode(f"{scripts}\n"))
    for path in [*PROGRAMS.iterdir(), facts]:  # the facts last: cut short, it is done again
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if b"\0" not in content and old.search(content):
                _replace(path, old.sub(lambda _: place, content))


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    if path.exists():
        shutil.copymode(path, part)
    part.replace(path)


def _variables() -> dict[str, str]:
    """Return the variables of the programs of the environment.

    What a user has in PYTHONPATH, or installed for all environments, would stand before the
    packages of the lock.
    """
    ours = {
        "PATH": os.pathsep.join([str(PROGRAMS), os.environ.get("PATH", os.defpath)]),
        "VIRTUAL_ENV": str(ENVIRONMENT),
        "PYTHONPATH": str(SCRIPTS),
        "PYTHONSAFEPATH": "1",
        "PYTHONNOUSERSITE": "1",
    }
    return {name: text for name, text in os.environ.items() if name != "PYTHONHOME"} | ours


def _nobody(folder: Path) -> dict[str, str]:
    """Return variables for a user without a name, or without a home that can be written to.

    As in containers and on clusters. folder: an existing one, which takes what would go there.
    """
    needed = {}
    try:
        getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such line in /etc/passwd
        needed["USER"] = needed["LOGNAME"] = f"user{os.getuid()}"
    try:
        home = Path.home()
    except (KeyError, RuntimeError):
        home = Path()
    if not (home.is_absolute() and home.is_dir()):
        needed["HOME"] = str(folder)
        home = folder
    caches = {"XDG_CACHE_HOME": ".cache", "XDG_DATA_HOME": ".local/share"}
    for variable, name in caches.items():
        if not _writable(Path(os.environ.get(variable) or home / name)):
            needed[variable] = str(folder / name)
    if not _writable(Path(os.environ.get("MPLCONFIGDIR") or home / ".config")):
        needed["MPLCONFIGDIR"] = str(folder)
    return needed


def _writable(folder: Path) -> bool:
    """Return whether files can be made in a folder, or the folder itself."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def run(module: str, *arguments: str, **variables: str) -> int:
    """Run a module of the environment in the root of the checkout; return its exit status.

    variables: added to the process environment. Ctrl-C reaches the program itself, which ends in
    its own orderly way; this waits for it and then raises KeyboardInterrupt, unless it went well.
    """
    # As a module, since a script of the environment names the place where it was once installed.
    command = [str(PYTHON), "-m", module, *arguments]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = {**_variables(), **_nobody(Path(folder)), **variables}
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
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        status = main()
    except KeyboardInterrupt:
        sys.exit("error: interrupted; start the same command again")
    sys.exit(status)
