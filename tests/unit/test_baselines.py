"""The baselines against scipy and statsmodels, and against simulated studies of known truth."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from ricci_flow.analysis.baselines import (
    ALONE,
    BASELINES,
    PARTIAL,
    SLOPE,
    baselines,
    correlations,
    with_baselines,
)
from ricci_flow.analysis.inference import meta_analysis

KEYS = ["data_set", "architecture"]


def study(seed, networks=20, margin=0.0, z=0.0, shared=0.0, between=0.0):
    """Networks of 9 cells; inside them accuracy follows margin and z, which share a part.

    between: how accuracy and margin move together, in opposite senses, from cell to cell.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for d in "ABC":
        for width in ("25", "50", "50/25/50"):
            level = rng.normal()
            for _ in range(networks):
                common, own = rng.normal(size=2)
                x = common
                y = shared * common + np.sqrt(1 - shared**2) * own
                rows.append(
                    {"data_set": d, "architecture": width, "width": width, "depth": 5}
                    | {"condition": "trained", "measure": "forman_directed", "kept": True}
                    | {"z_printed": y, "margin": x + 3 * between * level}
                    | {"test_accuracy": margin * x + z * y - 3 * between * level + rng.normal()}
                    | {name: rng.normal() for name in BASELINES if name != "margin"}
                )
    return pl.DataFrame(rows)


def judged(table):
    rows = baselines(table, 0.95).to_dicts()
    return {(row["quantity"], row["predictor"]): row for row in rows}


def test_correlations_against_scipy():
    table = study(0, margin=0.5)
    found = judged(table)
    for name in ("z_printed", *BASELINES):
        r = [
            stats.spearmanr(cell[name], cell["test_accuracy"]).statistic
            for _, cell in table.group_by(KEYS, maintain_order=True)
        ]
        row = found[ALONE, name]
        expected = meta_analysis(np.array(r), np.full(9, 20), 0.95)
        assert tuple(row[key] for key in ("estimate", "low", "high", "p")) == pytest.approx(
            expected
        )
        assert (row["networks"], row["cells"], row["reason"]) == (180, 9, None)


def test_a_partial_correlation_is_that_of_the_residuals_of_ranks():
    table = study(1, margin=0.5, shared=0.6)
    values, sizes, networks = correlations(table, "margin", partial=True)
    assert (sizes == 19).all()
    assert (networks == 20).all()
    for (_, cell), value in zip(table.group_by(KEYS, maintain_order=True), values, strict=True):
        ranks = {
            name: stats.rankdata(cell[name]) for name in ("test_accuracy", "z_printed", "margin")
        }
        rest = [
            ranks[name] - np.polyval(np.polyfit(ranks["margin"], ranks[name], 1), ranks["margin"])
            for name in ("test_accuracy", "z_printed")
        ]
        assert value == pytest.approx(stats.pearsonr(*rest).statistic)


def test_the_slope_is_that_of_a_formula():
    table = study(2, margin=0.5, shared=0.6, z=0.3)
    frame = pd.DataFrame({name: table[name].to_list() for name in table.columns})
    frame["cell"] = (frame["data_set"] + frame["architecture"]).astype("category").cat.codes
    model = smf.ols("test_accuracy ~ z_printed + margin + C(data_set) + C(width)", frame)
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": frame["cell"]})
    row = judged(table)[SLOPE, "margin"]
    assert row["estimate"] == pytest.approx(fit.params["z_printed"])
    assert row["p"] == pytest.approx(fit.pvalues["z_printed"])
    assert (row["low"], row["high"]) == pytest.approx(tuple(fit.conf_int().loc["z_printed"]))


def test_what_a_baseline_explains_is_not_the_coefficients():
    """Accuracy follows margin alone; z goes with accuracy only because it goes with margin."""
    for seed in range(3):
        found = judged(study(seed, networks=36, margin=1.0, shared=0.7))
        assert found[ALONE, "z_printed"]["low"] > 0.2
        assert found[ALONE, "margin"]["low"] > 0.2
        assert abs(found[PARTIAL, "margin"]["estimate"]) < 0.15  # 4 standard errors
        assert found[PARTIAL, "weight_norm"]["low"] > 0.2


