"""What Snakemake wrote down of each job: the source of a manifest's provenance.

Snakemake 9 keeps one JSON file for every output in .snakemake/metadata, named after the output's
path (base64, in several folders that start with "@" where the name would be too long). These are
the facts by which it decides what to run again, so they are of the run that made the file.
"""

import ast
import base64
import binascii
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

# What `code_of` of the rules writes: the hash, and the versions of the libraries.
_CODE = re.compile(r"([0-9a-f]{16})(?: (.*))?")
_LIBRARY = re.compile(r"([a-z0-9][a-z0-9-]*) (\d\S*|unlocked)")
_RAN_WITH = re.compile(r"\[.*\] ran with ((?:[a-z0-9-]+ \S+(?:, |$))+)")
# Options of every entry, which say where and how it ran and not what it made.
_ASIDE = ("threads", "job", "log")


@dataclass(frozen=True)
class Record:
    """One job, as recorded with one of its outputs.

    libraries: name -> version of the libraries that its code imports, and of Python, as the job
    wrote it down in its log; None where that log is gone. seconds: from its start to the last write
    of the output. checksums: input -> SHA-256 when it was read, where recorded.
    """

    rule: str
    command: str
    inputs: tuple[str, ...]
    logs: tuple[str, ...]
    code: str | None
    libraries: Mapping[str, str] | None
    seconds: float | None
    checksums: Mapping[str, str]


def read_records(folder: Path) -> dict[str, Record]:
    """Return output path -> record; a damaged record is left out, an absent folder has none."""
    records = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        name = "".join(part.removeprefix("@") for part in path.relative_to(folder).parts)
        try:
            output = normal(base64.urlsafe_b64decode(name).decode())
            records[output] = _parse(json.loads(path.read_text("utf-8")))
        except (binascii.Error, ValueError, KeyError, TypeError, AttributeError):
            continue
    return records


def normal(path: str) -> str:
    """Return a path without "./" and doubled slashes."""
    return str(PurePosixPath(path))


def _parse(entry: Mapping[str, Any]) -> Record:
    values = [_value(text) for text in entry["params"] or []]
    texts = [value for value in values if isinstance(value, str)]
    start, end = entry.get("starttime"), entry.get("endtime")
    checksums = entry.get("input_checksums") or {}
    command = entry.get("shellcmd") or ""
    _words(command)  # a quote that was lost makes it a damaged record
    return Record(
        rule=entry["rule"],
        command=command,
        inputs=tuple(sorted(normal(path) for path in entry["input"] or [])),
        logs=tuple(sorted(entry.get("log") or [])),
        code=next((match[1] for text in texts if (match := _CODE.fullmatch(text))), None),
        libraries=_libraries(command, texts, entry.get("log") or []),
        seconds=None if start is None or end is None else round(max(end - start, 0.0), 3),
        checksums={
            normal(path): text.removeprefix("sha256:")
            for path, text in checksums.items()
            if text.startswith("sha256:")
        },
    )


def _value(text: Any) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _libraries(command: str, texts: Iterable[str], logs: Iterable[str]) -> dict[str, str] | None:
    """Return name -> version of Python and of the libraries that one of the texts locks.

    The versions are those in the job's log, `absent` where it has none. Empty for what is not run
    in Python.
    """
    if not _words(command):
        return {}
    ran = _ran_with(logs)
    if ran is None:
        return None
    names = [name for text in texts for name in _locked(text)]
    return {name: ran.get(name, "absent") for name in ["python", *names]}


def _locked(text: str) -> list[str]:
    """Return the names of "name version, name version", and none of another text."""
    if found := _CODE.fullmatch(text):
        text = found[2] or ""
    matches = [_LIBRARY.fullmatch(part) for part in text.split(", ")]
    return [match[1] for match in matches if match] if all(matches) else []


def _ran_with(logs: Iterable[str]) -> dict[str, str] | None:
    for log in logs:
        try:
            lines = Path(log).read_text("utf-8", errors="replace").splitlines()
        except OSError:
            continue
        for line in reversed(lines):
            if match := _RAN_WITH.fullmatch(line):
                return dict(part.split(" ") for part in match[1].split(", "))
    return None


def parameters_of(command: str, files: set[str]) -> dict[str, Any]:
    """Return the settings of a job of this project: field -> value.

    files: the job's inputs, outputs and logs. Of a command without a Job: option -> value or
    values, those left out that name files, or the folders that hold them; what comes before the
    first option has the key "argument". Empty for a command that is none of ours.
    """
    words = _words(command)[3:]
    if words and (settings := _settings(words[0])) is not None:
        return settings
    found: dict[str, Any] = {}
    for name, values in _options(words):
        kept = [value for value in values if not _names_files(value, files)]
        if name not in _ASIDE and (kept or not values):
            found[name] = kept[0] if len(kept) == 1 else kept
    return found


def _settings(text: str) -> dict[str, Any] | None:
    """Return the settings of a Job from JSON or the path of a file of it, None of anything else."""
    try:
        given = json.loads(Path(text).read_text("utf-8") if text.endswith(".json") else text)
    except (OSError, ValueError):
        return None
    return given if isinstance(given, dict) else None


def _words(command: str) -> list[str]:
    return shlex.split(command) if command.startswith("python -m ") else []


def _options(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    name, values = "argument", list[str]()
    for word in words:
        if word.startswith("--"):
            if name != "argument" or values:
                yield name, values
            name, values = word.removeprefix("--"), []
        else:
            values.append(word)
    if name != "argument" or values:
        yield name, values


def _names_files(value: str, files: set[str]) -> bool:
    return value in files or ("/" in value and any(file.startswith(f"{value}/") for file in files))
