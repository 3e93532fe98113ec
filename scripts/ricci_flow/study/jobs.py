"""How a rule of the workflow asks for a job: its command, its settings, its memory and time."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ricci_flow.disk import staged

# Names of an ensemble, as wildcards and as fields of a Job.
NAMES = ("data_set", "architecture", "condition")
# Settings that are longer go into a file of this folder: Linux takes 128 KiB for a whole command.
_LONG, _FOLDER = 30_000, Path(".snakemake/ricci_flow/jobs")

T = TypeVar("T")
Wildcards = Any  # of Snakemake: a value by attribute, or by key


def entry(script: str, *files: str, launcher: str = "") -> str:
    """Return the shell command of a job whose arguments are a Job (scripts/ricci_flow/job.py).

    files: inputs and outputs by their names in the rule, as "input.data" or "output.table", each
    of which sets the field of the same name; where it is called otherwise, "field=input.data".
    launcher: a command that the job's command is handed to. The settings are the rule's params.job.
    """
    words = [launcher, f"python -m {script} {{params.job:q}}"]
    for file in files:
        field, _, source = file.rpartition("=")
        words.append(f"--file {field or source.partition('.')[2]} {{{source}:q}}")
    return " ".join(filter(None, [*words, "--threads {threads} --log {log:q}"]))


def job(
    *several: Callable[[Wildcards], Mapping[str, Any]], **settings: Any
) -> Callable[[Wildcards], str]:
    """Return a function of the wildcards for the settings of a job, as JSON.

    settings: fields of the Job and their values, or functions of the wildcards for these; several:
    functions of the wildcards for some fields at once, name -> value. A field that is None keeps
    its default.
    """

    def text(wildcards: Wildcards) -> str:
        given = {name: value for fields in several for name, value in fields(wildcards).items()}
        for name, value in settings.items():
            given[name] = value(wildcards) if callable(value) else value
        return _short(json.dumps({k: v for k, v in given.items() if v is not None}))

    return text


def _short(text: str) -> str:
    """Return the JSON of a job, or where it is long the path of a file of it."""
    if len(text) < _LONG:
        return text
    name = hashlib.sha256(text.encode()).hexdigest()[:16]  # other settings are another parameter
    path = _FOLDER / f"{name}.json"
    if not path.is_file():
        with staged(path) as part:
            part.write_text(text, "utf-8")
    return f"{path}"


def names_of(wildcards: Wildcards) -> dict[str, str]:
    """Return the names of an ensemble."""
    return {name: wildcards[name] for name in NAMES}


def by_names(function: Callable[[str, str, str], T]) -> Callable[[Wildcards], T]:
    """Return a function of the wildcards that calls another with the names of an ensemble."""
    return lambda wildcards: function(*names_of(wildcards).values())


def grown(
    amount: int, needed: Callable[[Wildcards], int] | None = None
) -> Callable[[Wildcards, int], int]:
    """Return a request for memory or time that doubles with every attempt.

    needed: a function of the wildcards for what a large job takes, where that is more.
    """

    def asked(wildcards: Wildcards, attempt: int) -> int:
        least = max(amount, needed(wildcards)) if needed else amount
        return least * 2 ** (attempt - 1)

    return asked


def one_of(names: Iterable[str]) -> str:
    """Return a regular expression for exactly these names; for none it matches nothing."""
    return "|".join(names) or "(?!)"
