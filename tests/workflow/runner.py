"""Real Snakemake runs in a folder of their own, with the code of this checkout."""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ricci_flow.report.pages import page_names

ROOT = Path(__file__).resolve().parents[2]
TINY = Path(__file__).parent / "tiny"
# scripts/run_study.py of the folder it is started in, without an environment of its own.
THE_ONE = """
import environment, pathlib, run_study, sys
environment.prepare = lambda: None
environment.ROOT = pathlib.Path.cwd()
environment.PYTHON = pathlib.Path(sys.executable)
environment.PROGRAMS = environment.PYTHON.parent
environment.start(run_study.main)
"""


def pages_of(results: Path) -> str:
    """Return the HTML of all pages of a study's report, one after another.

    results: results/STUDY of a study.
    """
    names = page_names(ROOT / "reports")
    return "\n".join((results / f"report/{name}.html").read_text("utf-8") for name in names)


@dataclass(frozen=True)
class Result:
    """How a run ended and what it said."""

    status: int
    text: str

    @property
    def nothing_to_do(self) -> bool:
        return "Nothing to be done" in self.text

    def jobs(self) -> set[str]:
        """Return the messages of the jobs that were planned or run, such as "statistics"."""
        jobs = set(re.findall(r"^Job \d+: (.*)$", self.text, re.MULTILINE))
        assert bool(jobs) != self.nothing_to_do, self.text
        return jobs


class Study:
    """A folder with config, reports and lock, in which snakemake runs this checkout's workflow.

    config: the study that `tiny` and `plan` run. code: whose workflow and scripts run; another
    checkout's after `own_code`. profile: a folder, the default one if None. variables: added to
    the environment.
    """

    profile: Path | None = None
    variables: Mapping[str, str] = MappingProxyType({})

    programs = ""  # a folder whose programs the jobs take before all others

    def __init__(self, folder: Path, config: str = "tiny/config.yaml") -> None:
        self.folder, self.config, self.code = folder, config, ROOT
        for name in ("config", "reports"):
            shutil.copytree(ROOT / name, folder / name)
        shutil.copy(ROOT / "requirements.lock", folder)
        shutil.copytree(TINY, folder / "tiny")

    def copy(self, folder: Path) -> "Study":
        """Return a copy in another folder (all times new, as in a fresh clone)."""
        shutil.copytree(self.folder, folder, copy_function=shutil.copy)
        return Study.there(folder, self.config, self.code)

    @classmethod
    def there(cls, folder: Path, config: str, code: Path) -> "Study":
        """Return the study of a folder that is there already."""
        study = cls.__new__(cls)
        study.folder, study.config, study.code = folder, config, code
        return study

    def own_code(self) -> None:
        """Copy workflow and scripts here too, and run them from now on: a checkout to edit."""
        for name in ("workflow", "scripts"):
            shutil.copytree(ROOT / name, self.folder / name)
        self.code = self.folder

    def snakemake(self, *arguments: str, timeout: float = 900) -> Result:
        """Run snakemake here; never waits for ever."""
        process = self.start(*arguments)
        try:
            text, _ = process.communicate(timeout=timeout)
        finally:
            kill(process, signal.SIGKILL)
        return Result(process.returncode, text)

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start snakemake here, in a process group of its own."""
        return self._start("-m", "snakemake", *self._workflow(), *arguments)

    def start_the_one_command(self, *arguments: str) -> subprocess.Popen:
        """Start scripts/run_study.py of the tiny study here, the environment being there."""
        return self._start(
            "-c", THE_ONE, *self._workflow(), "--configfile", self.config, *arguments
        )

    def _workflow(self) -> list[str]:
        profile = self.profile or self.code / "workflow" / "profiles" / "default"
        snakefile = self.code / "workflow" / "Snakefile"
        return ["--snakefile", str(snakefile), "--workflow-profile", str(profile)]

    def _start(self, *words: str) -> subprocess.Popen:
        variables = {**os.environ, **self.variables}
        path = os.pathsep.join([str(Path(sys.executable).parent), variables["PATH"]])
        if self.programs:  # what the shell of every job reads first
            first = Path(self.programs) / "first.sh"
            first.write_text(f"export PATH={shlex.quote(self.programs)}:$PATH\n")
            variables["BASH_ENV"] = str(first)
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=self.folder,
            env={**variables, "PATH": path, "PYTHONPATH": str(self.code / "scripts")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def tiny(self, *arguments: str) -> Result:
        """Run the tiny study."""
        return self.snakemake("--configfile", self.config, *arguments)

    def plan(self, *arguments: str) -> set[str]:
        """Return the jobs that the tiny study would run now."""
        result = self.tiny("--dry-run", "--quiet", "host", *arguments)
        assert result.status == 0, result.text
        return result.jobs()

    def run(self, *arguments: str) -> set[str]:
        """Run the tiny study; return the jobs that ran."""
        result = self.tiny("--quiet", "host", *arguments)
        assert result.status == 0, result.text
        return result.jobs()

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a piece of text that must be there in a file of this folder."""
        file = self.folder / path
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    def files(self) -> set[str]:
        """Return all files below this folder, but Snakemake's own."""
        return {
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file() and ".snakemake" not in path.parts
        }


def kill(process: subprocess.Popen, how: signal.Signals) -> None:
    """Send a signal to a run and all its jobs, if any are left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, how)
