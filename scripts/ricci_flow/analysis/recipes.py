"""Which recipe did the paper train with? Every candidate is compared with the paper's Figure 3.

A candidate is a condition on a data set or a variant of it. It is chosen on some architectures and
judged on the others. The two halves of its networks are judged separately: two recipes whose
distances differ by no more than those of two sets of seeds cannot be told apart.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.analysis.cells import CellMoments, Key, pooled_pearson
from ricci_flow.analysis.comparison import curve_distance, with_figure3
from ricci_flow.tables.keys import CELL_KEYS
from ricci_flow.tables.recipes import RECIPES


def recipe_table(
    moments: Mapping[Key, CellMoments],
    networks: Mapping[Key, int],
    figure3: pl.DataFrame,
    published_names: Mapping[str, str],
    seen: Collection[str],
) -> pl.DataFrame:
    """Return a row per data set, condition and measure, the nearest of each data set first.

    moments: of the kept networks of every cell, see `cells.study_moments`; networks: how many
    networks each of these cells has, kept or not, numbered from 0; figure3: see `read_figure3`,
    with the data sets of the study under their own names; published_names: the name of each data
    set in the published values; seen: architectures that recipes are chosen on.

    kept_least: the smallest share of kept networks over the cells; connected: kept networks that
    are connected at the k* of their cell, over the cells; values: (cell, k) that both sides
    define. rms, pearson: of the aggregated coefficients over these, for the seen and the other
    architectures; the halves are of the networks, by number. k_within_2: cells whose k* is from
    half to twice the paper's. Null where there is nothing to compare.
    """
    groups: dict[tuple[str, str, str], list[Key]] = {}
    for key in moments:
        condition, measure, data_set, _ = key
        groups.setdefault((data_set, condition, measure), []).append(key)
    rows = [
        _row(name, {key: moments[key] for key in keys}, networks, figure3, seen)
        | {"published_as": published_names.get(name[0], name[0])}
        for name, keys in groups.items()
    ]
    table = RECIPES.frame(rows)
    return table.sort("published_as", "measure", "rms_seen", nulls_last=True, maintain_order=True)


def _row(
    name: tuple[str, str, str],
    cells: Mapping[Key, CellMoments],
    networks: Mapping[Key, int],
    figure3: pl.DataFrame,
    seen: Collection[str],
) -> dict[str, Any]:
    data_set, condition, measure = name
    everything = curves(cells, figure3)
    whole = curve_distance(everything)
    sides = {
        "seen": everything.filter(pl.col("architecture").is_in(list(seen))),
        "unseen": everything.filter(~pl.col("architecture").is_in(list(seen))),
    }
    row: dict[str, Any] = {
        "data_set": data_set,
        "condition": condition,
        "measure": measure,
        "cells": len(cells),
        "networks": sum(networks[key] for key in cells),
        "kept": sum(len(cell.networks) for cell in cells.values()),
        "kept_least": min(len(cell.networks) / networks[key] for key, cell in cells.items()),
        "connected": sum(_connected_at_k_star(cell) for cell in cells.values()),
        "values": whole["values"],
        "strong_same_sign": whole["strong_same_sign"],
        "k_within_2": _k_within_2(everything),
    }
    for side, part in sides.items():
        distance = curve_distance(part)
        row |= {f"rms_{side}": distance["curve_rms"], f"pearson_{side}": distance["curve_pearson"]}
    for half in ("first", "second"):
        chosen = {
            key: _half(cell, networks[key], half == "first")
            for key, cell in cells.items()
            if key[3] not in seen
        }
        row[f"rms_unseen_{half}_half"] = curve_distance(curves(chosen, figure3))["curve_rms"]
    return row


def _half(cell: CellMoments, networks: int, first: bool) -> CellMoments:
    places = [i for i, number in enumerate(cell.networks) if (number < networks / 2) == first]
    kept = [cell.networks[place] for place in places]
    return cell._replace(networks=kept, sums=cell.sums[places])


def _curve(cell: CellMoments) -> np.ndarray:
    return np.asarray(pooled_pearson(cell.sums.sum(axis=0)))


def curves(cells: Mapping[Key, CellMoments], figure3: pl.DataFrame) -> pl.DataFrame:
    """Return the cells' own aggregated coefficients with the published ones, at every k."""
    rows: Iterable[dict[str, Any]] = (
        dict(zip(CELL_KEYS, key, strict=True))
        | {"k": k, "rho": None if np.isnan(rho) else float(rho), "reason": "undefined"}
        for key, cell in cells.items()
        for k, rho in zip(cell.ks, _curve(cell), strict=True)
    )
    schema = dict.fromkeys(CELL_KEYS, pl.String) | {
        **{"k": pl.Int32, "rho": pl.Float64, "reason": pl.String}
    }
    return with_figure3(pl.DataFrame(list(rows), schema=schema), figure3)


def _connected_at_k_star(cell: CellMoments) -> int:
    curve = _curve(cell)
    if np.isnan(curve).all():
        return 0
    return int((cell.sums[:, np.nanargmin(curve), 0] > 0).sum())


def _k_within_2(pairs: pl.DataFrame) -> int:
    """Return the cells whose k of the smallest coefficient is within a factor of 2."""
    count = 0
    for _, cell in pairs.group_by(CELL_KEYS):
        own = cell.filter(pl.col("rho").is_not_null())
        if len(own):
            ratio = own.sort("rho", "k")["k"][0] / cell.sort("published_rho", "k")["k"][0]
            count += 0.5 <= ratio <= 2
    return count
