"""Are coefficients at the k fixed beforehand lower than those of every control?

Networks of one number start from the same weights and see the same rows and batches under every
condition, so they are compared in pairs. If training (or whatever else a control lacks) changed
nothing, each difference would have either sign by chance. The test takes the mean over cells of the
mean difference in each and turns signs network by network (Fisher's randomisation test of pairs).
It speaks of the cells that there are; for data in general there are the verdicts on claims.

A network is also compared with its own layers in random order. Where the order says nothing, its p
over these orders is uniform, so the signs of p - 1/2 are turned.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from ricci_flow.analysis.nulls import LAWS
from ricci_flow.analysis.resampling import over_cells
from ricci_flow.seeds import derive_generator
from ricci_flow.tables.keys import CELL
from ricci_flow.tables.statistics import BEYOND_CONTROLS

LAYER_ORDERS = LAWS[1]
FLIPS = 9999
# Pairs up to which all signs are counted.
EXACT_PAIRS = 13


def beyond_controls(
    fixed: pl.DataFrame, controls: Sequence[str], level: float, seed_name: str
) -> pl.DataFrame:
    """Return beyond_controls.parquet, a row per condition that is no control, measure and control.

    fixed: rows of networks.parquet at that k, see `join.at_fixed_k`; controls: names of
    conditions; level: of the intervals, over cells; seed_name: root name of random streams.
    """
    rows = []
    keys = ["condition", "measure"]
    for (condition, measure), own in fixed.group_by(keys, maintain_order=True):
        if condition in controls:
            continue
        for control in (*controls, LAYER_ORDERS):
            pairs = _pairs(own, fixed.filter(condition=control, measure=measure), control)
            if pairs.is_empty():
                continue
            stream = (seed_name, "beyond controls", str(condition), str(measure), control)
            row = {"condition": condition, "measure": measure, "control": control}
            rows.append(row | _compared(pairs, level, derive_generator(*stream)))
    return BEYOND_CONTROLS.frame(rows)


def _pairs(own: pl.DataFrame, other: pl.DataFrame, control: str) -> pl.DataFrame:
    """Return a row per network that both sides keep: cell, rho, control_rho, and `tested`.

    tested: what is negative where a network is beyond the control; null where not both have one.
    """
    kept = own.filter("kept").select(*CELL, "network", "rho", "null_mean", "p_orders")
    if control == LAYER_ORDERS:
        return kept.with_columns(control_rho="null_mean", tested=pl.col("p_orders") - 0.5)
    names = [*CELL, "network"]
    theirs = other.filter("kept").select(*names, control_rho="rho")
    pairs = kept.join(theirs, on=names, how="inner", maintain_order="left")
    return pairs.with_columns(tested=pl.col("rho") - pl.col("control_rho"))


def _compared(
    pairs: pl.DataFrame, level: float, generator: np.random.Generator
) -> dict[str, float | int | None]:
    """Return the columns of one control."""
    both = pairs.drop_nulls(["rho", "control_rho", "tested"])
    row: dict[str, float | int | None] = {"pairs": len(pairs), "networks": len(both), "cells": 0}
    if both.is_empty():
        return row
    cells = both.group_by(CELL, maintain_order=True).agg(
        pl.col("rho").mean(), pl.col("control_rho").mean()
    )
    differences = (cells["rho"] - cells["control_rho"]).to_numpy()
    row |= {
        "cells": len(cells),
        "rho": float(cells["rho"].to_numpy().mean()),
        "control_rho": float(cells["control_rho"].to_numpy().mean()),
        "difference": float(differences.mean()),
    }
    if len(cells) > 1:
        ends = over_cells(
            [differences[:, None]],
            lambda parts: np.asarray(parts[0][..., 0].mean(axis=1)),
            level,
            generator,
        )
        row |= dict(zip(("low", "high"), ends, strict=True))
    place = both.with_columns(cell=pl.struct(CELL).rank("dense"))["cell"].to_numpy() - 1
    return row | {"p": sign_flips(both["tested"].to_numpy(), place, generator)}


def sign_flips(values: np.ndarray, cells: np.ndarray, generator: np.random.Generator) -> float:
    """Return the share of signs whose mean over cells is as low: a one-sided p.

    values, cells: (pairs,), the cells numbered from 0; each cell has the same weight. All signs up
    to EXACT_PAIRS pairs, else FLIPS random ones and the values' own.
    """
    sizes = np.bincount(cells)
    weighted = values / sizes[cells] / len(sizes)
    observed = weighted.sum()
    count = len(values)
    if count <= EXACT_PAIRS:
        signs = 1.0 - 2.0 * ((np.arange(2**count)[:, None] >> np.arange(count)) & 1)
    else:
        signs = np.concatenate([np.ones((1, count)), generator.choice((-1.0, 1.0), (FLIPS, count))])
    # Sums of the same numbers in another order differ by rounding alone.
    slack = 1e-12 * np.abs(weighted).sum()
    return float((signs @ weighted <= observed + slack).mean())


def excluded_share(fixed_k: pl.DataFrame) -> pl.DataFrame:
    """Return by condition the share of kept networks without a coefficient at that k.

    fixed_k: fixed_k.parquet, rows of one measure.
    """
    counts = fixed_k.group_by("condition", maintain_order=True).agg(
        pl.col("kept").sum(), pl.col("networks").sum()
    )
    return counts.with_columns(excluded=1 - pl.col("networks") / pl.col("kept"))
