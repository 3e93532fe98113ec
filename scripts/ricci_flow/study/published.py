"""Which files hold the published values that a study is compared with."""

import re
from pathlib import Path

from ricci_flow.errors import InputError
from ricci_flow.yaml_file import load_yaml

FIGURE3, COEFFICIENTS, OVER_TRAINING = "figure3", "coefficients", "over_training"


def published_files(path: Path) -> list[Path]:
    """Return the YAML file of published values and the CSV files that its keys name.

    These are figure3 (of the first paper), coefficients and over_training (of one on local
    coefficients), relative to the folder of the YAML. Raises InputError, one line, where a file is
    missing or a key is no path.
    """
    content = load_yaml(path)
    keys = (FIGURE3, COEFFICIENTS, OVER_TRAINING)
    named = [named_file(path, key, content[key]) for key in keys if content.get(key) is not None]
    return [path, *named]


def named_file(path: Path, key: str, name: object) -> Path:
    """Return the file that a key of a YAML file of published values names; see above."""
    if not isinstance(name, str) or not re.fullmatch(r"[^\x00-\x1f\x7f{}<>]+", name):
        raise InputError(
            f"{path}: key '{key}' is {name!r}, not a path on one line without {{}}<>; correct it"
        )
    file = path.parent / name
    if not file.is_file():
        raise InputError(f"{path}: key '{key}' is {name!r}, but {file} is not a file; correct it")
    return file
