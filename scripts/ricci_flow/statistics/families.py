"""Families of tests: which p values are corrected together."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.statistics.meta import Found

# The last columns of a table of tests.
RESULT_SCHEMA = {
    "family": pl.String,
    "estimate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "p": pl.Float64,
    "p_holm": pl.Float64,
    "p_benjamini_hochberg": pl.Float64,
    "networks": pl.Int32,
    "cells": pl.Int32,
    "reason": pl.String,
}


class NoFit(Exception):
    """A fit that came to no end; the message says why."""


def outcome(fit: Callable[[], Found], reason: str | None) -> dict[str, Any]:
    """Return estimate, low, high and p of a fit, or the reason why there are none.

    reason: why it cannot be fitted, None where it can.
    """
    if reason is None:
        try:
            found = fit()
        except NoFit as error:
            return {"reason": str(error)}
        if np.isfinite(found).all():
            return dict(zip(("estimate", "low", "high", "p"), found, strict=True))
        reason = "the fit has no finite error"
    return {"reason": reason}


def correct(rows: list[dict[str, Any]], family: str) -> None:
    """Name the family of `rows` and add p values corrected over those of them that have one.

    Adds `family`, `p_holm` (Holm 1979: the chance of any false finding in the family) and
    `p_benjamini_hochberg` (1995: the share of false ones among the findings).
    """
    from statsmodels.stats.multitest import multipletests

    tested = [row for row in rows if row.get("p") is not None]
    for row in rows:
        row["family"] = family
    if tested:
        p = [row["p"] for row in tested]
        for name, method in (("p_holm", "holm"), ("p_benjamini_hochberg", "fdr_bh")):
            for row, value in zip(tested, multipletests(p, method=method)[1], strict=True):
                row[name] = float(value)
