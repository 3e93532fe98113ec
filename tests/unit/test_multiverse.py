"""All choices: policies against a transcription of released code, verdicts against counting."""

import itertools
from dataclasses import replace

import networkx as nx
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from ricci_flow.claims.ledger import ledger_table
from ricci_flow.claims.verdicts import AS_COUNTED, REPRODUCED, UNDECIDED
from ricci_flow.multiverse.choices import OPTIONS, Multiverse, Option, specifications
from ricci_flow.multiverse.judge import Choices, Recipe, specifications_table
from ricci_flow.multiverse.series import series_table
from ricci_flow.multiverse.sources import Flow
from ricci_flow.multiverse.summary import (
    DEPENDS,
    IN_MOST,
    IN_NEARLY_ALL,
    explained,
    verdicts_tables,
)
from ricci_flow.tables.measures import MEASURES
from tests.fixtures.simulated_ledger import CLAIMS, GROUPS, flow, nothing, study
from tests.unit.clouds import clouds, digraph, literal_neighbours
from tests.unit.measuring import measure_points


def hop_matrix(points, k):
    """Hop distances of the union graph, inf between components, as R's igraph gives them."""
    graph = digraph(literal_neighbours(points, k)).to_undirected()
    hops = np.full((len(points), len(points)), np.inf)
    for i, row in nx.all_pairs_shortest_path_length(graph):
        for j, distance in row.items():
            hops[i, j] = distance
    return hops


def partition(hops):
    return frozenset(frozenset(np.flatnonzero(np.isfinite(row)).tolist()) for row in hops)


@settings(max_examples=60, deadline=None)
@given(clouds(max_points=15))
def test_mass_within_pieces_is_that_of_networkx(cloud):
    points, k = cloud
    found = measure_points(points, [k], ["pieces", "largest_component"])
    hops = hop_matrix(points, k)
    assert found["pieces", k].mass == hops[np.isfinite(hops)].sum() / 2
    assert found["pieces", k].curvature == found["knn", k].curvature
    assert found["pieces", k].left_out == 0


def layer_rows(matrices, kinds=("pieces", "pieces_input"), k=2):
    """Rows of measures choices.parquet of one network, from hop matrices; the first: the input."""
    numbers = {}
    rows = []
    for setting in kinds:
        begin = 0 if setting.endswith("_input") else 1
        for layer in range(begin, len(matrices)):
            hops = matrices[layer]
            pieces = numbers.setdefault(partition(hops), len(numbers))
            rows.append(
                {
                    **{"data_set": "d", "architecture": "a", "condition": "c", "network": 0},
                    **{"setting": setting, "k": k, "measure": "forman_union", "scope": "edge"},
                    **{"layer": layer, "n": len(hops), "partition": pieces},
                    "connected": bool(np.isfinite(hops).all()),
                    "geodesic_mass": hops[np.isfinite(hops)].sum() / 2,
                    "value": float(layer % 3),
                }
            )
    return MEASURES.frame(rows)


def released(matrices):
    """Eta as in the released R: sum(D[[l + 1]] - D[[l]], na.rm = TRUE), each pair of points twice.

    Input to first layer, and so on; the network is dropped where one is not finite.
    """
    eta = []
    with np.errstate(invalid="ignore"):
        for before, after in itertools.pairwise(matrices):
            change = after - before
            eta.append(change[~np.isnan(change)].sum() / 2)
    return eta if np.isfinite(eta).all() else None


