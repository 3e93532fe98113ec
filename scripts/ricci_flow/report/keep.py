"""A small folder that keeps what a reader needs of a finished study."""

import os
import platform
import shutil
from pathlib import Path

from ricci_flow.errors import InputError
from ricci_flow.report.provenance import code_state, costs_table


def keep(root: Path, benchmarks: Path, output: Path, command: str) -> int:
    """Copy tables and figures of `root` to `output` with a README; return the bytes kept.

    root: results/<study>, finished. The README names the command, the commit, the machine and
    the cost of every stage. Raises InputError where the study has no statistics yet.
    """
    tables = sorted((root / "statistics").glob("*"))
    figures = sorted((root / "figures").glob("*.svg"))
    if not tables or not figures:
        raise InputError(f"{root}: holds no statistics or figures; run the study first")
    # The ties of every network and layer are large, and in the report already.
    chosen = [path for path in tables if path.name != "ties.parquet"]
    for kind, paths in (("statistics", chosen), ("figures", figures)):
        folder = output / kind
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            shutil.copyfile(path, folder / path.name)
    commit, state = code_state()
    text = f"""# The study {root.name}, kept

Tables (columns: reports/guide/files.md) and figures of a run of

    {command}

at commit {commit}, {state}, on {_machine()}.

{costs_table(benchmarks)}"""
    (output / "README.md").write_text(text, "utf-8")
    return sum(path.stat().st_size for path in output.rglob("*") if path.is_file())


def _machine() -> str:
    """Return cores, processor and system of this machine, without its name."""
    model = platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        model = next(line.split(": ", 1)[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, IndexError):
        pass  # not Linux: the architecture must do
    return (
        f"{os.cpu_count()} cores ({model}), {platform.system()}, Python {platform.python_version()}"
    )
