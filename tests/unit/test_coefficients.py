from itertools import permutations
from math import factorial

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ricci_flow.coefficients import permutation as module
from ricci_flow.coefficients.pearson import pearson
from ricci_flow.coefficients.permutation import permutation_p
from ricci_flow.coefficients.ricci import aggregate, ricci_coefficient
from ricci_flow.coefficients.tables import cell_table, network_table

values = st.floats(-1e9, 1e9, allow_nan=False)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9)),
        min_size=3,
        max_size=12,
    )
)
def test_pearson_is_scipys(pairs):
    x, y = np.array(pairs, dtype=float).T
    r = pearson(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert r is None
    else:
        assert r == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-9)


def test_pearson_of_nearly_constant_is_undefined():
    assert pearson(np.array([1e9, 1e9 + 1e-7, 1e9]), np.array([1.0, 2.0, 4.0])) is None


@pytest.mark.parametrize("m", [2, 3, 4, 5, 7])
@pytest.mark.parametrize("seed", range(4))
def test_exact_p_counts_all_permutations(m, seed):
    rng = np.random.default_rng([m, seed])
    # Small integers, so that different pairings tie with the observed one.
    x, y = rng.integers(0, 4, size=(2, m)).astype(float)
    x[0], x[1], y[0], y[1] = 0, 1, 2, 0
    observed = x @ y
    hits = sum(1 for order in permutations(range(m)) if x @ y[list(order)] <= observed + 1e-9)
    assert permutation_p(x, y) == (hits / factorial(m), "exact")


def test_exact_p_of_ten_pairs_is_near_scipys_sampled_one():
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=(2, 10))
    p, method = permutation_p(x, y)
    sampled = stats.permutation_test(
        (x,),
        lambda v: stats.pearsonr(v, y).statistic,
        permutation_type="pairings",
        alternative="less",
        n_resamples=4000,
        rng=7,
    ).pvalue
    assert method == "exact"
    assert p == pytest.approx(sampled, abs=4 * np.sqrt(p * (1 - p) / 4000))


def test_exact_p_is_uniform_over_the_permutations():
    # Over all orders of one sample without ties the p-values are 1/24, 2/24, ... 24/24.
    x, y = np.array([0.3, 1.1, 2.7, 9.2]), np.array([0.1, 1.7, 3.1, 4.3])
    p = sorted(permutation_p(x, y[list(order)])[0] for order in permutations(range(4)))
    assert p == pytest.approx(np.arange(1, 25) / 24)


def test_beyond_the_limit_p_is_sampled_from_the_given_stream():
    x = np.arange(14.0)
    y = np.random.default_rng(0).normal(size=14) - 0.1 * x
    p, method = permutation_p(x, y, np.random.default_rng(1))
    assert method == "sampled"
    assert p == permutation_p(x, y, np.random.default_rng(1))[0]
    t = stats.pearsonr(x, y, alternative="less").pvalue
    assert p == pytest.approx(t, abs=0.05)
    with pytest.raises(ValueError, match="needs a generator"):
        permutation_p(x, y)


def test_exact_and_sampled_agree(monkeypatch):
    x, y = np.random.default_rng(2).normal(size=(2, 9))
    exact = permutation_p(x, y)[0]
    monkeypatch.setattr(module, "EXACT_LIMIT", 3)
    sampled, method = permutation_p(x, y, np.random.default_rng(3))
    assert method == "sampled"
    assert sampled == pytest.approx(exact, abs=0.01)


def test_coefficient_of_a_perfect_flow():
    # eta_l = -Ric_l exactly: distances grow where curvature is negative.
    curvature = np.array([-5.0, 2.0, -1.0, 3.0, 0.0])
    mass = np.concatenate([[100.0], 100 - np.cumsum(curvature[:-1])])
    found = ricci_coefficient(mass, curvature)
    assert found.rho == pytest.approx(-1)
    assert found.p == pytest.approx(1 / 24)
    assert found.points == 4


@pytest.mark.parametrize("depth", [5, 11])
def test_both_adjusted_coefficients(depth):
    rng = np.random.default_rng(depth)
    mass, curvature = rng.normal(size=(2, depth))
    found = ricci_coefficient(mass, curvature)
    r = stats.pearsonr(np.diff(mass), curvature[:-1]).statistic
    assert found.rho == pytest.approx(r)
    assert found.z_printed == pytest.approx(np.arctanh(r) / np.sqrt(depth - 4))
    assert found.z_standardised == pytest.approx(np.arctanh(r) * np.sqrt(depth - 4))


@pytest.mark.parametrize(
    ("mass", "curvature", "reason"),
    [
        ([1, np.nan, 2, 3, np.nan], [1, 2, 3, 4, 5], "not connected at layer 2, 5"),
        ([1, 2, 3, 4, 5], [1, 2, 4, 3, 9], "constant geodesic mass change"),
        ([1, 2, 4, 3, 5], [7, 7, 7, 7, 1], "constant curvature"),
        ([1, 2, 4], [1, 2, 3], "3 layers, a coefficient needs 4"),
        ([1, np.nan, 4], [1, 2, 3], "3 layers, a coefficient needs 4"),
    ],
)
def test_undefined_coefficients_say_why(mass, curvature, reason):
    found = ricci_coefficient(np.array(mass, dtype=float), np.array(curvature, dtype=float))
    assert found.rho is None
    assert found.reason == reason


