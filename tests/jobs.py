"""Entries of the workflow, called as their rules call them."""

import importlib
import inspect
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

from ricci_flow.job import Job, run_job

SCRIPTS = Path(__file__).parents[1] / "scripts"
_IS_ENTRY = re.compile(r"\brun_(entry|job)\(")


def entry_names() -> list[str]:
    """Return the names of the scripts that are run as a process of their own, sorted."""
    scripts = SCRIPTS.glob("*.py")
    return sorted(path.stem for path in scripts if _IS_ENTRY.search(path.read_text("utf-8")))


def arguments(**fields: Any) -> list[str]:
    """Return the command line of a job: its fields, paths too, as JSON."""
    return [json.dumps(fields, default=str)]


def job_class(module: ModuleType) -> type[Job]:
    """Return the class of an entry's arguments."""
    (kind,) = (
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Job) and value.__module__ == module.__name__
    )
    return kind


def call(name: str, words: list[str]) -> int:
    """Run an entry in this process; return its exit status."""
    module = importlib.import_module(name)
    if hasattr(module, "run_job"):
        return run_job(job_class(module), module.main, words)
    return int(module.main(words))
