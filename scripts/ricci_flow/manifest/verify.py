"""Checking a results folder against its manifest; the standard library is enough for it."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from ricci_flow.errors import InputError
from ricci_flow.manifest.make import FORMAT, NAME, digest_of, sha256_of

# Written by the archive: what it left out.
LEFT_OUT = "left_out.json"


def read_manifest(root: Path) -> dict[str, Any]:
    """Read the manifest of a results folder.

    Raises InputError where it is missing, damaged, altered, or names a file outside the folder.
    """
    path = root / NAME
    try:
        manifest = json.loads(path.read_text("utf-8"))
        manifest.pop("crc32", None)  # as every JSON file here has it; the SHA-256 stands without
        if manifest["format"] != FORMAT:
            raise InputError(
                f"{path}: has format {manifest['format']}, not {FORMAT}; use the code that wrote it"
            )
        intact = digest_of(manifest) == manifest["sha256"]
    except FileNotFoundError:
        raise InputError(f"{path}: is missing; run the study to its end to make it") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise InputError(f"{path}: is no manifest ({reason}); delete it and run again") from None
    if not intact:
        raise InputError(f"{path}: has been altered; delete it and run again")
    for name in manifest["files"]:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise InputError(f"{path}: names {name!r}, which is outside the folder; do not use it")
    return dict(manifest)


def compare(root: Path, manifest: Mapping[str, Any]) -> tuple[list[str], str]:
    """Return (a line for each file that is not as listed, a summary of those that are)."""
    left_out = _left_out(root)
    lines, intact, size, aside = [], 0, 0, 0
    for name, entry in sorted(manifest["files"].items()):
        path = root / name
        if entry["sha256"] is None or (name in left_out and not path.exists()):
            aside += 1
            continue
        problem = _problem(path, entry)
        if problem:
            lines.append(f"{name}: {problem}")
        else:
            intact += 1
            size += entry["bytes"]
    known = {NAME, LEFT_OUT, *manifest["files"]}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name not in known and (path.is_symlink() or not path.is_dir()):
            lines.append(f"{name}: unlisted; this study did not make it")
    summary = f"{intact} files as listed, {size / 1e6:.1f} MB"
    if aside:
        summary += f"; {aside} not kept (deleted after use, or left out of the archive)"
    return lines, f"{summary}; manifest {manifest['sha256'][:16]}"


def _problem(path: Path, entry: Mapping[str, Any]) -> str | None:
    """Return what is wrong with one file, or None."""
    if path.is_symlink():
        return "altered: a link stands in its place"
    if not path.is_file():
        return "missing" if not path.exists() else "altered: it is not a file any more"
    try:
        size, wanted = path.stat().st_size, entry["bytes"]
        if size < wanted:
            return f"truncated: {size} of {wanted} bytes"
        if size > wanted:
            return f"altered: {size} bytes instead of {wanted}"
        if sha256_of(path) != entry["sha256"]:
            return "altered: its SHA-256 differs"
    except OSError as error:
        return f"unreadable ({error.strerror})"
    return None


def _left_out(root: Path) -> set[str]:
    try:
        return set(json.loads((root / LEFT_OUT).read_text("utf-8")))
    except FileNotFoundError:
        return set()
    except (OSError, ValueError, TypeError):
        raise InputError(f"{root / LEFT_OUT}: cannot be read; unpack the archive again") from None


def verify(root: Path) -> tuple[list[str], str]:
    """Return what `compare` says of a results folder and its own manifest."""
    return compare(root, read_manifest(root))
