"""Coefficients that a paper on local coefficients printed, read from files and checked.

Source of the published values: reports/published/hehl2025.yaml and the CSV file that it names.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ricci_flow.analysis.local import QUANTITIES
from ricci_flow.analysis.published import read_lines, read_published
from ricci_flow.errors import InputError
from ricci_flow.study.published import COEFFICIENTS, named_file
from ricci_flow.yaml_file import load_yaml

SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("quantity", "data_set", "architecture", "condition", "measure"), pl.String),
    "networks": pl.Int32,
    **dict.fromkeys(("mean", "sd", "negative"), pl.Float64),
}


def read_coefficients(path: Path) -> dict[str, Any] | None:
    """Return published means: setting, k_fraction and `coefficients`, a row per mean.

    path: a YAML file; its key coefficients names a CSV file next to it. None where it has no such
    key. Raises InputError, one line, where a file is missing, lacks a key or column, or holds
    anything else than such values.
    """
    content = load_yaml(path)
    if COEFFICIENTS not in content:
        return None
    table = _read_csv(named_file(path, COEFFICIENTS, content[COEFFICIENTS]))
    return read_conditions_of(path, content) | {COEFFICIENTS: table}


def read_conditions_of(path: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return under which setting and share of the points, k_fraction, values were published.

    path, content: of the YAML file. Raises InputError, one line, where a key is missing or wrong.
    """
    setting, share = content.get("setting"), content.get("k_fraction")
    if not isinstance(setting, str):
        raise InputError(
            f"{path}: key 'setting' is {setting!r}, not the name of a setting; give it"
        )
    if not isinstance(share, float) or not 0 < share < 1:
        raise InputError(f"{path}: key 'k_fraction' is {share!r}, not between 0 and 1; correct it")
    return {"setting": setting, "k_fraction": share}


def read_either(
    path: Path, variant_of: Mapping[str, str] | None = None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return what the first paper published, and what one on local coefficients did; one is None.

    path, variant_of: see `published.read_published`, which this is where the file has no key
    coefficients.
    """
    local = read_coefficients(path)
    return (None, local) if local else (read_published(path, variant_of), None)


def _read_csv(path: Path) -> pl.DataFrame:
    rows, seen = [], set()
    for number, line in enumerate(read_lines(path, SCHEMA), 2):
        where = f"{path}: line {number}"
        if len(line) != len(SCHEMA) or not all(line[:-1]):
            raise InputError(f"{where} must hold {len(SCHEMA)} values; correct it")
        if line[0] not in QUANTITIES:
            raise InputError(f"{where}: quantity is {line[0]!r}; use {' or '.join(QUANTITIES)}")
        if tuple(line[:5]) in seen:
            raise InputError(f"{where}: {' '.join(line[:5])} is there twice; leave one")
        seen.add(tuple(line[:5]))
        if not (line[5].isascii() and line[5].isdigit() and int(line[5]) > 1):
            raise InputError(f"{where}: networks is {line[5]!r}, not a whole number above 1")
        rows.append(
            [
                *line[:5],
                int(line[5]),
                number_between(line[6], -1, 1, f"{where}: mean"),
                number_between(line[7], 0, 1, f"{where}: sd"),
                number_between(line[8], 0, 1, f"{where}: negative") if line[8] else None,
            ]
        )
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def number_between(text: str, low: float, high: float, where: str) -> float:
    """Return a number of a published file; InputError, one line, where it is none such."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise InputError(f"{where} is {text!r}, not a number from {low} to {high}; correct it")
    return value
