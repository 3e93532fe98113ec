"""Why jobs failed, one line each, from what they and Snakemake wrote down."""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_SHOWN = 20
_KILLED = 137  # 128 + SIGKILL, as a shell gives it
_LINE = 4096  # bytes: with less free, not even a line can be written
_FULL = "No space left on device|Disk quota exceeded|Read-only file system"


@dataclass(frozen=True)
class FailedJob:
    """A job that Snakemake gave up: its name, its rule, its log, how often it was tried."""

    label: str
    rule: str
    log: Path
    attempts: int = 1


def causes(jobs: Iterable[FailedJob], run_logs: Iterable[str]) -> list[str]:
    """Return one line per failed job, sorted: the user's error, or how the job ended.

    run_logs: Snakemake's own logs of the run, which know exit statuses. Beyond 20 jobs the others
    are counted only.
    """
    text = "\n".join(_read(Path(log)) for log in run_logs)
    lines = sorted({f"{job.label}: {cause(job, text)}" for job in jobs})
    more = len(lines) - _SHOWN
    return lines[:_SHOWN] + ([f"and {more} more jobs failed"] if more > 0 else [])


def cause(job: FailedJob, run_text: str) -> str:
    """Return why a job failed, on one line that names the cure or the log to read.

    run_text: Snakemake's log of the run.
    """
    status = _status(job.log, run_text)
    if status == _KILLED:
        return (
            "was killed (SIGKILL), probably out of memory"
            + (f", {job.attempts} times" if job.attempts > 1 else "")
            + f"; give it more (--set-resources {job.rule}:mem_mb=MB, or --retries 2, which "
            "doubles it each time), or run fewer jobs at once (--cores 1)"
        )
    said = [line for line in _read(job.log).splitlines() if line.strip()]
    for line in reversed(said):
        found = re.match(r"(?:\[[^\]]*\] )?error: (.+)", line)
        if found:
            return found[1]
    # Programs that are not ours, such as the shell, say it in the system's words; where the log is
    # on that disk, nothing can be said there.
    if re.search(_FULL, said[-1]) if said else _no_space(job.log):
        return (
            f"disk full or read-only, at the files of this job (see {job.log}) or at TMPDIR; free "
            "space there and start the same command again"
        )
    if any(line.startswith("Traceback") for line in said):
        return f"{said[-1].strip()[:200]} (not foreseen: please report it, with {job.log})"
    ended = "failed" if status is None else f"ended with exit status {status}"
    return f"{ended} without a message; see {job.log} and the lines above"


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _no_space(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _LINE
    except OSError:
        return False


def _status(log: Path, run_text: str) -> int | None:
    """Return the exit status of the last command that wrote to a log, as Snakemake noted it."""
    status = None
    for line in run_text.splitlines():
        if not re.search(rf"(?<!\S){re.escape(str(log))}(?!\S)", line.replace("'", " ")):
            continue
        if found := re.search(r"returned non-zero exit status (\d+)", line):
            status = int(found[1])
        elif found := re.search(r"died with <Signals\.\w+: (\d+)>", line):
            status = 128 + int(found[1])
    return status
