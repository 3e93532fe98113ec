import numpy as np
import polars as pl
import pytest
from scipy import stats

from ricci_flow.analysis.accuracy_link import within_cells
from ricci_flow.analysis.funnel import funnel, summarise
from ricci_flow.analysis.join import at_k_star, median_pairs
from ricci_flow.analysis.regression import design, regression
from ricci_flow.analysis.study import Measured, Settings, analyse
from ricci_flow.claims.ledger import claims_tables
from ricci_flow.claims.registry import chosen_claims

ARCHITECTURES = {"narrow_5": (5, "25"), "wide_5": (5, "50"), "narrow_7": (7, "25")}
THRESHOLDS = {"A": 0.5, "B": 0.5}
MEASURES = ("forman_directed", "forman_union")


def study(seed=0, networks=8):
    """Return the tables of a made-up study with two data sets and three architectures."""
    from ricci_flow.coefficients.tables import cell_table, network_table

    rng = np.random.default_rng(seed)
    tables = {name: [] for name in ("networks", "coefficients", "cells", "geometry", "ties")}
    for data_set in THRESHOLDS:
        for architecture, (depth, _) in ARCHITECTURES.items():
            names = {"data_set": data_set, "architecture": architecture, "condition": "trained"}
            accuracy = pl.DataFrame(
                [
                    names | {"network": s, "seed": s, "test_accuracy": rng.uniform(0.45, 1.0)}
                    for s in range(networks)
                ],
                schema_overrides={"network": pl.Int32},
            ).with_columns(
                test_loss=1 - pl.col("test_accuracy"),
                margin=pl.col("test_accuracy") ** 2,
                weight_norm=pl.col("network") + 20.0,
            )
            geometry = pl.DataFrame(
                [
                    names
                    | {"network": s, "layer": layer, "k": k, "measure": measure, "n": 40}
                    | {
                        "in_degree_variance": k / (1.0 + s + layer),
                        "curvature": rng.normal(),
                        "geodesic_mass": None if rng.random() < 0.01 else rng.normal(),
                    }
                    for s in range(networks)
                    for k in (4, 8)
                    for measure in MEASURES
                    for layer in range(1, depth + 1)
                ],
                schema_overrides={
                    "network": pl.Int32,
                    "k": pl.Int32,
                    "layer": pl.Int32,
                    "n": pl.Int32,
                },
            )
            tables["networks"].append(accuracy)
            tables["geometry"].append(geometry)
            tables["coefficients"].append(network_table(geometry, accuracy, 0.5, "t"))
            tables["cells"].append(cell_table(geometry, accuracy, 0.5))
            tables["ties"].append(pl.DataFrame([names | {"network": 0, "layer": 1}]))
    return {name: pl.concat(parts) for name, parts in tables.items()}


@pytest.fixture(scope="module")
def inputs():
    return study()


@pytest.fixture(scope="module")
def tables(inputs):
    analysis = analyse(Measured(**inputs), Settings(THRESHOLDS, ARCHITECTURES))
    return analysis.tables | claims_tables(analysis, chosen_claims())


def test_every_network_is_either_analysed_or_named_with_a_reason(tables):
    for measure in MEASURES:
        used = tables["networks"].filter(
            (pl.col("measure") == measure) & pl.col("kept") & pl.col("rho").is_not_null()
        )
        out = tables["excluded"].filter(pl.col("measure") == measure)
        assert len(out) > 0
        assert out["reason"].null_count() == 0
        keys = ["data_set", "architecture", "network"]
        named = pl.concat([used.select(keys), out.select(keys)])
        assert len(named) == len(named.unique()) == len(tables["accuracy"]) == 48


