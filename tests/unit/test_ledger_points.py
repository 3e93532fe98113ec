"""Claims on local coefficients: what is measured in a cell, and the verdicts that follow."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from ricci_flow.claims.base import StudyView
from ricci_flow.claims.estimates import Evidence
from ricci_flow.claims.ledger import claims_table, ledger_table
from ricci_flow.claims.papers import PAPERS
from ricci_flow.claims.point_measures import (
    PointCell,
    lowest_in_the_middle,
    measure_points,
    of_the_paper,
    point_cells,
    residual_width,
)
from ricci_flow.claims.registry import chosen_claims, claim_of
from ricci_flow.claims.verdicts import AS_COUNTED, NOT_REPRODUCED, REPRODUCED, UNDECIDED
from ricci_flow.tables.measures import MEASURES
from ricci_flow.tables.statistics import FURTHER

KEYS = ("local_negative", "deeper_networks", "wider_networks", "middle_layers")
KEYS = (*KEYS, "rising_gap", "rising_modularity")
RESIDUAL = {"a": (6, "5"), "res": (6, "5/5r"), "other": (6, "7"), "deep": (9, "5")}
SHAPES = {"a": (4, "5"), "deep": (6, "5"), "wide": (4, "9"), "bottleneck": (4, "9/5/9")}


def cell(mean, negative=0.9, orders=0.5, middle=True, rises=True, networks=3, layers=7):
    """A cell in which all networks have these numbers."""
    along = np.linspace(0, 1, layers) * (1 if rises else -1)
    rho = -np.ones(layers - 1) * 0.2
    rho[layers // 3 : layers // 3 + 2] = -0.9 if middle else 0.5
    return PointCell(
        depth=layers - 2,
        numbers=np.arange(networks),
        kept=np.ones(networks, bool),
        mean=np.full(networks, mean),
        negative=np.full(networks, negative),
        orders_negative=np.full(networks, orders),
        layer_rho=np.tile(rho, (networks, 1)),
        gap=np.tile(along, (networks, 1)),
        modularity=np.tile(along, (networks, 1)),
    )


def test_the_middle_third_is_the_lowest():
    assert lowest_in_the_middle(np.array([0, 0, -1, -1, 0, 0.0])) == 1
    assert lowest_in_the_middle(np.array([0, 0, -1, -1, -2, -2.0])) == 0
    assert lowest_in_the_middle(np.array([-1, -1, -1.0])) == 0
    # 7 layers: 3, 2, 2.
    assert lowest_in_the_middle(np.array([0, 0, -9, -3.1, -3.1, 0, 0])) == 1
    assert lowest_in_the_middle(np.array([0, 0, -9.6, -3.1, -3.1, 0, 0])) == 0
    assert lowest_in_the_middle(np.array([0, np.nan, -1, np.nan, 0, 0])) == 1
    assert np.isnan(lowest_in_the_middle(np.array([0, 0, np.nan, np.nan, 0, 0])))
    assert np.isnan(lowest_in_the_middle(np.array([0.0, 1])))


def test_measures_of_some_networks():
    rng = np.random.default_rng(0)
    own, other, small = cell(-0.4), cell(-0.1), cell(0.2)
    own.shallower.extend([other, small])
    own.mean[2], own.negative[1], own.gap[0] = -0.9, np.nan, -own.gap[0]
    own.layer_rho[1] = -own.layer_rho[1]
    found = measure_points(own, {0, 1}, rng)
    assert found.deeper == pytest.approx(-0.4 - 0.05)
    assert np.isnan(found.wider)
    assert (found.negative, found.middle, found.gap_rises) == (0.9, 0.5, 0.5)
    assert found.modularity_rises == 1
    assert found.orders_negative == 0.5
    nothing = measure_points(own, set(), rng)
    assert np.isnan(nothing.negative)


def test_random_orders_of_layer_coefficients_against_all_orders():
    one = cell(-0.4, networks=1)
    one.layer_rho[0] = np.array([-0.1, -0.5, 0.3, -0.2, -0.4, -0.8])
    found = measure_points(one, {0}, np.random.default_rng(1)).orders_middle
    every = [lowest_in_the_middle(np.array(order)) for order in permutations(one.layer_rho[0])]
    assert found == pytest.approx(np.mean(every), abs=0.08)


def ledger(trained, **controls):
    """The ledger of six data sets with three architectures; each condition: mean -> cell."""
    cells = {}
    for condition, make in {"trained": trained, **controls}.items():
        found = cells[condition, "m"] = {}
        for place in range(6):
            a, deep, wide = (make(shift - 0.01 * place) for shift in (0, -0.1, -0.2))
            deep.shallower.append(a)
            wide.narrower.append(a)
            name = f"set {place}"
            found |= {(name, "a"): a, (name, "deep"): deep, (name, "wide"): wide}
    groups = {f"set {place}": "synthetic" for place in range(6)}
    paper = PAPERS["hehl2025"]
    evidence = Evidence(cells, groups, 0.95, "s", measure_cell=paper.measure_cell)
    table = ledger_table(evidence, chosen_claims(KEYS), list(controls), {})
    own = table.filter(pl.col("control").is_null())
    assert own["key"].to_list() == list(KEYS)
    return dict(own.select("key", "verdict").iter_rows()), table


def test_what_only_trained_networks_have_is_reproduced():
    verdicts, table = ledger(
        cell, untrained=lambda mean: cell(-mean, 0.5, middle=False, rises=False)
    )
    assert set(verdicts.values()) == {REPRODUCED}
    first = table.filter(key="local_negative")
    assert first["control"].to_list() == [None, "untrained", "layer orders"]
    assert first["value"].to_list() == pytest.approx([0.9, 0.5, 0.5])
    assert first["difference"].to_list()[1:] == pytest.approx([0.4, 0.4])
    assert table.filter(key="deeper_networks")["cells"].to_list() == [6, 6]
    assert table.filter(key="middle_layers")["control"].to_list()[-1] == "layer orders"


def test_what_untrained_networks_have_too_is_reproduced_as_counted():
    verdicts, _ = ledger(cell, untrained=cell)
    assert set(verdicts.values()) == {AS_COUNTED}


def test_what_is_not_there_is_not_reproduced():
    verdicts, _ = ledger(lambda mean: cell(-mean, 0.5, middle=False, rises=False), untrained=cell)
    assert set(verdicts.values()) == {NOT_REPRODUCED}


def test_without_a_control_the_claim_about_training_is_open():
    verdicts, _ = ledger(cell)
    assert verdicts["local_negative"] == UNDECIDED
    assert verdicts["rising_gap"] == REPRODUCED


@pytest.fixture(scope="module")
def tables():
    """Tables of further blocks: two blocks, two shares of n, three architectures, two networks."""
    rng = np.random.default_rng(3)
    networks, layers = [], []
    for block in ("first", "second"):
        for architecture, (depth, _) in SHAPES.items():
            for share in (0.05, 0.2):
                for setting in ("knn", "with_input_and_output"):
                    for network in range(2):
                        of = {"block": block, "data_set": "x", "architecture": architecture}
                        of |= {"condition": "trained", "network": network, "setting": setting}
                        of |= {"k_fraction": share, "k": int(1000 * share)}
                        numbers = range(depth + 2) if setting != "knn" else range(1, depth + 1)
                        networks.append(
                            of
                            | {"measure": "m", "scope": "edge", "local_points": 9}
                            | {"local_mean": rng.uniform(-1, 0), "local_negative": rng.uniform()}
                            | {"orders_negative": rng.uniform()}
                        )
                        networks.append(of | {"measure": "modularity", "scope": "layer"})
                        for layer in numbers:
                            at = of | {"layer": layer}
                            last = layer == numbers[-1]
                            layers.append(
                                at
                                | {"measure": "m", "scope": "edge", "gap": rng.normal()}
                                | {"layer_rho": None if last else rng.uniform(-1, 1)}
                            )
                            layers.append(
                                at
                                | {"measure": "modularity", "scope": "layer"}
                                | {"value": rng.uniform()}
                            )
    long = pl.DataFrame(layers, schema={**MEASURES.schema, "block": pl.String})
    return FURTHER.frame(networks), long


def test_cells_are_those_of_the_papers_setting(tables):
    networks, layers = tables
    accuracy = pl.DataFrame(
        [("x", architecture, "trained", s, s == 0) for architecture in SHAPES for s in range(2)],
        ["data_set", "architecture", "condition", "network", "kept"],
        orient="row",
    )
    cells = point_cells(networks, layers, accuracy, SHAPES)
    assert list(cells) == [("trained", "m")]
    found = cells["trained", "m"]
    assert list(found) == [("x", architecture) for architecture in SHAPES]
    deep = found["x", "deep"]
    of = {"block": "first", "architecture": "deep", "k_fraction": 0.05}
    of |= {"setting": "with_input_and_output"}
    for network in range(2):
        row = networks.filter(**of, network=network, measure="m").row(0, named=True)
        assert deep.mean[network] == row["local_mean"]
        assert deep.negative[network] == row["local_negative"]
        assert deep.orders_negative[network] == row["orders_negative"]
        here = layers.filter(**of, network=network).sort("layer")
        edges = here.filter(measure="m")
        assert deep.gap[network].tolist() == edges["gap"].to_list()
        assert deep.layer_rho[network].tolist() == edges["layer_rho"].to_list()[:-1]
        communities = here.filter(measure="modularity")["value"].to_list()
        assert deep.modularity[network].tolist() == communities
    assert deep.layer_rho.shape == (2, 7)
    assert deep.kept_numbers() == {0}
    assert deep.shallower == [found["x", "a"]]
    assert found["x", "wide"].narrower == [found["x", "a"]]
    assert deep.narrower == []
    assert found["x", "bottleneck"].narrower == []
    rising = measure_points(deep, {0}, np.random.default_rng(0)).modularity_rises
    expected = spearmanr(range(8), deep.modularity[0]).statistic
    assert rising == float(expected > 0)


def falling(sign, networks=3, residual=False):
    """A cell whose layer coefficients fall (sign -1) or rise, one of them at one layer not."""
    made = cell(-0.4, networks=networks, layers=9)
    made.layer_rho[:] = sign * np.linspace(0, 0.7, 8)
    made.layer_rho[0, 2] -= sign * 0.25
    return replace(made, residual=residual)


def test_residual_networks_are_compared_with_plain_ones_and_with_random_orders():
    own, plain = falling(-1, residual=True), falling(1)
    plain.layer_rho[2] = own.layer_rho[2]
    own.plain.append(plain)
    found = measure_points(own, {0, 1, 2}, np.random.default_rng(0))
    assert (found.residual_falls, found.plain_falls) == (1.0, pytest.approx(1 / 3))
    assert found.orders_fall == pytest.approx(0.5, abs=0.1)  # an order and its reverse
    assert np.isnan(measure_points(plain, {0, 1}, np.random.default_rng(0)).residual_falls)
    # Nothing of it changes what the other claims are judged by.
    other = measure_points(replace(own, residual=False), {0, 1, 2}, np.random.default_rng(0))
    assert found.orders_middle == other.orders_middle


def residual_ledger(sign, plain_sign):
    cells = {("trained", "m"): {}}
    for place in range(6):
        own = falling(sign, residual=True)
        own.plain.append(falling(plain_sign))
        cells["trained", "m"] |= {(f"s{place}", "res"): own, (f"s{place}", "a"): own.plain[0]}
    groups = {f"s{place}": "synthetic" for place in range(6)}
    evidence = Evidence(cells, groups, 0.95, "s", measure_cell=measure_points)
    return ledger_table(evidence, chosen_claims(["residual_monotone"]), [], {})


@pytest.mark.parametrize(
    ("sign", "plain", "verdict"),
    [(-1, 1, REPRODUCED), (-1, -1, AS_COUNTED), (1, 1, NOT_REPRODUCED)],
)
def test_the_verdict_on_residual_networks(sign, plain, verdict):
    rows = residual_ledger(sign, plain)
    assert rows["control"].to_list() == [None, "plain networks", "layer orders"]
    assert (rows["verdict"][0], rows["cells"][0]) == (verdict, 6)


def test_residual_cells_know_the_plain_ones_as_wide_and_deep():
    widths = [width for _, width in RESIDUAL.values()]
    assert [residual_width(width) for width in widths] == [None, "5", None, None]
    assert residual_width("5/6r") is residual_width("5/5r/5") is residual_width("5r") is None
    networks, layers = [], []
    for block, share in (("late", 0.2), ("own", 0.05)):
        for place, (architecture, (depth, _)) in enumerate(RESIDUAL.items()):
            of = {"block": block, "data_set": "x", "architecture": architecture, "k": 5}
            of |= {"condition": "trained", "network": 0, "setting": "with_input_and_output"}
            of |= {"k_fraction": share, "measure": "m", "scope": "edge"}
            networks.append(of | {"local_points": 9, "local_mean": -0.1})
            for layer in range(depth + 2):
                # The last layer has none; plain networks rise, and so do those of the other block.
                sign = -1 if (place, block) == (1, "own") else 1
                rho = None if layer == depth + 1 else sign * layer / 20
                layers.append(of | {"layer": layer, "layer_rho": rho})
    long = pl.DataFrame(layers, schema={**MEASURES.schema, "block": pl.String})
    kept = pl.DataFrame(
        [("x", name, "trained", 0, True) for name in RESIDUAL],
        ["data_set", "architecture", "condition", "network", "kept"],
        orient="row",
    )
    table = FURTHER.frame(networks)
    own = table.filter(block="own")
    found = point_cells(own, long, kept, RESIDUAL)["trained", "m"]
    assert [found["x", name].residual for name in RESIDUAL] == [False, True, False, False]
    assert found["x", "res"].plain == [found["x", "a"]]
    assert found["x", "a"].plain == []
    # Counted in the table of claims, over layers, at the paper's share of the points.
    tables = {"cells": own.select("condition", "measure"), "layer_coefficients": of_the_paper(long)}
    view = StudyView(tables, {}, {}, None, shapes=RESIDUAL)
    counted = claims_table(view, [claim_of("residual_monotone")])
    assert counted.select("hits", "of").rows() == [(1, 1), (0, 1)]
