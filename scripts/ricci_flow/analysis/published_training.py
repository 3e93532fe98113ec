"""Local coefficients over training that a paper printed, read from a file and set beside ours.

Source of the published values: reports/published/hehl2025.yaml and the CSV file that its key
over_training names.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.analysis.published import read_lines
from ricci_flow.analysis.published_local import number_between, read_conditions_of
from ricci_flow.errors import InputError
from ricci_flow.study.published import OVER_TRAINING, named_file
from ricci_flow.tables.keys import ENSEMBLE
from ricci_flow.tables.statistics import TRAINING_COMPARISON
from ricci_flow.yaml_file import load_yaml

SCHEMA: dict[str, Any] = {
    **dict.fromkeys((*ENSEMBLE, "measure"), pl.String),
    **dict.fromkeys(("networks", "checkpoint"), pl.Int32),
    "mean": pl.Float64,
}
# Standard errors that a difference may have.
ERRORS = 2.0


def read_over_training(path: Path) -> dict[str, Any] | None:
    """Return published means over training: setting, k_fraction and `over_training`, a table.

    path: a YAML file; its key over_training names a CSV file next to it. None where it has no such
    key. Raises InputError, one line, where a file is missing, lacks a key or column, or holds
    anything else than such values.
    """
    content = load_yaml(path)
    if OVER_TRAINING not in content:
        return None
    return read_conditions_of(path, content) | {
        OVER_TRAINING: _read_csv(named_file(path, OVER_TRAINING, content[OVER_TRAINING]))
    }


def _read_csv(path: Path) -> pl.DataFrame:
    rows, seen = [], set()
    for number, line in enumerate(read_lines(path, SCHEMA), 2):
        where = f"{path}: line {number}"
        if len(line) != len(SCHEMA) or not all(line):
            raise InputError(f"{where} must hold {len(SCHEMA)} values; correct it")
        *names, networks, checkpoint, mean = line
        for name, text, least in (("networks", networks, 1), ("checkpoint", checkpoint, 0)):
            if not (text.isascii() and text.isdigit() and least <= int(text) < 2**31):
                raise InputError(
                    f"{where}: {name} is {text!r}, not a whole number from {least} on; correct it"
                )
        key = (*names, int(checkpoint))
        if key in seen:
            raise InputError(f"{where}: {' '.join(map(str, key))} is there twice; leave one")
        seen.add(key)
        value = number_between(mean, -1, 1, f"{where}: mean")
        rows.append([*names, int(networks), int(checkpoint), value])
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def compare_over_training(networks: pl.DataFrame, published: Mapping[str, Any]) -> pl.DataFrame:
    """Return statistics/training_comparison.parquet: a row per published mean.

    networks: statistics/checkpoints.parquet; published: see `read_over_training`. The paper gives
    no spread of its means, so that of our networks stands for both.
    """
    here = networks.filter(
        pl.col("setting") == published["setting"],
        pl.col("checkpoint_unit") == "epochs",
        (pl.col("k_fraction") - published["k_fraction"]).abs() < 1e-9,
    )
    rows = []
    for row in published[OVER_TRAINING].iter_rows(named=True):
        of = {name: row[name] for name in (*ENSEMBLE, "measure", "checkpoint")}
        # A network that several blocks measure counts once.
        found = here.filter(**of).unique("network", keep="first").sort("network")
        values = found["local_mean"].drop_nulls().to_numpy()
        rows.append(
            of
            | {"published": row["mean"], "published_networks": row["networks"]}
            | _compared(row["mean"], row["networks"], values)
        )
    return TRAINING_COMPARISON.frame(rows)


def _compared(mean: float, count: int, ours: np.ndarray) -> dict[str, Any]:
    found: dict[str, Any] = {"networks": len(ours)}
    if not len(ours):
        return found
    difference = float(ours.mean()) - mean
    found |= {"value": float(ours.mean()), "difference": difference}
    if len(ours) > 1:
        sd = float(ours.std(ddof=1))
        error = sd * (1 / count + 1 / len(ours)) ** 0.5
        found |= {"sd": sd, "agrees": abs(difference) <= ERRORS * error}
    return found
