"""What every process of the study does: threads, log, progress and the user's errors."""

import contextlib
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from ricci_flow.disk import full_disk
from ricci_flow.errors import InputError
from ricci_flow.libraries import versions

# What stood in PYTHONPATH when the workflow was started. It comes after the environment's own
# packages, not before them, and an environment may consist of it alone.
sys.path += filter(None, os.environ.get("RICCI_FLOW_PATH", "").split(os.pathsep))

# Libraries read these when they are first imported, so they are set before any stage is imported.
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)


class Progress:
    """Lines of progress to the terminal and the log, at most one every `interval` seconds."""

    def __init__(self, label: str, stream: TextIO | None = None, interval: float = 5.0) -> None:
        self.label = label
        self.stream = stream
        self.interval = interval
        self._last = time.monotonic()

    def __call__(self, message: str, *, always: bool = False) -> None:
        """Say `message`, unless the last line was less than `interval` seconds ago."""
        now = time.monotonic()
        if always or now - self._last >= self.interval:
            self._last = now
            self.say(message)

    def say(self, message: str) -> None:
        """Say `message` now."""
        line = f"[{self.label}] {message}"
        print(line, file=sys.stderr, flush=True)
        if self.stream is None:
            return
        try:
            print(line, file=self.stream, flush=True)
        except OSError as error:
            log, self.stream = self.stream.name, None
            raise OSError(error.errno, error.strerror, log) from None


def run(
    body: Callable[[Progress], None], label: str, threads: int = 1, log: Path | None = None
) -> int:
    """Limit the threads of every library, run `body`, and return the exit status.

    label: name of the process in its messages; log: a file for them, besides the terminal. An
    InputError becomes one line without a traceback, and so do too little memory, a full disk, and
    Ctrl-C; anything else is a defect of ours and keeps its traceback.
    """
    for variable in _THREAD_VARIABLES:
        os.environ[variable] = str(threads)
    progress = Progress(label)
    with contextlib.ExitStack() as stack:
        try:
            if log is not None:
                log.parent.mkdir(parents=True, exist_ok=True)
                progress.stream = log.open("w", encoding="utf-8")
                stack.callback(_close, progress.stream)
            body(progress)
            if progress.stream is not None:  # for the manifest, which reads it there
                print(f"[{progress.label}] {ran_with()}", file=progress.stream, flush=True)
        except InputError as error:
            return _fail(progress, str(error))
        except MemoryError as error:
            return _fail(
                progress,
                f"out of memory ({' '.join(str(error).split()) or 'none left'}); run fewer jobs at "
                "once (--cores), or give this one more memory (--set-resources RULE:mem_mb=MB)",
            )
        except KeyboardInterrupt:
            return _fail(progress, "interrupted; start the same command again to go on", 130)
        except Exception as error:
            if line := full_disk(error):
                return _fail(progress, line)
            text = traceback.format_exc()
            print(text, file=sys.stderr)
            with contextlib.suppress(OSError):
                if progress.stream is not None:
                    print(text, file=progress.stream)
            return 1
    return 0


def ran_with() -> str:
    """Return the line of a log that says what a job ran with: `ran with python 3.11.7, ...`."""
    found = {"python": platform.python_version(), **versions()}
    return "ran with " + ", ".join(f"{name} {version}" for name, version in found.items())


def _fail(progress: Progress, reason: str, status: int = 1) -> int:
    """Say why a process ends, and return its exit status."""
    with contextlib.suppress(OSError):  # the terminal has it, though the log may be on a full disk
        progress.say(f"error: {reason}")
    return status


def _close(stream: TextIO) -> None:
    with contextlib.suppress(OSError):  # what could not be written has been said
        stream.close()
