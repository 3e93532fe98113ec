"""Where a path leads that a config, a catalogue or the command line names.

A path in a file is looked for next to that file, then in the folder where the study runs, then in
the checkout of the workflow. `~` is the user's home.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ricci_flow.errors import InputError

# The checkout that this code is of.
CHECKOUT = Path(__file__).parents[3]
# Keys of a config that hold a path.
KEYS = ("data_dir", "published", "about")


def is_remote(path: str) -> bool:
    """Return whether a path is in remote storage, such as s3://bucket/cells.csv."""
    return "://" in path


def locate(path: str, near: Path, checkout: Path) -> str:
    """Return where a path leads that is named in a file of the folder `near`.

    It stays as it is where it is found in the working folder, in remote storage, or nowhere.
    Raises InputError where the folder it is found in has a character that Snakemake cannot take.
    """
    if is_remote(path):
        return path
    path = os.path.expanduser(path)
    for folder in (near, Path(), checkout):
        found = os.path.join(folder, path)
        if os.path.exists(found):
            break
    else:
        return path
    if os.path.samefile(folder, "."):
        return path
    inside = Path(found).is_relative_to(Path.cwd())
    found = os.path.relpath(found) if inside else found
    if set(found) & set("{}<>"):
        raise InputError(f"{found}: has one of {{ }} < > in its path; move or rename the folder")
    return found


def named_in(layers: Sequence[tuple[Path, Mapping[str, Any]]], *keys: str) -> Path:
    """Return the folder of the file that a key of the config comes from; if none, the working one.

    layers: (folder, content) of every file that the config was merged from, the strongest last.
    keys: the key and those inside it.
    """
    for folder, content in reversed(layers):
        value: Any = content
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None:
            return folder
    return Path()


def check_writable(results: str, study: str) -> None:
    """Check that a study can be run in the working folder by this user.

    A disk that is read-only for everybody is left to Snakemake: what is current can be read there.
    Raises InputError where another user's files are in the way.
    """
    folders = [".", ".snakemake", ".snakemake/metadata", ".snakemake/log", ".snakemake/locks"]
    for name in (results, "logs", "benchmarks"):
        folders += [name, f"{name}/{study}"]
    for folder in folders:
        if not os.path.exists(folder) or os.access(folder, os.W_OK | os.X_OK):
            continue
        if not os.statvfs(folder).f_flag & os.ST_RDONLY:
            raise InputError(
                f"{os.path.abspath(folder)}: cannot be written to by this user; run in a folder of "
                "your own (--directory FOLDER), or make a clone"
            )
