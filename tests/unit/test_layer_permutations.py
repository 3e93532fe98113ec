"""p of layer coefficients over permutations of the points, and what is said of it over a study."""

from itertools import permutations

import numpy as np
import polars as pl
import pytest
from scipy.stats import binom, pearsonr
from statsmodels.stats.multitest import multipletests

from ricci_flow.analysis.measures import corrected, summarise_along_layers, summarise_measures
from ricci_flow.coefficients.local import layer_coefficient, layer_coefficient_p
from ricci_flow.storage import write_json, write_tensors
from ricci_flow.tables.measures import MEASURES
from ricci_flow.tables.statistics import ALONG_LAYERS, FURTHER
from tests import jobs

NAMES = ["toy", "small", "trained"]


def test_p_is_that_over_all_ways_to_pair_the_points():
    rng = np.random.default_rng(5)
    for kind in (rng.normal(size=(2, 6)), rng.integers(0, 3, (2, 6)).astype(float)):
        means, changes = kind
        observed = pearsonr(changes, means)[0]
        every = [pearsonr(changes[list(order)], means)[0] for order in permutations(range(6))]
        expected = np.mean([value <= observed + 1e-12 for value in every])
        # A point without a change is left out, its curvature too.
        torn = np.append(changes, np.nan), np.append(means, -50.0)
        assert layer_coefficient_p(*torn, 9, rng) == (pytest.approx(expected), "exact")
        assert layer_coefficient(*torn)[1] == pytest.approx(observed)


def test_drawn_permutations_count_what_was_observed():
    means = np.arange(40.0)
    assert layer_coefficient_p(-means, means, 99, np.random.default_rng(0)) == (0.01, "sampled")
    assert layer_coefficient_p(means, means, 99, np.random.default_rng(0))[0] == 1.0
    noise = np.random.default_rng(1).normal(size=40)
    first, again = (
        layer_coefficient_p(noise, means, 99, np.random.default_rng(2))[0] for _ in range(2)
    )
    assert first == again
    many, _ = layer_coefficient_p(noise, means, 4000, np.random.default_rng(3))
    assert first == pytest.approx(many, abs=0.2)


def test_p_of_independent_points_is_calibrated():
    rng = np.random.default_rng(6)
    found = [
        layer_coefficient_p(rng.normal(size=30), rng.exponential(size=30), 199, rng)[0]
        for _ in range(400)
    ]
    for level in (0.05, 0.2, 0.5):
        low, high = binom.ppf([0.001, 0.999], 400, level)
        assert low <= sum(p <= level for p in found) <= high


def measure(folder, **fields):
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1], 20).astype(np.uint8)
    layers = {f"layer_{i}": rng.normal(size=(2, 40, 3)).astype(np.float32) for i in range(1, 6)}
    X = rng.normal(size=(40, 2)).astype(np.float32)
    write_tensors(folder / "data", {"X_train": X, "X_test": X, "y_train": labels, "y_test": labels})
    write_tensors(folder / "layers", layers)
    write_json(folder / "facts.json", {"scale": "none", "unit": 1.0})
    words = jobs.arguments(
        names=NAMES,
        data=folder / "data",
        facts=folder / "facts.json",
        layers=folder / "layers",
        table=folder / "table.parquet",
        local_table=folder / "local.parquet",
        measures={"forman": {"module": "forman_union"}},
        settings={"knn": {}, "with_input": {"layers": ["input", "hidden"]}},
        k_fractions=[0.2],
        networks=2,
        local=True,
        seed_name="s",
        **fields,
    )
    assert jobs.call("measure", words) == 0
    return pl.read_parquet(folder / "table.parquet")


def test_tables_have_p_where_it_is_asked_for_and_nothing_else_changes(tmp_path):
    without = measure(tmp_path)
    table = measure(tmp_path, point_permutations=99)
    assert without["layer_p"].null_count() == len(without)
    of_p = ["layer_p", "layer_p_method", "layer_seed"]
    assert table.drop(of_p).equals(without.drop(of_p))
    assert table["layer_p"].is_null().equals(table["layer_rho"].is_null())
    assert table["layer_p"].drop_nulls().is_between(0.01, 1).all()
    # Both settings have the hidden layers, and so one p of each.
    keys = ["network", "layer"]
    both = table.filter(setting="knn").join(table.filter(setting="with_input"), on=keys)
    assert both["layer_p"].equals(both["layer_p_right"])
    again = measure(tmp_path, point_permutations=99)
    assert again.equals(table)
    more = measure(tmp_path, point_permutations=999)
    apart = (more["layer_p"] - table["layer_p"]).abs().max()
    assert 0 < apart < 0.25


def test_p_falls_with_the_coefficient(tmp_path):
    known = measure(tmp_path, point_permutations=99).drop_nulls("layer_rho")
    ranks = known.select(pl.col("layer_rho", "layer_p").rank())
    assert np.corrcoef(ranks["layer_rho"], ranks["layer_p"])[0, 1] > 0.9


def test_the_correction_is_that_of_benjamini_and_hochberg():
    rng = np.random.default_rng(7)
    p = rng.uniform(size=20) ** 3
    p[3] = p[9]
    frame = pl.DataFrame({"p": [*p, None], "g": "a"}).group_by("g").agg(corrected("p"))
    found = np.sort(frame["p"][0].to_numpy())
    assert found == pytest.approx(np.sort(multipletests(p, method="fdr_bh")[1]))


def test_summaries_by_hand():
    of = {"block": "b", "setting": "knn", "k_fraction": 0.05, "k": 5, "condition": "trained"}
    of |= {"data_set": "x", "architecture": "a", "scope": "edge", "measure": "m"}
    numbers = {(0, 1): (-0.4, 0.01), (1, 1): (-0.2, 0.04), (0, 2): (0.3, 0.9), (1, 2): (None, None)}
    rows = [
        of
        | {"network": network, "layer": layer, "layer_points": 9, "layer_rho": rho, "layer_p": p}
        | {"gap": 0.1 * network, "value": 2.0 * layer}
        for (network, layer), (rho, p) in numbers.items()
    ]
    rows.append(of | {"network": 0, "layer": 1, "measure": "q", "scope": "layer", "value": 0.5})
    rows.append(of | {"block": "other", "network": 0, "layer": 1, "value": 0.5})
    long = pl.DataFrame(rows, schema={**MEASURES.schema, "block": pl.String})
    table = summarise_along_layers(long)
    ALONG_LAYERS.check(table)
    first, second, of_layers = table.iter_rows(named=True)
    assert (first["layer_rho"], first["significant"]) == (pytest.approx(-0.3), 1.0)
    assert first["layer_rho_sd"] == pytest.approx(0.02**0.5)
    assert (second["networks"], second["defined"], second["significant"]) == (2, 1, 0.0)
    assert (first["gap"], second["value"]) == (pytest.approx(0.05), 4.0)
    assert (of_layers["measure"], of_layers["value"], of_layers["defined"]) == ("q", 0.5, 0)
    networks = FURTHER.frame([of | {"network": s, "rho": 0.1, "local_points": 9} for s in (0, 1)])
    row = summarise_measures(networks, long.filter(block="b", measure="m")).row(0, named=True)
    # Of three p values 0.01, 0.04, 0.9: corrected 0.03, 0.06, 0.9.
    assert row["layers_significant"] == pytest.approx(2 / 3)
    assert row["layers_corrected"] == pytest.approx(1 / 3)