def test_released_policy_excludes_and_sums_as_the_released_code():
    generator = np.random.default_rng(5)
    kept = dropped = within_pieces = 0
    asked = Multiverse(policies=("exclude", "released", "pieces"), layers=("hidden",))
    for trial in range(90):
        together = [0.0] * 5, [30.0] * 5, 30.0 * generator.integers(2, size=5)
        layers = [
            np.repeat([0.0, gap], 6)[:, None] + generator.normal(size=(12, 2))
            for gap in together[trial % 3]
        ]
        matrices = [hop_matrix(points, 4) for points in layers]
        table = series_table(layer_rows(matrices), asked, "seed", orders=False)
        mass = {
            row["policy"]: [value["geodesic_mass"] for value in row["series"]]
            for row in table.to_dicts()
        }
        expected = released(matrices)
        if expected is None:
            dropped += 1
            assert mass["released"] == [None] * 4
        else:
            kept += 1
            within_pieces += not np.isfinite(matrices[1]).all()
            assert np.diff(mass["released"]).tolist() == expected[1:]
        for found, hops in zip(mass["exclude"], matrices[1:], strict=True):
            assert found == (hops.sum() / 2 if np.isfinite(hops).all() else None)
        assert mass["pieces"] == [h[np.isfinite(h)].sum() / 2 for h in matrices[1:]]
    assert min(kept, dropped, within_pieces) > 20


def test_a_disconnected_input_excludes_under_the_released_rule_alone():
    generator = np.random.default_rng(1)
    near = [hop_matrix(generator.normal(size=(12, 2)), 6) for _ in range(4)]
    apart = hop_matrix(np.repeat([0.0, 99.0], 6)[:, None] + generator.normal(size=(12, 2)), 3)
    assert all(np.isfinite(hops).all() for hops in near)
    assert not np.isfinite(apart).all()
    asked = Multiverse(policies=("exclude", "released"), layers=("hidden", "with_input"))
    table = series_table(layer_rows([apart, *near]), asked, "seed", orders=True)
    found = {(row["policy"], row["layers"]): row for row in table.to_dicts()}
    assert [v["geodesic_mass"] for v in found["released", "hidden"]["series"]] == [None] * 4
    assert found["released", "hidden"]["null_negative"] is None
    assert found["exclude", "hidden"]["null_negative"] is not None
    assert found["exclude", "with_input"]["series"][0]["geodesic_mass"] is None
    assert len(found["exclude", "with_input"]["series"]) == 5


def test_layers_that_a_network_lacks_make_no_series():
    generator = np.random.default_rng(2)
    near = [hop_matrix(generator.normal(size=(12, 2)), 6) for _ in range(5)]
    table = series_table(layer_rows(near, ["pieces"]), Multiverse(), "seed", orders=False)
    assert set(table.select("policy", "layers").rows()) == {
        ("exclude", "hidden"),
        ("pieces", "hidden"),
    }


# Simulated studies, whose truth is known.
PLAUSIBLE = Option("yes", "a reason")
WRONG = Option("no", "a reason", plausible=False)
POLICIES = ("exclude", "released", "pieces")


def options(**others):
    found = {
        "recipe": {"one": PLAUSIBLE},
        "data": {"all": PLAUSIBLE},
        "measure": {"forman_directed": PLAUSIBLE},
        "policy": {"exclude": PLAUSIBLE, "released": PLAUSIBLE, "pieces": WRONG},
        "k": {name: PLAUSIBLE for name in OPTIONS["k"]},
        "layers": {"hidden": PLAUSIBLE, "with_input": PLAUSIBLE},
        "threshold": {"above": PLAUSIBLE, "all": WRONG},
    }
    return found | others


def choices(**others):
    recipes = {"one": Recipe("trained", ["untrained"])}
    return Choices(options(**others), recipes, {"all": list(GROUPS)}, group_names())


def group_names():
    return {name: "synthetic" if g == "synthetic" else "images" for name, g in GROUPS.items()}


def jittered(cells, generator):
    """The same study measured a little differently."""
    return {
        key: {
            name: replace(cell, mass=cell.mass + 0.05 * generator.normal(size=cell.mass.shape))
            for name, cell in group.items()
        }
        for key, group in cells.items()
    }


