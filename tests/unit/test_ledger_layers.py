"""Claims on measures of layers: what is measured in a cell, and the verdicts that follow."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from ricci_flow.claims.betti_falls import BETTI
from ricci_flow.claims.estimates import Evidence
from ricci_flow.claims.in_cell import correlation_row, share_falling
from ricci_flow.claims.layer_measures import (
    LayerCell,
    layer_cells,
    measure_layers,
)
from ricci_flow.claims.ledger import ledger_table
from ricci_flow.claims.papers import PAPERS
from ricci_flow.claims.registry import chosen_claims
from ricci_flow.claims.verdicts import AS_COUNTED, NOT_REPRODUCED, REPRODUCED, UNDECIDED
from ricci_flow.seeds import derive_generator
from ricci_flow.tables.measures import MEASURES

KEYS = ["betti_falls", "betti_goes_with_rho"]
LAYERS = 8
SHAPES = {"a": (LAYERS - 1, "5")}


def made(rng, falls, link, networks=10):
    """A cell whose networks lose Betti numbers or none, the more the lower their coefficient.

    falls: whether they lose any; link: how much of the loss goes with the coefficient.
    """
    rho = rng.uniform(-1, 1, networks)
    lost = 12 + 4 * (link * -rho + rng.normal(size=networks) / 2)
    along = np.linspace(0, 1, LAYERS) if falls else np.zeros(LAYERS)
    total = 40 - lost[:, None] * along + rng.normal(size=(networks, LAYERS)) / 4
    whole = np.ones(networks, bool)
    return LayerCell(
        depth=LAYERS - 1,
        numbers=np.arange(networks),
        kept=whole,
        accuracy=np.full(networks, np.nan),
        rho=rho,
        values={key: total / len(BETTI) for key in BETTI},
    )


def verdicts(trained, control=None, data_sets=4, architectures=3):
    """The verdicts on a study; trained, control: (falls, link) of the networks."""
    cells = {}
    for condition, truth in {"trained": trained, "linear": control}.items():
        if truth is not None:
            cells[condition, "m"] = {
                (f"set {d}", f"net {a}"): made(derive_generator(condition, str(d), str(a)), *truth)
                for d in range(data_sets)
                for a in range(architectures)
            }
    groups = {f"set {d}": "synthetic" for d in range(data_sets)}
    evidence = Evidence(cells, groups, 0.95, "s", measure_cell=PAPERS["layers"].measure_cell)
    table = ledger_table(evidence, chosen_claims(KEYS), ["linear"] if control else [], {})
    own = table.filter(pl.col("control").is_null())
    return dict(own.select("key", "verdict").iter_rows()), table


def test_what_only_trained_networks_show_is_reproduced():
    found, table = verdicts((True, 1.0), (False, 0.0))
    assert found == dict.fromkeys(KEYS, REPRODUCED)
    own = table.filter(pl.col("control").is_null())
    assert own["key"].to_list() == KEYS[::-1]  # in order of the papers' names
    assert own["value"][0] < -0.4
    assert own["value"][1] == 1


def test_what_linear_networks_show_too_is_reproduced_as_counted():
    assert verdicts((True, 1.0), (True, 1.0))[0] == dict.fromkeys(KEYS, AS_COUNTED)


def test_what_is_not_there_is_not_reproduced():
    found, _ = verdicts((False, 0.0), (True, 1.0))
    assert found["betti_falls"] == NOT_REPRODUCED
    assert found["betti_goes_with_rho"] in (NOT_REPRODUCED, UNDECIDED)
    # A link of the other sign is excluded, not merely open.
    assert verdicts((True, -1.0))[0]["betti_goes_with_rho"] == NOT_REPRODUCED


def test_few_cells_decide_nothing():
    found, _ = verdicts((True, 1.0), data_sets=2, architectures=2)
    assert found == dict.fromkeys(KEYS, UNDECIDED)


def test_a_fall_is_a_negative_rank_correlation():
    values = np.array([[5, 4, 4, 1], [1, 2, 3, 9], [9, np.nan, np.nan, 1], [2, 2, 2, 2.0]])
    expected = [spearmanr(range(4), values[row]).statistic < 0 for row in (0, 1)]
    assert share_falling(values) == pytest.approx(np.mean([*expected, True]))
    assert np.isnan(share_falling(values[3:]))
    assert np.isnan(share_falling(np.full((2, 1), np.nan)))


def test_correlation_inside_a_cell():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 7))
    x[2], y[4] = np.nan, np.nan
    both = [0, 1, 3, 5, 6]
    z, variance, correlation, networks = correlation_row(x, y)
    assert correlation == pytest.approx(spearmanr(x[both], y[both]).statistic)
    assert (networks, variance) == (5, pytest.approx(1.06 / 2))
    assert z == pytest.approx(np.arctanh(correlation))
    assert np.isnan(correlation_row(x[:4], y[:4])).all()
    assert np.isnan(correlation_row(np.ones(7), y)).all()


@pytest.fixture(scope="module")
def tables():
    """The long table of two blocks that measure the same at two shares; coefficients; accuracies.

    Two networks; the first layer is the input.
    """
    rng = np.random.default_rng(1)
    rows = []
    cell = {"data_set": "x", "architecture": "a", "condition": "trained"}
    for block in ("first", "second"):
        for share in (0.1, 0.02):
            of = cell | {"block": block, "k_fraction": share, "k": int(1000 * share)}
            for network in range(2):
                for measure, setting in (*BETTI, ("betti_0", "knn")):
                    for layer in range(3):
                        at = {"measure": measure, "setting": setting, "scope": "layer"}
                        at |= {"layer": layer, "network": network, "value": rng.uniform(0, 9)}
                        rows.append(of | at)
                whole = {"measure": "complexity", "setting": "knn", "scope": "network"}
                rows.append(of | whole | {"network": network, "value": rng.uniform(0, 9)})
                edges = {"measure": "m", "setting": "knn", "scope": "edge", "layer": 1}
                rows.append(of | edges | {"network": network, "value": -1.0})
    long = pl.DataFrame(rows, schema={**MEASURES.schema, "block": pl.String})
    fixed = pl.DataFrame([cell | {"measure": "m", "network": n, "rho": n - 0.5} for n in (1, 0)])
    accuracy = pl.DataFrame(
        [cell | {"network": n, "kept": n == 1, "test_accuracy": 0.9 + n / 100} for n in (0, 1)]
    ).with_columns(
        validation_accuracy=pl.col("network") / 4,
        epochs=pl.col("network") + 7,
        train_loss=pl.col("network") + 0.5,
    )
    return long, fixed, accuracy


def test_cells_are_of_the_first_block_and_the_least_share(tables):
    long, fixed, accuracy = tables
    cells = layer_cells(long, fixed, accuracy, SHAPES)
    assert {key: list(found) for key, found in cells.items()} == {("trained", "m"): [("x", "a")]}
    cell = cells["trained", "m"]["x", "a"]
    assert (cell.depth, cell.kept_numbers()) == (LAYERS - 1, {1})
    assert cell.rho.tolist() == [-0.5, 0.5]
    assert cell.accuracy.tolist() == [0.9, 0.91]
    assert cell.held_out.tolist() == [0.0, 0.25]
    assert cell.epochs.tolist() == [7, 8]
    assert cell.loss.tolist() == [0.5, 1.5]
    assert set(cell.values) == {*BETTI, ("betti_0", "knn"), ("complexity", "knn")}
    expected = np.zeros((2, 3))
    for row in long.filter(block="first", k_fraction=0.02).iter_rows(named=True):
        if (row["measure"], row["setting"]) in BETTI:
            expected[row["network"], row["layer"]] += row["value"]
    assert cell.total(BETTI) == pytest.approx(expected)
    assert cell.values["complexity", "knn"].shape == (2, 1)
    assert np.isnan(cell.total([("betti_2", "knn")])).all()
    part = measure_layers(cell, {1}, np.random.default_rng(0))
    assert part.total(BETTI) == pytest.approx(expected[1:])
    assert part.held_out.tolist() == [0.25]
    assert part.epochs.tolist() == [8]
    assert part.loss.tolist() == [1.5]
    assert replace(part, values={}).rho.tolist() == [0.5]


def test_accuracy_is_compared_with_that_of_back_propagation_in_the_same_cell():
    accuracy = {"lra": 0.93, "trained": 0.945, "shuffled_labels": 0.5}
    keys = {"data_set": "d", "architecture": "a"}
    rows = [
        {"condition": condition, **keys, "network": network, "kept": network < 3}
        | {"test_accuracy": value + 0.01 * network, "validation_accuracy": None, "epochs": 5}
        | {"train_loss": 0.1}
        for condition, value in accuracy.items()
        for network in range(4)
    ]
    fixed = [
        {key: row[key] for key in ("condition", *keys, "network")} | {"measure": "m", "rho": 0.1}
        for row in rows
    ]
    frames = (MEASURES.frame(), pl.DataFrame(fixed), pl.DataFrame(rows))
    cells = layer_cells(*frames, {"a": (5, "15")})
    (claim,) = chosen_claims(["as_accurate"])
    found = {
        condition: claim.quantity.in_cell(
            measure_layers(cell["d", "a"], {0, 1, 2}, np.random.default_rng(0)), "synthetic"
        )[0]
        for (condition, _), cell in cells.items()
    }
    assert (found["lra"], found["shuffled_labels"]) == (1.0, 0.0)
    assert np.isnan(found["trained"])  # that is what the others are compared with
    # A study needs no further block for it.
    settings = SimpleNamespace(architectures={"a": (5, "15")})
    tables = {"accuracy": frames[2]}
    bare = SimpleNamespace(further=None, fixed=frames[1], settings=settings, tables=tables)
    assert PAPERS[claim.judged_by].cells(bare).keys() == cells.keys()
    far = cells["lra", "m"]["d", "a"]
    far = replace(far, accuracy=far.accuracy - 0.006)
    assert claim.quantity.in_cell(far, "synthetic") == (0.0,)
