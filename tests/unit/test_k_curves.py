"""Moments, curves and bands against pooled pairs put together by hand."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from ricci_flow.analysis.cells import pooled_pearson
from ricci_flow.analysis.choice_of_k import (
    CURVE_DRAWS,
    curve_draws,
    held_out_table,
    k_curves,
    with_fixed_band,
)
from ricci_flow.coefficients.tables import cell_table
from ricci_flow.seeds import derive_generator
from tests.unit.test_held_out import accuracy, geometry, moments_of, noise


def coupled(seed, networks=10, ks=(4, 5, 9), strength=0.5):
    """Networks whose steps of mass follow curvature, more or less."""
    rng = np.random.default_rng(seed)
    profiles = {}
    for s in range(networks):
        for k in ks:
            ric = rng.normal(size=5)
            steps = -strength * ric[:-1] + rng.normal(size=4)
            profiles[s, k] = (1e6 + np.concatenate([[0.0], np.cumsum(steps)]), 1e3 * ric)
    return profiles


def pairs_of(profiles, chosen, k):
    pairs = [profiles[s, k] for s in chosen if not np.isnan(profiles[s, k][0]).any()]
    return (
        np.concatenate([np.diff(mass) for mass, _ in pairs]),
        np.concatenate([curvature[:-1] for _, curvature in pairs]),
    )


def table_of(profiles):
    return geometry(profiles).with_columns(pl.col("geodesic_mass").fill_nan(None))


def test_sums_are_those_of_the_scaled_pairs_of_kept_connected_networks():
    profiles = noise(np.random.default_rng(1), networks=4, ks=(5, 6))
    profiles[1, 5][0][2] = np.nan
    shuffled = table_of(profiles).sample(fraction=1, shuffle=True, seed=0)
    ((key, cell),) = moments_of(shuffled, accuracy(3)).items()
    assert key == ("c", "forman_directed", "A", "a")
    assert (cell.n, cell.networks, cell.ks) == (50, [0, 1, 2], [5, 6])
    assert cell.sums[:, :, 0].tolist() == [[4, 4], [0, 4], [4, 4]]
    assert not cell.sums[1, 0].any()
    eta, ric = pairs_of(profiles, (0, 1, 2), 5)
    x, y = ((v - v.mean()) / v.std() for v in (eta, ric))
    expected = [8, x.sum(), y.sum(), 8, 8, (x * y).sum()]
    np.testing.assert_allclose(cell.sums[:, 0].sum(axis=0), expected, atol=1e-6)


def test_constants_have_no_coefficient():
    profiles = noise(np.random.default_rng(2), networks=4, ks=(5,))
    for mass, _ in profiles.values():
        mass[:] = 0.1 * np.arange(5)  # the same step at every layer, but for rounding
    ((_, cell),) = moments_of(table_of(profiles), accuracy(4)).items()
    assert np.isnan(pooled_pearson(cell.sums.sum(axis=0))).all()


def test_the_curve_is_the_aggregated_coefficient_of_the_cells():
    profiles = coupled(3)
    profiles[2, 4][0][1] = np.nan
    geo = table_of(profiles).with_columns(condition=pl.lit("c"))
    networks = accuracy(10).with_columns(
        test_accuracy=pl.when(pl.col("network") < 8).then(0.9).otherwise(0.1)
    )
    kept = networks.with_columns(kept=pl.col("test_accuracy") > 0.5)
    curve = k_curves(moments_of(geo, kept), 0.95, "s")
    cell = cell_table(geo, networks, 0.5)
    for name in ("k", "kept", "connected"):
        assert curve[name].to_list() == cell[name].to_list()
    np.testing.assert_allclose(curve["rho"], cell["rho"], atol=1e-6)
    eta, ric = pairs_of(profiles, range(8), 4)
    assert curve["rho"][0] == pytest.approx(stats.pearsonr(eta, ric).statistic, abs=1e-6)
    assert curve["share"].to_list() == [k / 50 for k in (4, 5, 9)]
    assert curve["fixed"].to_list() == [False, True, False]  # a tenth of 50


def test_a_draw_is_the_coefficient_of_the_networks_drawn():
    profiles = coupled(4)
    profiles[3, 9][0][0] = np.nan
    ((key, cell),) = moments_of(table_of(profiles), accuracy(10)).items()
    draws = curve_draws(cell.sums, derive_generator("s", *key, "k curve"))
    generator = derive_generator("s", *key, "k curve")
    counts = generator.multinomial(10, np.full(10, 0.1), size=CURVE_DRAWS)
    for draw in (0, 17, 499):
        chosen = np.repeat(np.arange(10), counts[draw])
        for place, k in enumerate((4, 5, 9)):
            expected = stats.pearsonr(*pairs_of(profiles, chosen, k)).statistic
            assert draws[draw, place] == pytest.approx(expected, abs=1e-6)
    row = k_curves({key: cell}, 0.8, "s").row(2, named=True)
    low, high = np.quantile(draws[:, 2], [0.1, 0.9])
    assert (row["low"], row["high"]) == pytest.approx((low, high))
    assert k_curves({key: cell}, 0.8, "other")["low"][2] != pytest.approx(row["low"], abs=1e-9)


def test_the_band_holds_the_truth_about_as_often_as_it_says():
    truth = stats.pearsonr(*pairs_of(coupled(0, networks=4000, ks=(5,)), range(4000), 5)).statistic
    hits = 0
    for seed in range(120):
        cells = moments_of(table_of(coupled([7, seed], networks=20, ks=(5,))), accuracy(20))
        row = k_curves(cells, 0.9, f"s{seed}").row(0, named=True)
        hits += row["low"] <= truth <= row["high"]
    # Binomial(120, 0.9): 108, standard deviation 3.3.
    assert 97 <= hits <= 118


def test_few_networks_say_why():
    profiles = coupled(5, networks=6)
    for s in range(3):
        profiles[s, 4][0][2] = np.nan
    for s in range(6):
        profiles[s, 9][0][2] = np.nan
    curve = k_curves(moments_of(table_of(profiles), accuracy(6)), 0.95, "s")
    assert curve["reason"].to_list() == [
        "band: 3 networks, fewer than 4",
        None,
        "no kept network is connected at every layer",
    ]
    assert curve["rho"].is_null().to_list() == [False, False, True]
    assert curve["low"].is_null().to_list() == [True, False, True]
    nobody = accuracy(6).with_columns(kept=pl.lit(False))
    curve = k_curves(moments_of(table_of(profiles), nobody), 0.95, "s")
    assert curve["reason"].unique().to_list() == ["no network is kept"]
    three = k_curves(moments_of(table_of(coupled(6, networks=3)), accuracy(3)), 0.95, "s")
    assert three["reason"].unique().to_list() == ["band: 3 networks, fewer than 4"]


def test_the_fixed_k_has_its_band():
    cells = moments_of(table_of(coupled(8)), accuracy(10))
    curve = k_curves(cells, 0.95, "s")
    row = with_fixed_band(held_out_table(cells, "s"), curve).row(0, named=True)
    assert (row["k_fixed"], row["rho_fixed"]) == (5, pytest.approx(curve["rho"][1]))
    assert (row["fixed_low"], row["fixed_high"]) == (curve["low"][1], curve["high"][1])
    assert list(row)[-1] == "reason"
