"""What the paper printed, read from files and checked.

Source of the published values: reports/published/baptista2024.yaml and, for Figure 3 whole, the CSV
file that it names.
"""

import csv
import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ricci_flow.analysis.funnel import STEPS
from ricci_flow.errors import InputError
from ricci_flow.study.published import FIGURE3, named_file
from ricci_flow.tables.keys import CELL
from ricci_flow.yaml_file import load_yaml

_PARTS: dict[str, type | tuple[type, ...]] = {
    "funnel": dict,
    "negative_share": (int, float),
    "regression": dict,
    "cells": dict,
}

FIGURE3_SCHEMA = {**dict.fromkeys(CELL, pl.String), "k": pl.Int32, "rho": pl.Float64}

# What a study that names no published values is compared with.
NOTHING_PUBLISHED: dict[str, Any] = {"cells": {}, "figure3": pl.DataFrame(schema=FIGURE3_SCHEMA)}


def read_published(path: Path, variant_of: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the published values: funnel, negative_share, regression, cells and figure3.

    path: a YAML file; its key figure3, if any, names a CSV file next to it (see `read_figure3`;
    without it the table is empty). variant_of: data set of a study -> the name under which its
    values are published, where that is another: the values stand under both names then.
    Raises InputError, one line, where a file is missing, lacks a part or holds no such values.
    """
    content = load_yaml(path)
    for name, kind in _PARTS.items():
        if not isinstance(content.get(name), kind):
            raise InputError(f"{path}: not readable as published values (key {name!r}); correct it")
    for step, networks in content["funnel"].items():
        if step not in STEPS or type(networks) is not int or networks < 0:
            raise InputError(
                f"{path}: key 'funnel.{step}' is {networks!r}; give numbers of networks, after "
                f"{', '.join(STEPS)}"
            )
    if type(content["regression"].get("t")) not in (int, float):
        raise InputError(f"{path}: key 'regression.t' is no number; correct it")
    for data_set, row in content["cells"].items():
        if not isinstance(row, dict):
            raise InputError(f"{path}: key 'cells.{data_set}' holds no architectures; correct it")
        for architecture, cell in row.items():
            if not _is_k_and_rho(cell):
                raise InputError(
                    f"{path}: key 'cells.{data_set}.{architecture}' is {cell!r}, not [k, "
                    "coefficient from -1 to 1]; correct it"
                )
    figure3 = pl.DataFrame(schema=FIGURE3_SCHEMA)
    if content.get(FIGURE3) is not None:
        file = named_file(path, FIGURE3, content[FIGURE3])
        figure3 = read_figure3(file)
        for data_set, architecture in figure3.select(CELL).unique(maintain_order=True).iter_rows():
            if architecture not in content["cells"].get(data_set, {}):
                raise InputError(
                    f"{file}: has a curve of {data_set} {architecture}, a cell that {path} lacks; "
                    "correct one"
                )
    cells = dict(content["cells"])
    for name, source in (variant_of or {}).items():
        if source == name:
            continue
        cells.pop(name, None)
        if source in content["cells"]:
            cells[name] = content["cells"][source]
    return {name: content[name] for name in _PARTS} | {
        "cells": cells,
        "figure3": _renamed(figure3, variant_of or {}),
    }


def _is_k_and_rho(cell: Any) -> bool:
    if not isinstance(cell, list) or list(map(type, cell)) not in ([int, int], [int, float]):
        return False
    return cell[0] >= 1 and -1 <= cell[1] <= 1


def _renamed(figure3: pl.DataFrame, variant_of: Mapping[str, str]) -> pl.DataFrame:
    """Return the published curves with those of the variants under their own names too."""
    others = {name: source for name, source in variant_of.items() if name != source}
    return pl.concat(
        [
            figure3.filter(~pl.col("data_set").is_in(list(others))),
            *(
                figure3.filter(data_set=source).with_columns(data_set=pl.lit(name))
                for name, source in others.items()
            ),
        ]
    )


def read_lines(path: Path, header: Collection[str]) -> list[list[str]]:
    """Return the lines of published values in a CSV file, without the first one, the header.

    Raises InputError, one line, where it cannot be read or has another header.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: cannot be read as published values ({reason})") from None
    if not lines or lines[0] != list(header):
        raise InputError(f"{path}: line 1 must be {','.join(header)}; correct it")
    return lines[1:]


def read_figure3(path: Path) -> pl.DataFrame:
    """Return the published curves: data_set, architecture, k, rho, a row per cell and k.

    Raises InputError, one line, where the file is missing, lacks a column, holds something else
    than whole numbers k >= 1 and rho from -1 to 1, or the same cell and k twice.
    """
    rows: dict[tuple[str, str, int], float] = {}
    for number, line in enumerate(read_lines(path, FIGURE3_SCHEMA), 2):
        where = f"{path}: line {number}"
        if len(line) != len(FIGURE3_SCHEMA) or not all(line):
            raise InputError(f"{where} must hold {len(FIGURE3_SCHEMA)} values; correct it")
        data_set, architecture, k, rho = line
        if not (k.isascii() and k.isdigit() and 0 < int(k) < 2**31):
            raise InputError(f"{where}: k is {k!r}, not a whole number above 0; correct it")
        if (data_set, architecture, int(k)) in rows:
            raise InputError(f"{where}: {data_set} {architecture} has k {k} twice; leave one")
        rows[data_set, architecture, int(k)] = _coefficient(rho, where)
    return pl.DataFrame(
        [(*key, rho) for key, rho in rows.items()], schema=FIGURE3_SCHEMA, orient="row"
    )


def _coefficient(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not -1 <= value <= 1:
        raise InputError(f"{where}: rho is {text!r}, not a number from -1 to 1; correct it")
    return value
