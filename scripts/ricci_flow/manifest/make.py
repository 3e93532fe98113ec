"""The manifest of a study's results: every file, its SHA-256, and the job that made it."""

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ricci_flow.disk import staged
from ricci_flow.errors import InputError
from ricci_flow.manifest.records import Record, normal, parameters_of, read_records

NAME = "manifest.json"
FORMAT = 1


def make_manifest(
    root: Path, targets: Iterable[str], records_folder: Path, code: tuple[str, str]
) -> dict[str, Any]:
    """Return the manifest of results/<study>, described in reports/guide/files.md.

    targets: the files that the study was run for. From them on, each job's record names its
    inputs; so what an earlier config asked for and this one does not is not listed.
    code: commit of the checkout, and what is to be said of its working tree. Raises
    InputError where a file is not what a later job read of it, by the checksums of the records.
    """
    records = read_records(records_folder)
    outputs = _outputs(records)
    prefix = f"{root.as_posix()}/"
    listed = _reach([normal(path) for path in targets], records, outputs, prefix)
    if any(path not in records for path in listed):
        # Results without their records (copied without .snakemake): whatever has none, too.
        there = {path.as_posix() for path in root.rglob("[!.]*") if path.is_file()}
        listed |= there - set(records) - {prefix + NAME}
    files: dict[str, dict[str, Any]] = {}
    jobs: dict[str, dict[str, Any]] = {}
    seconds: dict[str, float | None] = {}
    sources: dict[str, str | None] = {}
    for path in sorted(listed):
        job = None
        if path in records:
            made = outputs[_key(records[path])]
            job = made[0].removeprefix(prefix)
            if job not in jobs:
                jobs[job] = _describe(records[made[0]], made, prefix)
                seconds[job] = records[made[0]].seconds
                sources |= _sources(records[made[0]], prefix)
        files[path.removeprefix(prefix)] = {**_fingerprint(Path(path)), "job": job}
    _check_reads(records, listed, files, prefix)
    manifest = {
        "format": FORMAT,
        "study": root.name,
        "files": files,
        "jobs": dict(sorted(jobs.items())),
        "seconds": dict(sorted(seconds.items())),
        "sources": dict(sorted(sources.items())),
        "commit": code[0],
        "state": code[1],
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    return manifest | {"sha256": digest_of(manifest)}


def save_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest as sorted, indented JSON; its own checksum is the field `sha256`."""
    with staged(path) as part:
        part.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")


def digest_of(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest's content, its own field `sha256` left out."""
    content = {key: value for key, value in manifest.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _key(record: Record) -> tuple[str, str]:
    """Return what all outputs of a job have in common, and no other job has."""
    return record.rule, record.command


def _outputs(records: Mapping[str, Record]) -> dict[tuple[str, str], list[str]]:
    """Return the outputs of every job, sorted."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted(records):
        found.setdefault(_key(records[path]), []).append(path)
    return found


def _reach(
    targets: Iterable[str],
    records: Mapping[str, Record],
    outputs: Mapping[tuple[str, str], list[str]],
    prefix: str,
) -> set[str]:
    """Return the results that the targets were made from, with all that their jobs made."""
    reached: set[str] = set()
    queue = list(targets)
    while queue:
        path = queue.pop()
        if path in reached or not path.startswith(prefix):
            continue
        reached.add(path)
        if path in records:
            queue += [*records[path].inputs, *outputs[_key(records[path])]]
    return reached


def _describe(record: Record, made: list[str], prefix: str) -> dict[str, Any]:
    inside = [path for path in record.inputs if path.startswith(prefix)]
    files = {*record.inputs, *made, *record.logs}
    return {
        "rule": record.rule,
        "inputs": [path.removeprefix(prefix) for path in inside],
        "sources": [path for path in record.inputs if path not in inside],
        "parameters": parameters_of(record.command, files),
        "code": record.code,
        "libraries": None if record.libraries is None else dict(record.libraries),
    }


def _sources(record: Record, prefix: str) -> dict[str, str | None]:
    """Return input -> SHA-256 (None: not recorded) of a job's inputs from outside the results."""
    outside = [path for path in record.inputs if not path.startswith(prefix)]
    return {path: record.checksums.get(path) for path in outside}


def _fingerprint(path: Path) -> dict[str, Any]:
    """Return size and SHA-256; a file that is gone (deleted after use) has neither."""
    if not path.is_file():
        return {"bytes": None, "sha256": None}
    return {"bytes": path.stat().st_size, "sha256": sha256_of(path)}


def _check_reads(
    records: Mapping[str, Record], listed: set[str], files: Mapping[str, Any], prefix: str
) -> None:
    for reader in sorted(listed & set(records)):
        for path, checksum in records[reader].checksums.items():
            now = files.get(path.removeprefix(prefix), {}).get("sha256")
            if now is not None and now != checksum:
                raise InputError(
                    f"{path}: has changed since {reader} was made from it; run again with"
                    f" --forcerun {path}"
                )