def test_funnel_against_a_literal_count(inputs, tables):
    accuracy = {
        (r["data_set"], r["architecture"], r["network"]): r["test_accuracy"]
        for r in inputs["networks"].iter_rows(named=True)
    }
    for measure in MEASURES:
        star = {
            (r["data_set"], r["architecture"]): r["k"]
            for r in inputs["cells"].iter_rows(named=True)
            if r["is_k_star"] and r["measure"] == measure
        }
        connected, negative = 0, 0
        for r in inputs["coefficients"].iter_rows(named=True):
            cell = (r["data_set"], r["architecture"])
            if r["measure"] != measure or r["k"] != star[cell]:
                continue
            if accuracy[(*cell, r["network"])] > 0.5 and r["rho"] is not None:
                connected += 1
                negative += r["rho"] < 0
        rows = tables["funnel"].filter(pl.col("measure") == measure)
        kept = sum(value > 0.5 for value in accuracy.values())
        assert rows["networks"].to_list() == [48, kept, connected, negative]
        assert rows["published"].to_list() == [None] * 4
    beside = funnel(
        tables["accuracy"], tables["networks"], ["forman_union"], {"connected at k*": 7}
    )
    assert beside["published"].to_list() == [None, None, 7, None]
    assert beside.drop("published").equals(rows.drop("published"))


def test_k_star_is_the_minimum_of_its_cell(inputs):
    stars = at_k_star(inputs["coefficients"], inputs["cells"])
    for (data_set, architecture, measure), rows in stars.group_by(
        "data_set", "architecture", "measure"
    ):
        cell = inputs["cells"].filter(
            (pl.col("data_set") == data_set)
            & (pl.col("architecture") == architecture)
            & (pl.col("measure") == measure)
        )
        assert rows["k"].unique().to_list() == [cell.sort("rho")["k"][0]]


def test_regression_against_the_normal_equations(tables):
    part = tables["networks"].filter(pl.col("measure") == "forman_directed")
    fit = regression(part, "rho", "trained", "forman_directed", 0.9)
    used = part.filter(pl.col("kept") & pl.col("rho").is_not_null())
    y = used["test_accuracy"].to_numpy()
    X = np.column_stack(
        [
            np.ones(len(used)),
            used["rho"],
            used["data_set"] == "B",
            used["width"] == "50",
            used["depth"] == 7,
        ]
    ).astype(float)
    inverse = np.linalg.inv(X.T @ X)
    beta = inverse @ X.T @ y
    residuals = y - X @ beta
    freedom = len(y) - X.shape[1]
    error = np.sqrt(residuals @ residuals / freedom * np.diag(inverse))
    assert fit["term"].to_list() == ["intercept", "rho", "data_set: B", "width: 50", "depth: 7"]
    assert fit["estimate"].to_numpy() == pytest.approx(beta)
    assert fit["standard_error"].to_numpy() == pytest.approx(error)
    assert fit["p"].to_numpy() == pytest.approx(2 * stats.t.sf(np.abs(beta / error), freedom))
    half = stats.t.ppf(0.95, freedom) * error
    assert fit["low"].to_numpy() == pytest.approx(beta - half)
    assert fit["high"].to_numpy() == pytest.approx(beta + half)
    assert set(fit["observations"]) == {len(used)}


def test_a_factor_spanned_by_another_is_left_out():
    table = pl.DataFrame(
        {
            "data_set": ["A", "B"] * 4,
            "width": ["25", "50"] * 4,
            "depth": [5] * 8,
            "rho": np.arange(8) ** 2 / 64,
        }
    )
    assert design(table, "rho").terms == ["intercept", "rho", "data_set: B"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"test_accuracy": pl.lit(1.0)}, "test_accuracy is constant"),
        ({"rho": pl.lit(0.3)}, "rho is constant"),
        ({"kept": pl.lit(False)}, "0 networks, fewer than 3"),
        (
            {"rho": None, "reason": pl.lit("3 layers, a coefficient needs 4")},
            "0 networks, fewer than 3 (3 layers, a coefficient needs 4)",
        ),
    ],
)
def test_no_fit_says_why(tables, change, reason):
    part = tables["networks"].filter(pl.col("measure") == "forman_union").with_columns(**change)
    fit = regression(part, "rho", "trained", "forman_union", 0.95)
    assert fit["reason"].to_list() == [reason]
    assert fit["t"].to_list() == [None]


