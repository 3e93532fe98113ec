"""Where the numbers come from: code, libraries, config and cost."""

import csv
import importlib.metadata
import platform
import subprocess
from pathlib import Path
from typing import Any

import yaml

from ricci_flow.errors import InputError
from ricci_flow.report.text import escape, literal_block, number, pipe_table
from ricci_flow.storage import damaged
from ricci_flow.study.code import locked_versions

# Libraries that numbers depend on.
LIBRARIES = (
    *("numpy", "scipy", "torch", "numba", "scikit-learn", "statsmodels", "polars", "networkx"),
    *("matplotlib", "safetensors", "snakemake"),
)
STAGES = (
    *("datasets", "training", "graphs", "measures", "coefficients"),
    *("statistics", "figures", "report"),
)


def read_config(path: Path) -> dict[str, Any]:
    """Read the resolved config, JSON or YAML.

    Raises InputError naming the file where it is missing, damaged, or no study's config.
    """
    try:
        config = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise damaged(path, error) from None
    if not isinstance(config, dict) or "study" not in config:
        raise damaged(path, "it is no resolved config of a study")
    return config


def config_block(config: dict[str, Any]) -> str:
    """Return the config as a block of YAML."""
    return literal_block(yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=76))


def git_state(folder: Path) -> tuple[str, str]:
    """Return the commit that `folder` is at and what is to be said of its working tree.

    Without git or a repository the commit is "unknown".
    """

    def ask(*arguments: str) -> str:
        answer = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
        )
        return answer.stdout.strip()

    try:
        commit = ask("rev-parse", "HEAD")
        dirty = bool(ask("status", "--porcelain"))
    except (OSError, subprocess.CalledProcessError):
        return "unknown", "it cannot be told whether files were changed"
    return commit, "with changes that are not committed" if dirty else "without other changes"


def code_state() -> tuple[str, str]:
    """Return `git_state` of the code that runs, wherever it is run."""
    return git_state(Path(__file__).resolve().parent)


def versions_table(lock: Path) -> str:
    """Return the versions of the libraries that run here and those of the lock."""
    locked = locked_versions(lock)
    rows = [["Python", platform.python_version(), "not locked"]]
    for name in LIBRARIES:
        try:
            here = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            here = "not installed"
        wanted = locked.get(name, "not locked")
        same = here.partition("+")[0] == wanted.partition("+")[0]
        rows.append([name, here if same or name not in locked else f"**{here}**", wanted])
    return pipe_table(["library", "running", "locked"], rows, left=1)


def _read_benchmark(path: Path) -> tuple[float, float | None]:
    """Return seconds and the largest memory in MB (None where it was not sampled)."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        if not rows:
            raise ValueError("it has no rows")
        seconds = sum(float(row["s"]) for row in rows)
    # A line cut short has None for what it lacks.
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise InputError(
            f"{path}: is no benchmark of Snakemake ({error}); delete it and run again"
        ) from None
    memory = []
    for row in rows:
        try:
            memory.append(float(row.get("max_rss") or "nan"))
        except ValueError:  # "-" or "NA": the job was too short to be sampled
            continue
    sampled = [value for value in memory if value == value]
    return seconds, max(sampled, default=None)


def duration(seconds: float) -> str:
    """Return seconds as `4.2 s`, `3 min 05 s` or `2 h 10 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds) // 60
    if minutes < 60:
        return f"{minutes} min {round(seconds) % 60:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def costs_table(folder: Path) -> str:
    """Return jobs, seconds and memory by stage: the first folder (or file name) below `folder`."""
    stages: dict[str, list[tuple[float, float | None]]] = {}
    for path in sorted(folder.rglob("*.tsv")):
        relative = path.relative_to(folder)
        stage = relative.parts[0] if len(relative.parts) > 1 else relative.stem
        if stage == "report":  # of an earlier rendering; this one is not over yet
            continue
        stages.setdefault(stage, []).append(_read_benchmark(path))
    order = [stage for stage in STAGES if stage in stages]
    order += [stage for stage in stages if stage not in STAGES]
    rows = []
    for stage in order:
        jobs = stages[stage]
        memory = max((value for _, value in jobs if value is not None), default=None)
        size = "not sampled" if memory is None else f"{number(memory, 0)} MB"
        time = duration(sum(seconds for seconds, _ in jobs))
        rows.append([escape(stage), str(len(jobs)), time, size])
    if rows:
        total = [item for jobs in stages.values() for item in jobs]
        time = duration(sum(seconds for seconds, _ in total))
        rows.append(["**all**", str(len(total)), time, "as above"])
    headings = ["stage", "jobs", "time of all jobs", "largest memory of a job"]
    return pipe_table(headings, rows, empty="No benchmark was recorded.")
