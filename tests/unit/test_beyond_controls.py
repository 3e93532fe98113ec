"""Coefficients at the k fixed beforehand against every control: the test, its level and power."""

from itertools import product

import numpy as np
import polars as pl
import pytest
from scipy import stats

from ricci_flow.analysis.beyond_controls import (
    EXACT_PAIRS,
    LAYER_ORDERS,
    beyond_controls,
    excluded_share,
    sign_flips,
)

CELLS = [(d, a) for d in ("x", "y") for a in ("s", "t", "u")]


def networks(rng, shift=0.0, count=4, p_orders=None):
    """Rows of six cells under trained and one control; shift: of the trained coefficients."""
    rows = []
    for (data_set, architecture), (condition, more) in product(
        CELLS, (("trained", shift), ("linear", 0.0))
    ):
        for network in range(count):
            own = rng.uniform(-0.5, 0.5)
            rows.append(
                {"data_set": data_set, "architecture": architecture, "condition": condition}
                | {"measure": "m", "network": network, "kept": True, "rho": own + more}
                | {"null_mean": rng.uniform(-0.2, 0.1)}
                | {"p_orders": rng.uniform() if p_orders is None else p_orders}
            )
    return pl.DataFrame(rows)


def test_signs_against_scipy_and_against_all_signs():
    rng = np.random.default_rng(0)
    values = rng.normal(-0.3, 1, 10)
    equal = np.repeat([0, 1], 5)
    known = stats.permutation_test(
        (values,), np.mean, permutation_type="samples", alternative="less", n_resamples=np.inf
    )
    assert sign_flips(values, equal, rng) == pytest.approx(known.pvalue)

    unequal = np.array([0] * 2 + [1] * 8)

    def statistic(signs):
        flipped = np.array(signs) * values
        return (flipped[:2].mean() + flipped[2:].mean()) / 2

    lower = [
        statistic(signs) <= statistic([1] * 10) + 1e-12 for signs in product((1, -1), repeat=10)
    ]
    assert sign_flips(values, unequal, rng) == pytest.approx(np.mean(lower))
    # More pairs than all signs are counted of.
    many = np.tile(values, 2)
    drawn = sign_flips(many, np.zeros(20, int), rng)
    normal = stats.norm.cdf(many.sum() / np.sqrt((many**2).sum()))
    assert len(many) > EXACT_PAIRS
    assert drawn == pytest.approx(normal, abs=0.02)


def test_the_table_against_means_by_hand():
    table = networks(np.random.default_rng(1))
    # Not kept on one side, no coefficient on the other.
    lost = (pl.col("condition") == "linear") & (pl.col("data_set") == "x")
    lost &= pl.col("network") == 0
    table = table.with_columns(kept=~lost)
    bare = (pl.col("condition") == "trained") & (pl.col("architecture") == "t")
    bare &= pl.col("network") == 1
    table = table.with_columns(rho=pl.when(~bare).then("rho"))
    found = beyond_controls(table, ["linear"], 0.95, "s")
    assert found["control"].to_list() == ["linear", LAYER_ORDERS]
    assert found.select("pairs", "networks", "cells").rows() == [(21, 19, 6), (24, 22, 6)]
    sides = []
    for data_set, architecture in CELLS:
        cell = table.filter(data_set=data_set, architecture=architecture)
        pairs = []
        for network in range(4):
            own, other = (
                cell.filter(condition=c, network=network).row(0, named=True)
                for c in ("trained", "linear")
            )
            if own["rho"] is not None and other["kept"]:
                pairs.append((own["rho"], other["rho"]))
        sides.append(np.mean(pairs, axis=0))
    row = found.row(0, named=True)
    own, other = np.mean(sides, axis=0)
    assert (row["rho"], row["control_rho"]) == (pytest.approx(own), pytest.approx(other))
    assert row["difference"] == pytest.approx(own - other)
    assert row["low"] < row["difference"] < row["high"]
    assert found.equals(beyond_controls(table, ["linear"], 0.95, "s"))


def test_level_and_power():
    rng = np.random.default_rng(2)
    rejected = {0.0: [], -0.3: []}
    for shift, hits in rejected.items():
        for study in range(60):
            table = networks(rng, shift)
            found = beyond_controls(table, ["linear"], 0.95, f"{study}")
            hits.append((found["p"] <= 0.05).to_list())
    null, shifted = (np.mean(hits, axis=0) for hits in rejected.values())
    assert (null < 0.15).all()
    assert shifted[0] > 0.8
    assert shifted[1] < 0.15  # p over the orders is uniform all the same


def test_layer_orders_are_tested_by_the_p_of_each_network():
    rng = np.random.default_rng(3)
    (low, high) = (
        beyond_controls(networks(rng, p_orders=p), [], 0.95, "s").filter(
            condition="trained", control=LAYER_ORDERS
        )["p"][0]
        for p in (0.1, 0.9)
    )
    assert low == pytest.approx(1e-4)
    assert high == 1


def test_without_networks_there_is_no_p():
    table = networks(np.random.default_rng(4)).with_columns(rho=pl.lit(None, pl.Float64))
    found = beyond_controls(table, ["linear"], 0.95, "s")
    assert found["networks"].to_list() == [0, 0]
    assert found["p"].null_count() == 2
    assert beyond_controls(table, ["trained", "linear"], 0.95, "s").is_empty()


def test_excluded_networks_are_those_without_a_coefficient():
    table = pl.DataFrame(
        [("trained", 6, 3), ("trained", 2, 1), ("linear", 4, 4)],
        ["condition", "kept", "networks"],
        orient="row",
    )
    assert dict(excluded_share(table).select("condition", "excluded").iter_rows()) == {
        "trained": 0.5,
        "linear": 0.0,
    }