def test_four_layers_have_a_coefficient_and_no_z():
    found = ricci_coefficient(np.array([1.0, 2, 4, 3]), np.array([1.0, 2, 5, 3]))
    assert found.rho is not None
    assert found.p is not None
    assert (found.z_printed, found.z_standardised) == (None, None)
    assert found.reason == "4 layers, z needs 5: not in the regression"


def test_four_layers_have_rho_but_no_z():
    found = ricci_coefficient(np.array([1.0, 3, 2, 5]), np.array([1.0, 2, 4, 3]))
    assert found.rho is not None
    assert (found.z_printed, found.z_standardised) == (None, None)


def test_aggregate_pools_the_pairs_of_all_networks():
    rng = np.random.default_rng(0)
    pairs = [(rng.normal(size=4), rng.normal(size=4)) for _ in range(5)]
    pooled = [np.concatenate(side) for side in zip(*pairs, strict=True)]
    found = aggregate(pairs)
    assert found.points == 20
    assert found.rho == pytest.approx(stats.pearsonr(*pooled).statistic)
    assert aggregate([]).rho is None


def geometry_and_networks(seed=0, networks=5, ks=(5, 9)):
    rng = np.random.default_rng(seed)
    names = {"data_set": "A", "architecture": "narrow_5", "condition": "trained"}
    rows = [
        names
        | {"network": s, "layer": layer, "k": k, "measure": measure}
        | {"curvature": rng.normal(), "geodesic_mass": rng.normal()}
        for s in range(networks)
        for k in ks
        for measure in ("forman_directed", "forman_union")
        for layer in range(1, 6)
    ]
    # Network 3 is not connected at layer 2 for the smaller k.
    for row in rows:
        if (row["network"], row["layer"], row["k"]) == (3, 2, ks[0]):
            row["geodesic_mass"] = None
    table = pl.DataFrame(rows).sample(fraction=1.0, shuffle=True, seed=1)
    accuracies = pl.DataFrame(
        [names | {"network": s, "test_accuracy": 0.9 + 0.02 * s} for s in range(networks)],
        schema_overrides={"network": pl.Int32},
    )
    return table, accuracies


def test_tables_against_a_literal_computation():
    geometry, networks = geometry_and_networks()
    table = network_table(geometry, networks, 0.91, "test")
    assert len(table) == 5 * 2 * 2
    assert table.filter(pl.col("reason").is_not_null())["reason"].unique().to_list() == [
        "not connected at layer 2"
    ]
    row = table.row(
        by_predicate=(pl.col("network") == 2)
        & (pl.col("k") == 9)
        & (pl.col("measure") == "forman_union"),
        named=True,
    )
    layers = geometry.filter(
        (pl.col("network") == 2) & (pl.col("k") == 9) & (pl.col("measure") == "forman_union")
    ).sort("layer")
    mass, curvature = layers["geodesic_mass"].to_numpy(), layers["curvature"].to_numpy()
    assert row["rho"] == pytest.approx(stats.pearsonr(np.diff(mass), curvature[:-1]).statistic)
    assert row["coupling"] == pytest.approx(stats.pearsonr(curvature[:-1], mass[:-1]).statistic)
    assert table.filter(pl.col("rho").is_null())["p_orders"].null_count() == 2
    assert table.group_by("network").agg(pl.col("kept").first()).sort("network")[
        "kept"
    ].to_list() == [False, True, True, True, True]


def test_cell_pools_kept_and_connected_networks_and_marks_k_star():
    geometry, networks = geometry_and_networks()
    cell = cell_table(geometry, networks, 0.91)
    assert cell["connected"].to_list() == [3, 4, 3, 4]
    assert cell["kept"].to_list() == [4] * 4
    for measure, rows in cell.group_by("measure"):
        star = rows.filter("is_k_star")
        assert len(star) == 1, measure
        assert star["rho"][0] == rows["rho"].min()
    pooled = geometry.filter(
        (pl.col("measure") == "forman_directed")
        & (pl.col("k") == 5)
        & pl.col("network").is_in([1, 2, 4])
    ).sort("network", "layer")
    eta = np.diff(pooled["geodesic_mass"].to_numpy().reshape(3, 5), axis=1).ravel()
    ric = pooled["curvature"].to_numpy().reshape(3, 5)[:, :-1].ravel()
    row = cell.row(
        by_predicate=(pl.col("measure") == "forman_directed") & (pl.col("k") == 5), named=True
    )
    assert row["rho"] == pytest.approx(stats.pearsonr(eta, ric).statistic)


def test_a_cell_without_kept_networks_says_so():
    geometry, networks = geometry_and_networks()
    cell = cell_table(geometry, networks, 0.999)
    assert cell["rho"].to_list() == [None] * 4
    assert not cell["is_k_star"].any()
    assert set(cell["reason"]) == {"no network is above the accuracy threshold"}
