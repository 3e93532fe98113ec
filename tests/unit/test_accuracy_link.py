import numpy as np
import polars as pl
import pytest
from scipy import stats

from ricci_flow.statistics.accuracy_link import PRIMARY, accuracy_link, logit, meta_analysis
from ricci_flow.statistics.regression import within_cells

POINTS = {"A": 1000, "B": 500, "C": 800}


def study(seed, within=0.0, between=0.0, networks=30):
    """Networks of 9 cells; accuracy follows z inside the cells and between them as told."""
    rng = np.random.default_rng(seed)
    rows = []
    for d in POINTS:
        for width in ("25", "50", "50/25/50"):
            level = rng.normal()
            for _ in range(networks):
                own = rng.normal()
                noise = rng.normal()
                rows.append(
                    {"data_set": d, "architecture": width, "width": width, "depth": 5}
                    | {"condition": "trained", "convention": "directed", "kept": True}
                    | {"z_printed": 0.3 * level + 0.1 * own, "rho": 0.3 * level + 0.1 * own}
                    | {"test_accuracy": 0.9 + 0.01 * (between * level + within * own + noise)}
                )
    return pl.DataFrame(rows)


def link(table):
    rows = accuracy_link(table, within_cells(table), POINTS, 0.95).to_dicts()
    return {row["method"]: row for row in rows}


def test_methods_are_what_statsmodels_formulas_give():
    import statsmodels.formula.api as smf

    table = study(0, within=-0.5)
    frame = {name: table[name].to_list() for name in table.columns}
    import pandas as pd

    frame = pd.DataFrame(frame)
    frame["cell"] = frame["data_set"] + frame["architecture"]
    model = smf.ols("test_accuracy ~ z_printed + C(data_set) + C(width)", frame)
    found = link(table)
    plain = model.fit()
    assert found["least squares (the paper's)"]["estimate"] == pytest.approx(
        plain.params["z_printed"]
    )
    assert found["least squares (the paper's)"]["p"] == pytest.approx(plain.pvalues["z_printed"])
    robust = model.fit(
        cov_type="cluster", cov_kwds={"groups": frame["cell"].astype("category").cat.codes}
    )
    row = found["least squares, errors clustered by cell"]
    assert row["p"] == pytest.approx(robust.pvalues["z_printed"])
    assert row["low"] == pytest.approx(robust.conf_int().loc["z_printed", 0])
    mixed = smf.mixedlm("test_accuracy ~ z_printed", frame, groups=frame["cell"]).fit()
    row = found["mixed model, an intercept for every cell"]
    assert row["estimate"] == pytest.approx(mixed.params["z_printed"], rel=1e-4)


def test_meta_analysis_by_hand():
    r, n = np.array([-0.5, -0.1, 0.2, -0.4]), np.array([30, 20, 36, 10])
    z, v = np.arctanh(r), 1.06 / (n - 3)
    w = 1 / v
    fixed = (w * z).sum() / w.sum()
    q = (w * (z - fixed) ** 2).sum()
    tau = max(0.0, (q - 3) / (w.sum() - (w**2).sum() / w.sum()))
    w = 1 / (v + tau)
    mean, error = (w * z).sum() / w.sum(), np.sqrt(1 / w.sum())
    estimate, low, high, p = meta_analysis(r, n, 0.9)
    assert estimate == pytest.approx(np.tanh(mean))
    assert (low, high) == pytest.approx(
        tuple(np.tanh(mean + np.array([-1, 1]) * 1.6448536 * error))
    )
    assert p == pytest.approx(2 * stats.norm.sf(abs(mean) / error))


def test_simpson_does_not_deceive_the_primary_method():
    """Accuracy falls with z between cells and rises with it inside them."""
    found = link(study(1, within=0.8, between=-3.0))
    assert found[PRIMARY]["low"] > 0


def test_no_link_is_found_at_the_stated_rate():
    hits = sum(link(study(seed, networks=12))[PRIMARY]["p"] <= 0.05 for seed in range(60))
    # Binomial(60, 0.05) exceeds 9 with probability 1e-3.
    assert hits <= 9


def test_a_link_is_found():
    assert all(link(study(seed, within=-0.6))[PRIMARY]["high"] < 0 for seed in range(5))


def test_corrections_are_ordered():
    rows = link(study(2, within=-0.2)).values()
    for row in rows:
        assert row["p"] <= row["p_benjamini_hochberg"] <= row["p_holm"] <= 1
    assert sum(row["primary"] for row in rows) == 1


def test_too_little_says_why():
    one = study(0).filter(pl.col("data_set") == "A", pl.col("width") == "25")
    assert all(row["reason"] == "cells: 1, fewer than 2" for row in link(one).values())
    flat = study(0).with_columns(test_accuracy=pl.lit(1.0))
    found = link(flat)
    assert found["least squares (the paper's)"]["reason"] == "test_accuracy is constant"
    assert found[PRIMARY]["reason"] == "cells: 0, fewer than 2"


def test_logit_is_finite_at_the_ends():
    values = logit(np.array([0.0, 0.5, 1.0]), np.array([10.0, 10.0, 10.0]))
    assert values == pytest.approx([-np.log(21), 0, np.log(21)])
