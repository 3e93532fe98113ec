"""Which files hold the published values that a study is compared with."""

import re
from pathlib import Path

from ricci_flow.errors import InputError
from ricci_flow.yaml_file import load_yaml

_FILES = ("figure3", "coefficients")


def published_files(path: Path) -> list[Path]:
    """Return the YAML file of published values and the CSV files that its keys name.

    These are figure3 (of the first paper) and coefficients (of one on local coefficients), relative
    to the folder of the YAML. Raises InputError, one line, where a file is missing or a key is no
    path.
    """
    content = load_yaml(path)
    return [
        path,
        *(_named(path, key, content[key]) for key in _FILES if content.get(key) is not None),
    ]


def _named(path: Path, key: str, name: object) -> Path:
    if not isinstance(name, str) or not re.fullmatch(r"[^\x00-\x1f\x7f{}<>]+", name):
        raise InputError(
            f"{path}: key '{key}' is {name!r}, not a path on one line without {{}}<>; correct it"
        )
    file = path.parent / name
    if not file.is_file():
        raise InputError(f"{path}: key '{key}' is {name!r}, but {file} is not a file; correct it")
    return file
