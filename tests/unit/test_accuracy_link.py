import numpy as np
import polars as pl
import pytest

from ricci_flow.analysis.accuracy_link import (
    ALL_NETWORKS,
    PRIMARY,
    RESAMPLED_META,
    RESAMPLED_SLOPE,
    accuracy_link,
    within_cells,
)
from ricci_flow.analysis.inference import NoFit, meta_analysis, outcome
from ricci_flow.analysis.regression import logit
from ricci_flow.analysis.resampling import LEAST_RESAMPLED

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
                    | {"condition": "trained", "measure": "forman_directed", "kept": True}
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
    assert found["ols"]["estimate"] == pytest.approx(plain.params["z_printed"])
    assert found["ols"]["p"] == pytest.approx(plain.pvalues["z_printed"])
    robust = model.fit(
        cov_type="cluster", cov_kwds={"groups": frame["cell"].astype("category").cat.codes}
    )
    row = found["ols_clustered"]
    assert row["p"] == pytest.approx(robust.pvalues["z_printed"])
    assert row["low"] == pytest.approx(robust.conf_int().loc["z_printed", 0])
    mixed = smf.mixedlm("test_accuracy ~ z_printed", frame, groups=frame["cell"]).fit()
    row = found["mixed"]
    assert row["estimate"] == pytest.approx(mixed.params["z_printed"], rel=1e-4)


def test_simpson_does_not_deceive_the_primary_method():
    """Accuracy falls with z between cells and rises with it inside them."""
    found = link(study(1, within=0.8, between=-3.0))
    assert found[PRIMARY]["low"] > 0
    assert found[RESAMPLED_META]["low"] > 0
    assert found["ols"]["estimate"] < 0


def test_the_bootstrap_stands_beside_what_it_resamples():
    found = link(study(4, within=-0.4))
    for name, method in (
        (RESAMPLED_META, PRIMARY),
        (RESAMPLED_SLOPE, "ols"),
    ):
        assert found[name]["estimate"] == pytest.approx(found[method]["estimate"])
        assert found[name]["networks"] == found[method]["networks"]
        for side in ("low", "high"):
            reach = abs(found[method]["high"] - found[method]["low"])
            assert found[name][side] == pytest.approx(found[method][side], abs=0.2 * reach)
    table = study(4, within=-0.4)
    assert link(table) == found
    other = accuracy_link(table, within_cells(table), POINTS, 0.95, "another").to_dicts()
    assert {row["method"]: row["low"] for row in other}[RESAMPLED_META] != pytest.approx(
        found[RESAMPLED_META]["low"], abs=1e-9
    )


def test_networks_below_the_threshold_have_methods_of_their_own():
    """Kept by accuracy, the link inside the cells is weakened; over all networks it is whole."""
    import statsmodels.api as sm
    from scipy import stats

    table = study(7, within=-1.0).with_columns(kept=pl.col("test_accuracy") > 0.9)
    found = link(table)
    for method, networks in ((PRIMARY, table.filter("kept")), (ALL_NETWORKS, table)):
        cells = [
            (stats.spearmanr(cell["rho"], cell["test_accuracy"]).statistic, len(cell))
            for _, cell in networks.group_by("data_set", "architecture", maintain_order=True)
        ]
        expected = meta_analysis(*map(np.array, zip(*cells, strict=True)), 0.95)
        assert tuple(found[method][n] for n in ("estimate", "low", "high", "p")) == pytest.approx(
            expected
        )
        assert found[method]["networks"] == len(networks)
    assert found[ALL_NETWORKS]["estimate"] < found[PRIMARY]["estimate"]
    # On the logit, kept and all, against statsmodels with dummies made by hand.
    for method, networks in (
        ("logit", table.filter("kept")),
        ("logit_all", table),
    ):
        n = np.array([POINTS[name] for name in networks["data_set"]], dtype=float)
        right = networks["test_accuracy"].to_numpy() * n
        columns = [np.ones(len(networks)), networks["z_printed"].to_numpy()]
        for name, level in (("data_set", "B"), ("data_set", "C"), ("width", "50"),
                            ("width", "50/25/50")):  # fmt: skip
            columns.append((networks[name] == level).to_numpy().astype(float))
        cells = (networks["data_set"] + networks["width"]).rank("dense").to_numpy()
        model = sm.OLS(np.log((right + 0.5) / (n - right + 0.5)), np.column_stack(columns))
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": cells})
        assert found[method]["estimate"] == pytest.approx(fit.params[1])
        assert found[method]["p"] == pytest.approx(fit.pvalues[1])