def test_within_cells_against_ranks(tables):
    row = within_cells(tables["networks"]).row(0, named=True)
    cell = tables["networks"].filter(
        (pl.col("data_set") == row["data_set"])
        & (pl.col("architecture") == row["architecture"])
        & (pl.col("measure") == row["measure"])
        & pl.col("kept")
        & pl.col("rho").is_not_null()
    )
    ranks = [stats.rankdata(cell[name].to_numpy()) for name in ("rho", "test_accuracy")]
    assert row["networks"] == len(cell)
    assert row["spearman"] == pytest.approx(np.corrcoef(*ranks)[0, 1])
    unfiltered = within_cells(tables["networks"], kept_only=False).row(0, named=True)
    assert unfiltered["networks"] > row["networks"]


def test_cells_of_a_condition_are_one_family(tables):
    from statsmodels.stats.multitest import multipletests

    part = within_cells(tables["networks"]).filter(pl.col("measure") == "forman_directed")
    tested = part.drop_nulls("p")
    assert len(tested) > 2
    assert set(part["family"]) == {"cells, trained, forman_directed"}
    for name, method in (("p_holm", "holm"), ("p_benjamini_hochberg", "fdr_bh")):
        expected = multipletests(tested["p"].to_numpy(), method=method)[1]
        assert tested[name].to_numpy() == pytest.approx(expected)


def test_at_a_fixed_k_network_by_network(inputs, tables):
    """Nulls and claims at the k nearest to a tenth of the points, counted literally."""
    accuracy = {
        (row["data_set"], row["architecture"], row["network"]): row["kept"]
        for row in tables["accuracy"].iter_rows(named=True)
    }
    n = dict(inputs["geometry"].select("data_set", "n").unique().iter_rows())
    below, orders, by_cell = [], [], {}
    for row in inputs["coefficients"].filter(measure="forman_union").iter_rows(named=True):
        cell = (row["data_set"], row["architecture"])
        grid = inputs["cells"].filter(data_set=cell[0], architecture=cell[1])["k"].unique().sort()
        fixed = min(grid, key=lambda k: abs(k - round(0.1 * n[cell[0]])))
        if row["k"] == fixed and row["rho"] is not None and accuracy[*cell, row["network"]]:
            below.append(row["rho"] < 0)
            orders.append((ARCHITECTURES[cell[1]], row["p_orders"] <= 0.05))
            by_cell.setdefault(cell, []).append((row["rho"], row["p_orders"] <= 0.05))
    claims = tables["claims"].filter(measure="forman_union", claim=5)
    row = claims.filter(quantity="networks with a negative coefficient at a tenth of n")
    assert row.select("hits", "of").row(0) == (sum(below), len(below))
    nulls = tables["nulls"].filter(measure="forman_union", depth=7).row(0, named=True)
    deep = [hit for (depth, _), hit in orders if depth == 7]
    assert nulls["fixed_networks"] == len(deep)
    assert nulls["fixed_significant_orders"] == pytest.approx(np.mean(deep))
    table = tables["fixed_k"].filter(measure="forman_union")
    for cell, found in by_cell.items():
        (row,) = table.filter(data_set=cell[0], architecture=cell[1]).rows(named=True)
        rho, hits = zip(*found, strict=True)
        assert (row["networks"], row["rho"]) == (len(rho), pytest.approx(np.median(rho)))
        for name, count in (("negative", sum(r < 0 for r in rho)), ("significant", sum(hits))):
            exact = stats.binomtest(count, len(rho)).proportion_ci(0.95, "exact")
            shown = [row[f"{name}{end}"] for end in ("", "_low", "_high")]
            assert shown == pytest.approx([count / len(rho), *exact])
    curves = tables["k_curves"].filter(pl.col("fixed"), measure="forman_union")["rho"].drop_nulls()
    claims = tables["claims"].filter(measure="forman_union", claim=1)
    row = claims.filter(quantity="cells with a negative aggregated coefficient at a tenth of n")
    assert row.select("hits", "of").row(0) == (sum(curves < 0), len(curves))