def judged(makers, name, claims=CLAIMS, **others):
    evidence = study(makers, name)
    generator = np.random.default_rng(3)
    cells = {
        ("forman_directed", policy, layers): jittered(evidence.cells, generator)
        if (policy, layers) != ("exclude", "hidden")
        else evidence.cells
        for policy in POLICIES
        for layers in ("hidden", "with_input")
    }
    made = choices(**others)
    if "k" in others:
        claims = [replace(c, choices_of_k=tuple(others["k"])) for c in claims]
    measured = Flow(cells, list(made.options["k"]))
    return specifications_table(measured, made, claims, 0.95, evidence.seed_name), evidence


@pytest.fixture(scope="module")
def true_effect():
    return judged({"trained": flow, "untrained": nothing}, "multiverse flow")


@pytest.fixture(scope="module")
def no_effect():
    return judged({"trained": nothing, "untrained": nothing}, "multiverse nothing")


def test_the_own_specification_is_the_ledger(true_effect):
    table, evidence = true_effect
    ledger = ledger_table(evidence, CLAIMS, ["untrained"], {})
    ours = table.filter("own")
    theirs = ledger.filter(pl.col("condition") == "trained")
    assert len(ours) == len(theirs) > 5
    for name in ("key", "control", "value", "low", "high", "widest_low", "verdict", "standing"):
        assert ours[name].to_list() == theirs[name].to_list(), name


def test_every_combination_is_judged_once_and_wrong_options_one_at_a_time(true_effect):
    table, _ = true_effect
    own = table.filter(pl.col("control").is_null())
    names = ["key", "recipe", "data", "measure", "policy", "k", "layers", "threshold"]
    assert not own.select(names).is_duplicated().any()
    # Two policies, two layers; and what is not plausible: one policy, one threshold with two.
    ways = {"some_negative_k": 3, "training": 3, "size_of_k_star": 1}
    for claim in CLAIMS:
        here = own.filter(key=claim.key)
        count = ways.get(claim.key, 2)
        assert len(here.filter("plausible")) == 4 * count
        assert len(here.filter(~pl.col("plausible"))) == (2 + 4) * count
    assert own.filter(policy="pieces", threshold="all").is_empty()


def test_a_true_effect_is_found_in_nearly_all_specifications(true_effect):
    table, _ = true_effect
    verdicts, _ = verdicts_tables(table, CLAIMS)
    found = {row["key"]: row for row in verdicts.to_dicts()}
    row = found["direction_of_curvature"]
    assert (row["verdict"], row["standing"]) == (REPRODUCED, IN_NEARLY_ALL)
    assert row["reproduced"] == row["specifications"] == 8
    # At a tenth of the points the flow is weaker, and k* of the same networks lowers controls too.
    assert found["some_negative_k"]["depends_on"] == "k"
    assert found["training"]["standing"] == IN_NEARLY_ALL
    chosen = table.filter(
        pl.col("control").is_null() & pl.col("plausible") & (pl.col("k") == "other_half"),
        pl.col("key").is_in(["training", "some_negative_k"]),
    )
    assert set(chosen["verdict"]) == {REPRODUCED}


def test_no_effect_is_reproduced_under_no_choice_of_k(no_effect):
    """A k chosen on the judged networks makes their signs; that controls show it, too, tells."""
    table, _ = no_effect
    own = table.filter(
        pl.col("control").is_null(), pl.col("key").is_in(["training", "some_negative_k"])
    )
    assert REPRODUCED not in own["verdict"]
    assert set(own.filter(verdict=AS_COUNTED)["k"]) == {"k_star"}


