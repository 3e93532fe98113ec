import numpy as np
import polars as pl
import pytest
from scipy import stats

from ricci_flow.analysis.cells import cells_of, pooled_pearson, study_moments
from ricci_flow.analysis.choice_of_k import held_out_table, split_cell
from ricci_flow.tables.keys import CELL_KEYS


def geometry(profiles, n=50):
    """profiles: {(network, k): (mass, curvature)}."""
    names = {"condition": "c", "measure": "forman_directed", "data_set": "A", "architecture": "a"}
    return pl.DataFrame(
        [
            names
            | {"network": network, "k": k, "layer": layer, "n": n}
            | {"geodesic_mass": g, "curvature": ric}
            for (network, k), (mass, curvature) in profiles.items()
            for layer, (g, ric) in enumerate(zip(mass, curvature, strict=True), 1)
        ]
    )


def noise(rng, networks=12, ks=range(4, 24)):
    return {
        (s, k): (1e6 + rng.normal(size=5), -1e8 + rng.normal(size=5))
        for s in range(networks)
        for k in ks
    }


def test_moments_add_up_to_the_pooled_coefficient():
    rng = np.random.default_rng(0)
    pairs = [rng.normal(size=(2, 4)) for _ in range(3)]
    sums = sum(moments(*pair) for pair in pairs)
    expected = stats.pearsonr(*np.concatenate(pairs, axis=1)).statistic
    assert pooled_pearson(sums) == pytest.approx(expected)
    assert np.isnan(pooled_pearson(moments(np.ones(4), np.arange(4.0))))


def moments(x, y):
    return np.array([len(x), x.sum(), y.sum(), x @ x, y @ y, x @ y])


def accuracy(networks):
    return pl.DataFrame(
        {
            "condition": ["c"] * networks,
            "data_set": ["A"] * networks,
            "architecture": ["a"] * networks,
            "network": list(range(networks)),
            "kept": [True] * networks,
        }
    )


def moments_of(layers, networks):
    orders = pl.DataFrame(
        schema={**layers.select(*CELL_KEYS, "network", "k").schema, "null_negative": pl.Float64}
    )
    cells = cells_of(layers, networks.with_columns(test_accuracy=pl.lit(None)), orders)
    return study_moments(cells, layers.select(CELL_KEYS).unique(maintain_order=True).rows())


def table(layers, networks, seed_name):
    return held_out_table(moments_of(layers, networks), seed_name)


def test_pure_noise_looks_negative_where_it_was_chosen_and_not_where_it_was_not():
    chosen, held_out = [], []
    for seed in range(12):
        # No order of layers, no coupling: random walks of mass against independent curvature.
        rng = np.random.default_rng(seed)
        profiles = {key: (np.cumsum(g), ric) for key, (g, ric) in noise(rng).items()}
        row = table(geometry(profiles), accuracy(12), f"s{seed}").row(0, named=True)
        chosen.append(row["rho_chosen"])
        held_out.append(row["rho_held_out"])
    assert np.mean(chosen) < -0.3
    # Halves of 24 pairs each, 12 cells: the mean has a standard deviation of about 0.04.
    assert abs(np.mean(held_out)) < 0.15


def test_a_real_effect_survives():
    rng = np.random.default_rng(3)
    profiles = {}
    for s in range(12):
        for k in (4, 5, 9):
            ric = rng.normal(size=5)
            strength = 3.0 if k == 5 else 0.0
            steps = -strength * ric[:-1] + rng.normal(size=4)
            profiles[s, k] = (np.concatenate([[0.0], np.cumsum(steps)]), ric)
    row = table(geometry(profiles), accuracy(12), "s").row(0, named=True)
    assert row["rho_held_out"] < -0.8
    assert row["negative"] == 1
    assert (row["k_fixed"], row["splits"]) == (5, 200)


def test_few_networks_and_no_connection_say_why():
    profiles = noise(np.random.default_rng(0), networks=5, ks=(4,))
    row = table(geometry(profiles), accuracy(3), "s").row(0, named=True)
    assert row["reason"] == "3 kept networks, fewer than 4"
    for mass, _ in profiles.values():
        mass[1] = np.nan
    broken = geometry(profiles).with_columns(pl.col("geodesic_mass").fill_nan(None))
    row = table(broken, accuracy(5), "s").row(0, named=True)
    assert row["rho_held_out"] is None
    assert "no half" in row["reason"]


def test_halves_depend_on_the_seed_name_alone():
    sums = np.random.default_rng(0).random((8, 3, 6)) + 5
    first = split_cell(sums, np.random.default_rng(1))
    again = split_cell(sums, np.random.default_rng(1))
    assert np.array_equal(first, again, equal_nan=True)
