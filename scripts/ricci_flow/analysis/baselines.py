"""Does the coefficient say more about accuracy than simpler numbers of the same networks do?

Each baseline is correlated with accuracy inside the cells as the coefficient is (the primary method
of `accuracy_link`), and the coefficient is judged again given the baseline: by the partial
correlation inside the cells and by its slope in the paper's regression.
"""

from collections.abc import Callable

import numpy as np
import polars as pl

from ricci_flow.analysis.inference import (
    LEAST_CORRELATED,
    Found,
    correct,
    meta_analysis,
    outcome,
    spearman,
)
from ricci_flow.analysis.regression import NO_ACCURACY, least_squares, why_not
from ricci_flow.tables.keys import CELL, NETWORK_KEYS
from ricci_flow.tables.statistics import BASELINES as BASELINES_TABLE

COEFFICIENT = "z_printed"
TRAINING = ("margin", "test_loss", "weight_norm")
BASELINES = ("in_degree_variance", "in_degree_variance_change", *TRAINING)
# Quantities; labels.py has what readers see.
ALONE, PARTIAL, SLOPE = "correlation", "partial_correlation", "slope"


def with_baselines(
    networks: pl.DataFrame, accuracy: pl.DataFrame, geometry: pl.DataFrame
) -> pl.DataFrame:
    """Add the columns of `BASELINES` to the networks at k*.

    in_degree_variance: of the kNN graph at k*, divided by k^2 (the mean in-degree is k, so this
    is comparable between cells), mean over the layers; its change: last layer less the first.
    accuracy: accuracy.parquet, for `TRAINING`; geometry: all layers.parquet.
    """
    keys = [*NETWORK_KEYS, "measure", "k"]
    variance = pl.col("in_degree_variance").sort_by("layer") / pl.col("k").first() ** 2
    hubs = (
        geometry.join(networks.select(keys), on=keys, how="semi")
        .group_by(keys)
        .agg(
            in_degree_variance=variance.mean(),
            in_degree_variance_change=variance.last() - variance.first(),
        )
    )
    trained = accuracy.select(*NETWORK_KEYS, *TRAINING)
    joined = networks.join(hubs, on=keys, how="left", maintain_order="left")
    return joined.join(trained, on=NETWORK_KEYS, how="left", maintain_order="left")


def baselines(networks: pl.DataFrame, level: float) -> pl.DataFrame:
    """Return baselines.parquet: every quantity for every predictor, condition and measure.

    networks: networks.parquet of this stage; level: of the intervals. A row uses the kept
    networks with a coefficient, an accuracy and that predictor, all finite. p values are also
    corrected over the family named with them, the predictors of one quantity.
    """
    rows: list[dict[str, object]] = []
    for (condition, measure), part in networks.group_by(
        ["condition", "measure"], maintain_order=True
    ):
        head = {"condition": condition, "measure": measure}
        for quantity in (ALONE, PARTIAL, SLOPE):
            predictors = (COEFFICIENT, *BASELINES) if quantity == ALONE else BASELINES
            found = [
                head | {"quantity": quantity, "predictor": name} | _row(part, quantity, name, level)
                for name in predictors
            ]
            correct(found, f"{quantity}, {condition}, {measure}")
            rows += found
    return BASELINES_TABLE.frame(rows)


def _row(part: pl.DataFrame, quantity: str, name: str, level: float) -> dict[str, object]:
    if part["test_accuracy"].is_null().all():
        return {"networks": 0, "cells": 0, "reason": NO_ACCURACY}
    if part[name].is_null().all():
        return {"networks": 0, "cells": 0, "reason": f"no network has a {name}"}
    wanted = dict.fromkeys((COEFFICIENT, "test_accuracy", name))
    used = part.filter("kept", *(pl.col(column).is_finite() for column in wanted))
    fit: Callable[[], Found]
    if quantity == SLOPE:
        reason = why_not(used, extra=1)
        if reason is None and used[name].n_unique() == 1:
            reason = f"{name} is constant"
        networks, cells = len(used), used.select(CELL).n_unique()

        def fit() -> Found:
            return least_squares(
                used, used["test_accuracy"].to_numpy(), level, clustered=True, given=name
            )

    else:
        found, sizes, taken = correlations(used, name, partial=quantity == PARTIAL)
        networks, cells = int(taken.sum()), len(found)
        reason = f"cells: {cells}, fewer than 2" if cells < 2 else None

        def fit() -> Found:
            return meta_analysis(found, sizes, level)

    return {"networks": networks, "cells": cells, **outcome(fit, reason)}


def correlations(
    used: pl.DataFrame, name: str, *, partial: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the Spearman correlations inside the cells that have one, and two sizes of each.

    partial: of accuracy and the coefficient given `name`, in place of accuracy and `name`.
    The sizes: what stands for n in Fisher's variance (one less where a variable is held), and the
    networks. Cells of fewer than 4 (5) networks or with a constant are left out.
    """
    found, taken = [], []
    for _, cell in used.group_by(CELL, maintain_order=True):
        x, y, z = (cell[column].to_numpy() for column in (name, "test_accuracy", COEFFICIENT))
        value = float(spearman(x, y))
        if partial:
            z_y, z_x = float(spearman(z, y)), float(spearman(z, x))
            with np.errstate(invalid="ignore", divide="ignore"):
                value = (z_y - z_x * value) / np.sqrt((1 - z_x**2) * (1 - np.square(value)))
        if len(cell) >= LEAST_CORRELATED + partial and np.isfinite(value):
            found.append(value)
            taken.append(len(cell))
    networks = np.array(taken, dtype=int)
    return np.array(found), networks - partial, networks