@pytest.mark.slow
def test_a_share_of_specifications_is_no_probability():
    """Without an effect, specifications agree with each other far more than chance would.

    So a share near 1 says that choices do not matter, and nothing of how sure a verdict is.
    """
    shares = []
    (claim,) = (c for c in CLAIMS if c.key == "direction_of_curvature")
    plausible = {name: PLAUSIBLE for name in ("exclude", "released")}
    few = {"policy": plausible, "threshold": {"above": PLAUSIBLE}, "k": {"k_star": PLAUSIBLE}}
    for number in range(40):
        makers = {"trained": nothing, "untrained": nothing}
        table, _ = judged(makers, f"share {number}", [claim], **few)
        rows = table.filter(
            pl.col("control").is_null() & pl.col("plausible"),
            key="direction_of_curvature",
            k="k_star",
        )
        shares.append(float((rows["value"] > 0.5).mean()))
    shares = np.array(shares)
    # Independent ones would be all alike in 1 of 8 studies.
    assert len(shares) == 40
    assert np.mean((shares == 0) | (shares == 1)) > 0.5


def test_a_choice_of_k_that_decides_is_named(true_effect):
    """With flow at one k alone, k fixed beforehand shows less than k chosen."""
    table, _ = true_effect
    rows = [
        {"key": "training", "claim": 5, "control": None, "plausible": True, "own": own,
         "recipe": r, "data": "all", "measure": m, "policy": "exclude", "k": k, "layers": "hidden",
         "threshold": "above", "value": value, "verdict": verdict, "cells": 9}
        for own, r, m, k, value, verdict in (
            (True, "a", "m1", "k_star", 0.9, REPRODUCED),
            (False, "a", "m1", "fixed", 0.5, UNDECIDED),
            (False, "a", "m2", "k_star", 0.8, REPRODUCED),
            (False, "a", "m2", "fixed", 0.4, UNDECIDED),
            (False, "b", "m1", "k_star", 0.9, REPRODUCED),
            (False, "b", "m1", "fixed", 0.5, REPRODUCED),
            (False, "b", "m2", "k_star", 0.8, REPRODUCED),
            (False, "b", "m2", "fixed", 0.4, UNDECIDED),
        )
    ]  # fmt: skip
    table = table.clear()
    table = pl.concat([table, pl.DataFrame(rows, schema_overrides=table.schema)], how="diagonal")
    verdicts, effects = verdicts_tables(table, [c for c in CLAIMS if c.key == "training"])
    (row,) = verdicts.to_dicts()
    assert (row["same"], row["standing"], row["depends_on"]) == (5 / 8, DEPENDS, "k")
    found = {row["choice"]: row for row in effects.to_dicts()}
    assert found.keys() == {"recipe", "measure", "k"}
    assert (found["k"]["pairs"], found["k"]["changes"], found["k"]["from_own"]) == (
        4,
        0.75,
        "fixed",
    )
    assert found["recipe"]["changes"] == found["measure"]["changes"] == 0.25
    assert found["recipe"]["explained"] == 0
    assert found["recipe"]["from_own"] is None
    assert IN_MOST not in verdicts["standing"]


@pytest.mark.filterwarnings("ignore:Using dict")
def test_variance_explained_against_statsmodels():
    rng = np.random.default_rng(7)
    rows = [
        {"a": a, "b": b, "value": {"x": 0, "y": 1, "z": 3}[a] + 2.0 * (b == "v") + rng.normal()}
        for a in "xyz"
        for b in "uv"
        for _ in range(4)
    ]
    frame = {name: [row[name] for row in rows] for name in rows[0]}
    table = anova_lm(ols("value ~ C(a) + C(b)", frame).fit())
    total = table["sum_sq"].sum()
    for name in "ab":
        expected = table["sum_sq"][f"C({name})"] / total
        assert explained(frame["value"], frame[name]) == pytest.approx(expected, rel=1e-9)
    ratios = np.exp(frame["value"]).tolist()
    assert explained(ratios, frame["a"], logarithm=True) == pytest.approx(
        explained(frame["value"], frame["a"])
    )
    assert explained([1.0, 1.0, None], ["a", "b", "b"]) is None


def test_specifications_take_the_own_option_first():
    first = next(specifications(options()))
    assert (first.policy, first.layers, first.threshold) == ("exclude", "hidden", "above")