def test_a_fit_that_does_not_converge_says_so(monkeypatch):
    import statsmodels.api as sm

    real = sm.MixedLM.fit

    def once(model, *arguments, **options):
        return real(model, *arguments, **options, maxiter=1, method="cg")

    monkeypatch.setattr(sm.MixedLM, "fit", once)
    row = link(study(0, within=-0.5))["mixed"]
    assert row["estimate"] is None
    assert row["reason"] == "the fit did not converge"

    def singular(*_, **__):
        np.linalg.inv(np.zeros((2, 2)))

    monkeypatch.setattr(sm.MixedLM, "fit", singular)
    row = link(study(0, within=-0.5))["mixed"]
    assert row["reason"] == "the fit met a singular matrix"

    def never():
        raise NoFit("why")

    assert outcome(never, None) == {"reason": "why"}


def test_small_cells_are_not_resampled():
    found = link(study(5, networks=LEAST_RESAMPLED - 1))
    assert found[PRIMARY]["reason"] is None
    assert found[RESAMPLED_META]["reason"] == "cells of 6 or more networks: 0, fewer than 2"


def test_networks_without_an_accuracy_are_left_out_and_a_condition_without_any_says_so():
    table = study(6)
    some = table.with_columns(
        test_accuracy=pl.when(pl.int_range(pl.len()) % 3 > 0).then("test_accuracy")
    )
    rest = some.filter(pl.col("test_accuracy").is_not_null())
    assert link(some) == link(rest)
    nothing = table.with_columns(test_accuracy=pl.lit(None, pl.Float64))
    assert {row["reason"] for row in link(nothing).values()} == {
        "networks of this condition have no test accuracy"
    }


def primary(table):
    cells = within_cells(table)
    return meta_analysis(cells["spearman"].to_numpy(), cells["networks"].to_numpy(), 0.95)


def test_no_link_is_found_at_the_stated_rate():
    hits = sum(primary(study(seed, networks=12))[3] <= 0.05 for seed in range(60))
    # Binomial(60, 0.05) exceeds 9 with probability 1e-3.
    assert hits <= 9


def test_a_link_is_found():
    assert all(primary(study(seed, within=-0.6))[2] < 0 for seed in range(5))


def test_corrections_are_ordered():
    found = link(study(2, within=-0.2))
    assert tuple(found[PRIMARY][name] for name in ("estimate", "low", "high", "p")) == (
        pytest.approx(primary(study(2, within=-0.2)))
    )
    rows = found.values()
    for row in rows:
        assert row["p"] <= row["p_benjamini_hochberg"] <= row["p_holm"] <= 1
        assert row["family"] == "methods, trained, forman_directed"
    assert sum(row["primary"] for row in rows) == 1


def test_too_little_says_why():
    one = study(0).filter(pl.col("data_set") == "A", pl.col("width") == "25")
    of = {RESAMPLED_META: " of 6 or more networks"}
    for method, row in link(one).items():
        assert row["reason"] == f"cells{of.get(method, '')}: 1, fewer than 2"
    flat = study(0).with_columns(test_accuracy=pl.lit(1.0))
    found = link(flat)
    assert found["ols"]["reason"] == "test_accuracy is constant"
    assert found[PRIMARY]["reason"] == "cells: 0, fewer than 2"


def test_logit_is_finite_at_the_ends():
    values = logit(np.array([0.0, 0.5, 1.0]), np.array([10.0, 10.0, 10.0]))
    assert values == pytest.approx([-np.log(21), 0, np.log(21)])
