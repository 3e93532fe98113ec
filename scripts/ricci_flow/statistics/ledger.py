"""The claims ledger: every claim of the paper, our estimate, the same in every control, a verdict.

Beside the claims on signs (1 and 5) stands what a k fixed beforehand leaves of them.

Rules and thresholds are in `verdicts`, the estimates in `estimates`, what is measured in a cell in
`measures`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.statistics.estimates import GROUPS, Estimates
from ricci_flow.statistics.verdicts import LAYER_ORDERS, RULES, Estimate, judge, standing

# Claims whose k was chosen for the sign that they are about.
SIGNS = (1, 5)
_SHARE = {"value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "cells": pl.Int32}

SCHEMA: dict[str, Any] = {
    "claim": pl.Int32,
    "condition": pl.String,
    "convention": pl.String,
    "control": pl.String,
    "published": pl.Float64,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "cells": pl.Int32,
    "widest_low": pl.Float64,
    "widest_high": pl.Float64,
    "data_sets": pl.Int32,
    "difference": pl.Float64,
    "difference_low": pl.Float64,
    "difference_high": pl.Float64,
    "difference_cells": pl.Int32,
    "difference_widest_low": pl.Float64,
    "difference_widest_high": pl.Float64,
    "standing": pl.String,
    "fixed": pl.Float64,
    "fixed_low": pl.Float64,
    "fixed_high": pl.Float64,
    "fixed_cells": pl.Int32,
    "fixed_widest_low": pl.Float64,
    "fixed_widest_high": pl.Float64,
    "fixed_by_depth": pl.List(pl.Struct({"depth": pl.Int32, **_SHARE})),
    "verdict": pl.String,
    "remark": pl.String,
    "reason": pl.String,
}


def published_numbers(
    published: Mapping[str, Any] | None,
    cells: pl.DataFrame,
    points: Mapping[str, int],
    groups: Mapping[str, str],
) -> dict[int, float]:
    """Return the paper's number for each claim that has one.

    (1) share of cells with a negative coefficient at some k; (2) k*/n on real over synthetic data
    as a multiple of a blind choice from this study's grids, over the cells that both have; (4) t
    of its regression; (5) share of networks with a negative coefficient at k*.
    published: see `published.read_published`; cells: all cell.parquet of stage 6.
    """
    if published is None:
        return {}
    grids = cells.group_by("data_set").agg(pl.col("k").unique())
    shifts: dict[str, list[float]] = {group: [] for group in GROUPS}
    for data_set, grid in grids.iter_rows():
        blind = np.log(np.array(grid) / points[data_set]).mean()
        for k, _ in published["cells"].get(data_set, {}).values():
            shifts[groups[data_set]].append(float(np.log(k / points[data_set]) - blind))
    numbers = {1: 1.0, 4: published["regression"]["t"], 5: published["negative_share"]}
    if all(shifts.values()):
        numbers[2] = float(np.exp(np.mean(shifts["real"]) - np.mean(shifts["synthetic"])))
    return numbers


def primary_links(link: pl.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the primary row of accuracy_link.parquet of each condition and convention."""
    rows = link.filter("primary").iter_rows(named=True)
    return {(row["condition"], row["convention"]): row for row in rows}


def ledger_table(
    estimates: Estimates,
    controls: Sequence[str],
    published: Mapping[int, float],
) -> pl.DataFrame:
    """Return ledger.parquet: for each condition that is no control a row a claim, controls below.

    controls: names of the conditions that are controls; published: the paper's number, by claim.
    A row without `control` carries the claim's own estimate and verdict, one with it the same
    quantity in that control, the difference from it and how it stands. Both carry what a k fixed
    beforehand leaves of a claim on signs, also for each depth where there are several.
    """
    rows: list[dict[str, Any]] = []
    for condition, convention in estimates.cells:
        if condition in controls:
            continue
        for claim, rule in RULES.items():
            head = {"claim": claim, "condition": condition, "convention": convention}
            own = estimates.estimate(claim, condition, convention)
            beside = estimates.controls(claim, condition, convention, controls)
            verdict, remark = judge(rule, own, beside)
            verdicts = {"verdict": verdict, "remark": remark, "published": published.get(claim)}
            fixed = _fixed(estimates, claim, condition, convention)
            rows.append(head | verdicts | asdict(own) | fixed)
            for control in beside:
                more = {"control": control.name, "standing": standing(rule, control)}
                more |= _columns("difference", control.difference)
                if control.name == LAYER_ORDERS:
                    more |= _fixed(estimates, claim, condition, convention, orders=True)
                else:
                    more |= _fixed(estimates, claim, control.name, convention)
                rows.append(head | asdict(control.estimate) | more)
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)


def _columns(what: str, estimate: Estimate) -> dict[str, Any]:
    names = ("low", "high", "cells", "widest_low", "widest_high")
    return {what: estimate.value} | {f"{what}_{name}": getattr(estimate, name) for name in names}


def _fixed(
    estimates: Estimates, claim: int, condition: str, convention: str, *, orders: bool = False
) -> dict[str, Any]:
    """Return the columns on the k fixed beforehand; none for a claim that is not on signs."""
    if claim not in SIGNS:
        return {}
    depths = estimates.depths(condition, convention)
    found = {
        depth: estimates.fixed(claim, condition, convention, depth, orders=orders)
        for depth in (None, *(depths if len(depths) > 1 else []))
    }
    by_depth = [
        {"depth": depth} | {name: getattr(estimate, name) for name in _SHARE}
        for depth, estimate in found.items()
        if depth is not None
    ]
    return {**_columns("fixed", found[None]), "fixed_by_depth": by_depth or None}