def test_what_the_coefficient_adds_stays():
    found = judged(study(3, networks=36, margin=1.0, z=1.0, shared=0.5))
    assert all(found[PARTIAL, name]["low"] > 0 for name in BASELINES)
    assert all(found[SLOPE, name]["low"] > 0 for name in BASELINES)


def test_simpson_is_seen_inside_the_cells():
    table = study(4, margin=0.8, between=1.0)
    assert stats.spearmanr(table["margin"], table["test_accuracy"]).statistic < -0.3
    assert judged(table)[ALONE, "margin"]["low"] > 0.2


def test_nothing_is_found_in_noise_at_the_stated_rate():
    hits = [0, 0]
    for seed in range(60):
        table = study([9, seed], networks=12)
        for partial in (False, True):
            values, sizes, _ = correlations(table, "margin", partial=partial)
            hits[partial] += meta_analysis(values, sizes, 0.95)[3] <= 0.05
    assert max(hits) <= 9  # Binomial(60, 0.05): 1e-3 above


def test_corrections_run_over_the_predictors_of_one_quantity():
    found = judged(study(5))
    families = {}
    for (quantity, _), row in found.items():
        families.setdefault(row["family"], []).append(row)
        assert row["family"] == f"{quantity}, trained, forman_directed"
    assert sorted(len(rows) for rows in families.values()) == [5, 5, 6]
    for rows in families.values():
        least = min(rows, key=lambda row: row["p"])
        assert least["p_holm"] == pytest.approx(min(1, least["p"] * len(rows)))


def test_what_is_missing_is_said():
    table = study(6, networks=5)
    gone = table.with_columns(margin=pl.lit(None, pl.Float64))
    assert judged(gone)[ALONE, "margin"]["reason"] == "no network has a margin"
    assert judged(gone)[ALONE, "test_loss"]["reason"] is None
    gone = table.with_columns(test_accuracy=pl.lit(None, pl.Float64))
    assert {row["reason"] for row in judged(gone).values()} == {
        "networks of this condition have no test accuracy"
    }
    flat = table.with_columns(margin=pl.lit(1.0))
    assert judged(flat)[ALONE, "margin"]["reason"] == "cells: 0, fewer than 2"
    assert judged(flat)[SLOPE, "margin"]["reason"] == "margin is constant"
    few = table.group_by(KEYS, maintain_order=True).head(4)
    assert judged(few)[ALONE, "margin"]["cells"] == 9
    assert judged(few)[PARTIAL, "margin"]["reason"] == "cells: 0, fewer than 2"


def test_a_value_that_is_not_finite_leaves_that_network_out_of_that_predictor():
    table = study(7)
    first = pl.int_range(pl.len()) == 0
    broken = table.with_columns(test_loss=pl.when(first).then(float("inf")).otherwise("test_loss"))
    found = judged(broken)
    assert found[ALONE, "test_loss"]["networks"] == 179
    assert found[ALONE, "test_loss"]["estimate"] == pytest.approx(
        judged(table[1:])[ALONE, "test_loss"]["estimate"]
    )
    assert found[ALONE, "margin"]["networks"] == 180


def test_in_degree_variance_is_that_of_k_star_in_units_of_k():
    names = {"data_set": "A", "architecture": "a", "condition": "trained"}
    variance = {0: [4.0, 9.0, 2.0], 1: [1.0, 1.0, 7.0]}
    geometry = pl.DataFrame(
        [
            names
            | {"network": s, "measure": "forman_union", "k": k, "layer": layer}
            | {"in_degree_variance": value * (1 if k == 5 else 100)}
            for s, values in variance.items()
            for k in (5, 8)
            for layer, value in reversed(list(enumerate(values, 1)))
        ]
    )
    networks = pl.DataFrame(
        [names | {"network": s, "measure": "forman_union", "k": 5} for s in (1, 0)]
    )
    accuracy = pl.DataFrame(
        [
            names | {"network": s, "margin": 10.0 + s, "test_loss": 0.1 * s, "weight_norm": 3.0}
            for s in (0, 1)
        ]
    )
    found = with_baselines(networks, accuracy, geometry)
    assert found["network"].to_list() == [1, 0]
    assert found["in_degree_variance"].to_list() == pytest.approx([9 / 75, 15 / 75])
    assert found["in_degree_variance_change"].to_list() == pytest.approx([6 / 25, -2 / 25])
    assert found["margin"].to_list() == [11.0, 10.0]