def test_pairs_are_those_of_the_median_network(inputs, tables):
    stars = tables["networks"].filter(pl.col("kept") & pl.col("rho").is_not_null())
    pairs = median_pairs(inputs["geometry"], tables["networks"])
    keys = ["data_set", "architecture", "measure"]
    for key, rows in pairs.group_by(keys):
        cell = stars
        for name, value in zip(keys, key, strict=True):
            cell = cell.filter(pl.col(name) == value)
        ordered = sorted(cell["rho"])
        assert rows["rho"].unique().to_list() == [ordered[(len(ordered) - 1) // 2]]
        r = stats.pearsonr(rows["eta"].to_numpy(), rows["curvature"].to_numpy()).statistic
        assert r == pytest.approx(rows["rho"][0])


def test_layers_average_the_networks_that_are_analysed(inputs, tables):
    row = tables["layers"].row(0, named=True)
    networks = tables["networks"].filter(
        (pl.col("data_set") == row["data_set"])
        & (pl.col("architecture") == row["architecture"])
        & (pl.col("measure") == row["measure"])
        & pl.col("kept")
        & pl.col("rho").is_not_null()
    )["network"]
    values = (
        inputs["geometry"]
        .filter(
            (pl.col("data_set") == row["data_set"])
            & (pl.col("architecture") == row["architecture"])
            & (pl.col("measure") == row["measure"])
            & (pl.col("k") == row["k"])
            & (pl.col("layer") == row["layer"])
            & pl.col("network").is_in(networks.to_list())
        )["curvature"]
        .to_numpy()
    )
    assert row["networks"] == len(values)
    assert row["curvature"] == pytest.approx(values.mean())
    assert row["curvature_sd"] == pytest.approx(values.std(ddof=1))


def test_summary_repeats_the_tables(tables):
    summary = summarise(tables, "s", "trained", "forman_directed", 8, 8)
    funnel = tables["funnel"].filter(pl.col("measure") == "forman_directed")["networks"].to_list()
    assert [
        summary[key] for key in ("networks_trained", "kept", "connected_at_k_star", "negative")
    ] == funnel
    assert summary["negative_share"] == funnel[3] / funnel[2]
    assert summary["cells"] == 6
    fit = tables["regression"].filter(
        (pl.col("measure") == "forman_directed") & (pl.col("coefficient") == "z_printed")
    )
    assert summary["regression"]["t"] == fit["t"][1]


def test_a_study_where_nothing_is_kept_has_tables_with_reasons(inputs):
    from ricci_flow.coefficients.tables import cell_table, network_table

    coefficients, cells = [], []
    for _, accuracy in inputs["networks"].group_by(
        "data_set", "architecture", "condition", maintain_order=True
    ):
        geometry = inputs["geometry"].join(
            accuracy.select("data_set", "architecture"), on=["data_set", "architecture"], how="semi"
        )
        coefficients.append(network_table(geometry, accuracy, 2.0, "t"))
        cells.append(cell_table(geometry, accuracy, 2.0))
    inputs = inputs | {"coefficients": pl.concat(coefficients), "cells": pl.concat(cells)}
    settings = Settings(dict.fromkeys(THRESHOLDS, 2.0), ARCHITECTURES)
    tables = analyse(Measured(**inputs), settings).tables
    assert len(tables["excluded"]) == 2 * 48
    summary = summarise(tables, "s", "trained", "forman_directed", 8, 8)
    assert (summary["kept"], summary["negative_share"]) == (0, None)
    assert summary["regression"]["reason"]


def test_nulls_average_the_networks_that_are_analysed(tables):
    for row in tables["nulls"].iter_rows(named=True):
        part = tables["networks"].filter(
            (pl.col("measure") == row["measure"])
            & (pl.col("depth") == row["depth"])
            & pl.col("kept")
            & pl.col("rho").is_not_null()
        )
        assert row["networks"] == len(part)
        assert row["rho"] == pytest.approx(np.mean(part["rho"].to_numpy()))
        assert row["negative"] == np.mean(part["rho"].to_numpy() < 0)
        assert row["significant_orders"] == np.mean(part["p_orders"].to_numpy() <= 0.05)
        assert row["coupling"] == pytest.approx(np.median(part["coupling"].to_numpy()))
    assert tables["nulls"]["networks"].sum() == len(
        tables["networks"].filter(pl.col("kept") & pl.col("rho").is_not_null())
    )
