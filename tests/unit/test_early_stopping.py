"""Early stopping: which checkpoint each rule chooses, the claim on it, and published curves."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ricci_flow.analysis.early_stopping import (
    GLOBAL,
    HELD_OUT,
    LAST,
    LOCAL,
    RULES,
    no_worse,
    share_worse,
    stopping_table,
)
from ricci_flow.analysis.published_training import compare_over_training, read_over_training
from ricci_flow.claims.base import StudyView
from ricci_flow.claims.estimates import Evidence
from ricci_flow.claims.ledger import claims_table, ledger_table
from ricci_flow.claims.papers import PAPERS
from ricci_flow.claims.registry import chosen_claims, claim_of
from ricci_flow.claims.stopping_measures import EVIDENCE, of_the_paper, stopping_cells
from ricci_flow.claims.verdicts import AS_COUNTED, NOT_REPRODUCED, REPRODUCED
from ricci_flow.errors import InputError
from ricci_flow.tables.statistics import CHECKPOINTS, EARLY_STOPPING
from ricci_flow.tables.training import CHECKPOINTS as TRAINED
from ricci_flow.yaml_file import load_yaml

FILE = Path("reports/published/hehl2025.yaml")
NAMES = {"data_set": "x", "architecture": "a", "condition": "trained"}
SERIES = {"block": "b", "setting": "with_input_and_output", "k_fraction": 0.05, "k": 50}
SERIES |= {"measure": "m", "scope": "edge", "local_points": 9, "checkpoint_unit": "epochs"}
EPOCHS = (0, 5, 9, 20)


def tables(local, rho, held_out, accuracy, epochs=20, network=0, **more):
    """The checkpoints of one network: what was measured, and how well it was trained."""
    measured, trained = [], []
    for place, checkpoint in enumerate(EPOCHS):
        of = NAMES | more | {"network": network, "checkpoint": checkpoint}
        of |= {"checkpoint_unit": "epochs"}
        reached = checkpoint <= epochs
        trained.append(
            of
            | {"epochs": min(checkpoint, epochs), "steps": 7 * min(checkpoint, epochs)}
            | {"test_accuracy": accuracy[place]}
            | {"test_loss": 1 - accuracy[place], "validation_loss": held_out[place]}
        )
        if reached:
            values = {"local_mean": local[place], "rho": rho[place]}
            measured.append(of | SERIES | values)
        else:
            measured.append(of | SERIES | {"local_points": None, "reason": "stopped"})
    return measured, trained


def stops(*networks):
    measured, trained = zip(*networks, strict=True)
    return stopping_table(
        CHECKPOINTS.frame([row for rows in measured for row in rows]),
        TRAINED.frame([row for rows in trained for row in rows]),
    )


def test_every_rule_takes_its_least_value_and_is_judged_by_the_test_points():
    table = stops(
        tables(
            local=[0.1, -0.8, None, -0.2],
            rho=[-0.9, None, 0.2, 0.3],
            held_out=[0.7, 0.4, 0.2, 0.2],
            accuracy=[0.5, 0.9, 0.8, 0.9],
        )
    )
    EARLY_STOPPING.check(table)
    assert table["rule"].to_list() == list(RULES) == [LOCAL, GLOBAL, HELD_OUT, LAST]
    assert table["checkpoint"].to_list() == [5, 0, 9, 20]  # of equal losses the first
    assert table["criterion"].to_list() == [-0.8, -0.9, 0.2, None]
    assert table["compared"].to_list() == [3, 3, 4, None]
    assert table["test_accuracy"].to_list() == [0.9, 0.5, 0.8, 0.9]
    assert table["best_checkpoint"].unique().to_list() == [5]
    assert table["excess_error"].to_list() == pytest.approx([0.0, 0.4, 0.1, 0.0])
    # Of the three others: 0.5, 0.8, and one that is equal.
    assert table["share_worse"].to_list() == pytest.approx([2.5 / 3, 0.0, 1 / 3, 2.5 / 3])


def test_what_a_network_did_not_reach_or_lacks_is_no_choice():
    lacking = tables([None] * 4, [None] * 4, [None] * 4, [0.5, 0.9, 0.1, 0.1], epochs=5)
    single = tables([-0.1] * 4, [-0.1] * 4, [0.1] * 4, [0.5] * 4, epochs=0, network=1)
    table = stops(lacking, single)
    first = table.filter(network=0)
    assert first["checkpoints"].to_list() == [2] * 4
    assert first.filter(rule=LOCAL)["reason"][0] == "no checkpoint has a local coefficient"
    assert first.filter(rule=HELD_OUT)["reason"][0] == "no checkpoint has a held-out loss"
    assert first.filter(rule=LAST)["checkpoint"][0] == 5
    other = table.filter(network=1)
    assert set(other["reason"]) == {"1 checkpoint, fewer than 2"}
    assert other["checkpoint"].null_count() == 4


def test_checkpoints_in_steps_are_reached_in_steps():
    measured, trained = tables([-0.1, -0.2, -0.3, -0.4], [0.0] * 4, [0.1] * 4, [0.5] * 4)
    rows = CHECKPOINTS.frame(measured).with_columns(checkpoint_unit=pl.lit("steps"))
    # It stopped after 9 steps.
    states = TRAINED.frame(trained).with_columns(
        checkpoint_unit=pl.lit("steps"),
        steps=pl.min_horizontal("checkpoint", 9).cast(pl.Int64),
        epochs=pl.lit(3, pl.Int32),
    )
    found = stopping_table(rows, TRAINED.check(states))
    assert found.filter(rule=LOCAL)["checkpoint"].to_list() == [9]
    assert set(found["checkpoint_unit"]) == {"steps"}
    assert set(found["checkpoints"]) == {3}


def test_a_checkpoint_at_random_exceeds_half_of_the_others_exactly():
    rng = np.random.default_rng(4)
    for accuracy in (rng.uniform(size=7), rng.integers(0, 3, 6) / 2, np.full(5, 0.5)):
        shares = [share_worse(accuracy, place) for place in range(len(accuracy))]
        assert np.mean(shares) == pytest.approx(0.5)
        # By pairs, one after the other.
        wins = sum((accuracy[0] > other) + (accuracy[0] == other) / 2 for other in accuracy[1:])
        assert shares[0] == pytest.approx(wins / (len(accuracy) - 1))


def study(choose, networks=4):
    """Tables of six data sets; choose: of a random generator, the values of one network."""
    rng = np.random.default_rng(1)
    parts = [
        tables(*choose(rng), network=network, data_set=f"set {place}", condition=condition)
        for place in range(6)
        for condition in ("trained", "linear")
        for network in range(networks)
    ]
    table = stops(*parts)
    accuracy = table.select("data_set", "architecture", "condition", "network").unique()
    return table, accuracy.with_columns(kept=pl.lit(True))


def ledger(choose):
    table, accuracy = study(choose)
    cells = stopping_cells(table, accuracy, {"a": (4, "5")})
    groups = {f"set {place}": "synthetic" for place in range(6)}
    evidence = Evidence(cells, groups, 0.95, "s", measure_cell=PAPERS[EVIDENCE].measure_cell)
    rows = ledger_table(evidence, chosen_claims(["early_stopping"]), ["linear"], {})
    return rows, table


def curve(rng):
    accuracy = rng.permutation([0.6, 0.7, 0.8, 0.9])
    return accuracy.tolist(), accuracy


def test_a_coefficient_that_knows_the_best_checkpoint_is_reproduced():
    def choose(rng):
        accuracy, values = curve(rng)
        return (-values).tolist(), [0.0] * 4, rng.uniform(size=4).tolist(), accuracy

    # The control knows it too, so it is compared with controls that do not.
    rows, table = ledger(choose)
    own = rows.row(0, named=True)
    assert (own["value"], own["verdict"]) == (1.0, AS_COUNTED)
    assert rows["control"].to_list() == [
        None,
        "linear",
        "stopping by held-out loss",
        "stopping at the last checkpoint",
    ]
    assert rows["standing"].to_list()[2:] == ["clearly exceeded"] * 2
    held_out = table.filter(rule=HELD_OUT, condition="trained")["share_worse"].mean()
    assert rows["value"][2] == pytest.approx(held_out)
    alone = ledger_of_one_condition(table)
    assert alone["verdict"][0] == REPRODUCED
    assert no_worse(table, LOCAL, LAST) == (48, 48)


def ledger_of_one_condition(table):
    rows = table.filter(condition="trained")
    accuracy = rows.select("data_set", "architecture", "condition", "network").unique()
    cells = stopping_cells(rows, accuracy.with_columns(kept=pl.lit(True)), {"a": (4, "5")})
    groups = {f"set {place}": "synthetic" for place in range(6)}
    evidence = Evidence(cells, groups, 0.95, "s", measure_cell=PAPERS[EVIDENCE].measure_cell)
    return ledger_table(evidence, chosen_claims(["early_stopping"]), [], {})


def test_what_the_held_out_loss_knows_as_well_is_only_counted():
    def choose(rng):
        accuracy, values = curve(rng)
        return (-values).tolist(), [0.0] * 4, (1 - values).tolist(), accuracy

    _, table = ledger(choose)
    found = ledger_of_one_condition(table)
    assert found["verdict"][0] == AS_COUNTED
    assert "stopping by held-out loss" in found["remark"][0]


def test_a_coefficient_that_knows_nothing_is_not_reproduced():
    def choose(rng):
        accuracy, values = curve(rng)
        return values.tolist(), [0.0] * 4, (1 - values).tolist(), accuracy

    rows, _ = ledger(choose)
    assert (rows["value"][0], rows["verdict"][0]) == (0.0, NOT_REPRODUCED)


def test_counts_as_the_issue_asks_for_stand_in_the_table_of_claims():
    table, _ = study(lambda rng: (rng.uniform(size=4).tolist(), [0.0] * 4, [0.1] * 4, [0.5] * 4))
    cells = pl.DataFrame([("trained", "m")], ["condition", "measure"], orient="row")
    view = StudyView({"cells": cells, "early_stopping": table}, {}, {}, None)
    found = claims_table(view, [claim_of("early_stopping")])
    assert found["of"].to_list() == [24, 24]
    assert found["value"].to_list() == [1.0, 1.0]  # all are equally accurate
    assert all("no larger test error" in text for text in found["quantity"])


def test_of_several_blocks_and_shares_the_papers_counts():
    base = stops(tables([-0.1] * 4, [0.0] * 4, [0.1] * 4, [0.5] * 4))
    others = [
        base.with_columns(block=pl.lit("later")),
        base.with_columns(k_fraction=pl.lit(0.2), k=pl.lit(200, pl.Int32)),
        base.with_columns(setting=pl.lit("knn")),
    ]
    assert of_the_paper(pl.concat([base, *others])).equals(base)


# --- published curves


def test_published_curves_are_those_of_the_paper():
    published = read_over_training(FILE)
    table = published["over_training"]
    assert (published["setting"], published["k_fraction"]) == ("with_input_and_output", 0.05)
    assert len(table) == 42
    own = table.filter(data_set="mnist_1v7")
    assert own["checkpoint"].to_list() == [0, 10, 20, 30, 40, 50]
    assert own["mean"].to_list() == [0.128, -0.377, -0.788, -0.824, -0.777, -0.763]
    for _, curve in table.group_by("data_set"):
        assert all(a < b for a, b in pairwise(curve["checkpoint"]))
        assert curve["mean"][0] > 0 > curve["mean"][1]
    for key, catalogue in (("data_set", "datasets"), ("architecture", "architectures")):
        assert set(table[key]) <= set(load_yaml(Path(f"config/{catalogue}.yaml")))


def test_comparison_over_training_in_closed_form():
    values = [-0.1, -0.3, -0.5]
    rows = [
        NAMES | SERIES | {"network": s, "checkpoint": 5, "local_mean": value, "measure": "tian"}
        for s, value in enumerate(values)
    ]
    schema = read_over_training(FILE)["over_training"].schema
    asked = [("x", "a", "trained", "tian", 3, epoch, -0.6) for epoch in (5, 7)]
    table = pl.DataFrame(asked, schema, orient="row")
    said = {"setting": SERIES["setting"], "k_fraction": 0.05, "over_training": table}
    found, missing = compare_over_training(CHECKPOINTS.frame(rows), said).to_dicts()
    assert found["difference"] == pytest.approx(0.3)
    assert found["sd"] == pytest.approx(0.2)
    # Two standard errors are 2 * 0.2 * sqrt(2 / 3) = 0.327.
    assert found["agrees"] is True
    assert (missing["networks"], missing["agrees"]) == (0, None)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("-0.5", "-1.5", "line 2: mean is '-1.5', not a number from -1 to 1"),
        (",3,", ",0,", "line 2: networks is '0', not a whole number from 1 on"),
        (",10,", ",x,", "line 2: checkpoint is 'x', not a whole number from 0 on"),
        (",-0.5", "", "line 2 must hold 7 values"),
        ("checkpoint", "epoch", "line 1 must be data_set"),
    ],
)
def test_wrong_published_curves_are_named(tmp_path, old, new, said):
    header = (FILE.parent / "hehl2025_over_training.csv").read_text().splitlines()[0]
    text = f"{header}\nx,a,trained,tian,3,10,-0.5\n".replace(old, new, 1)
    (tmp_path / "c.csv").write_text(text)
    path = tmp_path / "p.yaml"
    path.write_text("over_training: c.csv\nsetting: knn\nk_fraction: 0.05\n")
    with pytest.raises(InputError, match=re.escape(said)):
        read_over_training(path)


def test_a_file_without_curves_has_none(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("source: a\n")
    assert read_over_training(path) is None
