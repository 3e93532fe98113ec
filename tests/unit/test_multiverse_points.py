"""Claims on local coefficients under all choices: each one against a ledger of its own."""

import numpy as np
import polars as pl
import pytest

from ricci_flow.claims.base import side_of
from ricci_flow.claims.estimates import Evidence
from ricci_flow.claims.ledger import ledger_table
from ricci_flow.claims.point_measures import measure_points, point_cells
from ricci_flow.claims.registry import chosen_claims
from ricci_flow.multiverse.choices import Option
from ricci_flow.multiverse.judge import Choices, Recipe, specifications_table
from ricci_flow.multiverse.sources import Points
from ricci_flow.multiverse.summary import verdicts_tables
from ricci_flow.tables.measures import MEASURES
from ricci_flow.tables.statistics import FURTHER

SHAPES = {"short": (4, "5"), "long": (6, "5")}
SETTINGS = {"with_both": "with_input_and_output", "hidden": "knn"}
DATA = [f"set {number}" for number in range(6)]
CLAIMS = chosen_claims(["local_negative", "deeper_networks", "middle_layers", "rising_gap"])
NAMES = ("key", "control", "value", "low", "high", "widest_low", "verdict", "standing", "remark")
YES, NO = Option("yes", "a reason"), Option("no", "a reason", plausible=False)


def number(generator, condition, setting):
    """A coefficient that is lower in trained networks, unless the output is left out."""
    lower = condition == "trained" and setting != "knn"
    return generator.uniform(-1, 0.2 if lower else 1)


@pytest.fixture(scope="module")
def tables():
    """further.parquet, the long tables behind it, and accuracies, of one block."""
    rng = np.random.default_rng(5)
    networks, layers = [], []
    every = [
        (data_set, architecture, condition, network, setting, share, measure)
        for data_set in DATA
        for architecture in SHAPES
        for condition in ("trained", "untrained")
        for network in range(2)
        for setting in SETTINGS.values()
        for share in (0.05, 0.2)
        for measure in ("augmented_forman", "tian")
    ]
    for data_set, architecture, condition, network, setting, share, measure in every:
        of = {"block": "points", "data_set": data_set, "architecture": architecture}
        of |= {"condition": condition, "network": network, "setting": setting, "scope": "edge"}
        of |= {"k_fraction": share, "k": int(1000 * share), "measure": measure}
        networks.append(
            of
            | {"local_points": 9, "local_mean": number(rng, condition, setting)}
            | {"local_negative": rng.uniform(0.3, 1), "orders_negative": rng.uniform(0, 0.6)}
        )
        for layer in range(SHAPES[architecture][0]):
            rho = number(rng, condition, setting)
            layers.append(of | {"layer": layer, "gap": rng.normal(), "layer_rho": rho})
    long = pl.DataFrame(layers, schema={**MEASURES.schema, "block": pl.String})
    accuracy = pl.DataFrame(
        [
            (data_set, architecture, condition, network, network == 0 or data_set != "set 3")
            for data_set in DATA
            for architecture in SHAPES
            for condition in ("trained", "untrained")
            for network in range(2)
        ],
        ["data_set", "architecture", "condition", "network", "kept"],
        orient="row",
    )
    return FURTHER.frame(networks), long, accuracy


@pytest.fixture(scope="module")
def specifications(tables):
    options = {
        "recipe": {"one": YES},
        "data": {"all": YES, "few": YES},
        "measure": {"augmented_forman": YES, "tian": YES},
        "policy": {"exclude": YES},
        "k": {"0.05": YES, "0.2": YES},
        "layers": {name: YES for name in SETTINGS},
        "threshold": {"above": YES, "all": NO},
    }
    data = {"all": DATA, "few": DATA[:5]}
    groups = {name: "synthetic" for name in DATA}
    choices = Choices(options, {"one": Recipe("trained", ["untrained"])}, data, groups)
    measured = Points(*tables, SHAPES, SETTINGS, ["0.2", "0.05"])
    return specifications_table(measured, choices, CLAIMS, 0.95, "seed")


def ledger(tables, setting, share, data_sets=DATA, *, every=False):
    """The ledger of a study that measured nothing but this."""
    of = {"setting": setting, "k_fraction": share}
    networks, layers = (
        table.filter(pl.col("data_set").is_in(data_sets), **of).with_columns(
            setting=pl.lit("with_input_and_output"), k_fraction=0.05
        )
        for table in tables[:2]
    )
    accuracy = tables[2].with_columns(pl.col("kept") | every)
    cells = point_cells(networks, layers, accuracy, SHAPES)
    groups = {name: side_of("synthetic") for name in data_sets}
    evidence = Evidence(cells, groups, 0.95, "seed", measure_cell=measure_points)
    found = ledger_table(evidence, CLAIMS, ["untrained"], {})
    return found.filter(condition="trained")


@pytest.mark.parametrize("measure", ["augmented_forman", "tian"])
@pytest.mark.parametrize("layers", list(SETTINGS))
@pytest.mark.parametrize("share", [0.05, 0.2])
def test_every_specification_is_a_ledger_of_its_own(tables, specifications, measure, layers, share):
    of = {"measure": measure, "layers": layers, "k": str(share)}
    for change, data_sets, every in (
        ({"data": "all", "threshold": "above"}, DATA, False),
        ({"data": "few", "threshold": "above"}, DATA[:5], False),
        ({"data": "all", "threshold": "all"}, DATA, True),
    ):
        expected = ledger(tables, SETTINGS[layers], share, data_sets, every=every)
        expected = expected.filter(measure=measure).sort("key", "control", nulls_last=False)
        found = specifications.filter(**of, **change).sort("key", "control", nulls_last=False)
        assert len(found) == len(expected) > len(CLAIMS)
        for name in NAMES:
            assert found[name].to_list() == expected[name].to_list(), (name, change)


def test_the_own_specification_is_that_of_the_paper(specifications):
    own = specifications.filter("own")
    assert own["key"].unique().sort().to_list() == sorted(claim.key for claim in CLAIMS)
    for name, option in (("layers", "with_both"), ("k", "0.05"), ("measure", "augmented_forman")):
        assert set(own[name]) == {option}
    alone = specifications.filter(pl.col("control").is_null())
    # Two groups of data, measures, layers and k; once more with all networks, which is wrong.
    assert len(alone.filter("plausible")) == len(alone.filter(~pl.col("plausible"))) == 16 * 4


def test_a_verdict_that_hangs_on_the_layers_says_so(specifications):
    _, effects = verdicts_tables(specifications, CLAIMS)
    deciding = effects.filter(key="middle_layers", choice="layers")
    assert deciding["pairs"].to_list() == [8]
    assert set(effects["choice"]) == {"data", "measure", "k", "layers"}
