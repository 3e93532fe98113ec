"""Which files hold the published values that a study is compared with."""

import re
from pathlib import Path

from ricci_flow.errors import InputError
from ricci_flow.yaml_file import load_yaml


def published_files(path: Path) -> list[Path]:
    """Return the YAML file of published values and, where its key figure3 names one, the CSV.

    figure3: relative to the folder of the YAML. Raises InputError, one line, where a file is
    missing or the key is no path.
    """
    name = load_yaml(path).get("figure3")
    if name is None:
        return [path]
    if not isinstance(name, str) or not re.fullmatch(r"[^\x00-\x1f\x7f{}<>]+", name):
        raise InputError(
            f"{path}: key 'figure3' is {name!r}, not a path on one line without {{}}<>; correct it"
        )
    figure = path.parent / name
    if not figure.is_file():
        raise InputError(
            f"{path}: key 'figure3' is {name!r}, but {figure} is not a file; correct it"
        )
    return [path, figure]
