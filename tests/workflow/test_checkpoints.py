"""Networks at several times of their training, in whole runs: what is made, what runs again."""

import numpy as np
import polars as pl
import pytest

from ricci_flow.storage import TensorFile, read_tensors
from tests.workflow.runner import pages_of
from tests.workflow.test_tiny_study import chain

CONFIG = "tiny/mini.yaml"
NO_BLOCK = "robustness: { measures: [] }"
BLOCK = """over_training:
    checkpoints: [2, 0, 1]
    measures: [forman_union, modularity]
    k_fractions: [0.1]
    conditions: [trained, untrained]
    local: true"""
OF_BLOCK = {"training time", "figure training_time"}
PAGE = {"config of the study", "report", "report check", "explore", "manifest"}
TRAINED, UNTRAINED = "rolls/short/trained", "rolls/short/untrained"


@pytest.fixture(scope="module")
def finished_mini_of_two(finished_mini, tmp_path_factory):
    """The study of one ensemble, and its untrained networks."""
    study = finished_mini.copy(tmp_path_factory.mktemp("two") / "study")
    study.edit(CONFIG, "conditions: [trained]", "conditions: [trained, untrained]")
    study.edit(CONFIG, NO_BLOCK, "robustness: { k_fractions: [0.1], measures: [forman_union] }")
    study.run()
    return study


@pytest.fixture
def two(finished_mini_of_two, tmp_path):
    return finished_mini_of_two.copy(tmp_path / "two")


def test_checkpoints_are_added_measured_and_taken_away(two):
    results = two.folder / "results/mini"
    kept = ("training", "activations", "graphs", "coefficients", "measures", "statistics")
    before = {p: p.read_bytes() for name in kept for p in sorted((results / name).rglob("*.*"))}
    two.edit(CONFIG, "further:", f"further:\n  {BLOCK}")
    stages = chain("checkpoints", "measures over_training", ensembles={TRAINED, UNTRAINED})
    run = two.tiny("--quiet", "host")
    assert run.status == 0, run.text
    assert run.jobs() == stages | OF_BLOCK | PAGE
    line = "rolls/short/untrained will have no checkpoint 1, 2: trained for fewer epochs"
    assert line in run.text
    assert two.tiny().nothing_to_do
    for path, content in before.items():  # the study's other numbers do not see them
        assert path.read_bytes() == content, path

    # The last one is the study's network, the first one the untrained network.
    for ensemble, checkpoint in ((TRAINED, 2), (UNTRAINED, 0)):
        for stage, file in (("training", "weights"), ("activations", "layers")):
            own = read_tensors(results / f"{stage}/{ensemble}/{file}.safetensors")
            several = results / f"{stage}/{ensemble}/checkpoints.safetensors"
            with TensorFile(several, f"epoch_{checkpoint}/") as found:
                assert sorted(found.names) == sorted(own)
                for name, values in own.items():
                    np.testing.assert_array_equal(found[name], values)
    trained = pl.read_parquet(results / f"training/{TRAINED}/checkpoints.parquet")
    history = pl.read_parquet(results / f"training/{TRAINED}/history.parquet")
    networks = pl.read_parquet(results / f"training/{TRAINED}/networks.parquet")
    own = trained.filter(checkpoint=2).select(networks.columns)
    assert own.equals(networks, null_equal=True)
    assert trained.filter(checkpoint=1)["validation_loss"].equals(
        history.filter(epoch=1)["validation_loss"], null_equal=True
    )

    rows = pl.read_parquet(results / "statistics/checkpoints.parquet")
    further = pl.read_parquet(results / "statistics/further.parquet")
    assert further["block"].unique().to_list() == ["robustness"]
    keys = ["data_set", "architecture", "condition", "network", "measure", "k"]
    last = rows.filter(checkpoint=2).join(
        further.filter(condition="trained", setting="knn"), on=keys
    )
    assert len(last) == 2
    assert last["rho"].equals(last["rho_right"].alias("rho"), null_equal=True)
    assert last["reason"].equals(last["reason_right"].alias("reason"), null_equal=True)
    zero = rows.filter(checkpoint=0).drop("condition")
    assert zero[:4].equals(zero[4:], null_equal=True)
    summary = pl.read_parquet(results / "statistics/training_time.parquet")
    assert summary.filter(measure="modularity").select("condition", "checkpoint").rows() == [
        *(("trained", checkpoint) for checkpoint in (0, 1, 2)),
        ("untrained", 0),
    ]
    page = pages_of(results)
    assert 'id="fig-training-time"' in page
    assert 'id="tbl-training-time"' in page
    assert "Further figures" not in page

    # Another epoch trains the checkpoints again, another k measures them, and none takes them away.
    two.edit(CONFIG, "checkpoints: [2, 0, 1]", "checkpoints: [2, 0]")
    only_trained = chain("checkpoints", "measures over_training", ensembles={TRAINED})
    assert two.plan() == only_trained | OF_BLOCK | PAGE
    two.edit(CONFIG, "checkpoints: [2, 0]", "checkpoints: [2, 0, 1]")
    assert two.plan() == set()
    two.edit(CONFIG, "k_fractions: [0.1]\n    conditions", "k_fractions: [0.2]\n    conditions")
    measured = chain("measures over_training", ensembles={TRAINED, UNTRAINED})
    assert two.plan() == measured | OF_BLOCK | PAGE
    two.edit(CONFIG, "k_fractions: [0.2]\n    conditions", "k_fractions: [0.1]\n    conditions")
    # In steps: 80 points have three batches of 32 at most.
    old = {e: summary.filter(condition="trained", checkpoint=e) for e in (1, 2)}
    two.edit(CONFIG, "checkpoints: [2, 0, 1]", "checkpoint_steps: [6, 0, 1, 3]")
    assert two.run() == stages | OF_BLOCK | PAGE
    weights = read_tensors(results / f"training/{TRAINED}/weights.safetensors")
    with TensorFile(results / f"training/{TRAINED}/checkpoints.safetensors", "step_6/") as found:
        for name, values in weights.items():
            np.testing.assert_array_equal(found[name], values)
    summary = pl.read_parquet(results / "statistics/training_time.parquet")
    assert summary.filter(measure="modularity").select("condition", "checkpoint").rows() == [
        *(("trained", checkpoint) for checkpoint in (0, 1, 3, 6)),
        ("untrained", 0),
    ]
    assert summary["checkpoint_unit"].unique().to_list() == ["steps"]
    at = ["checkpoint", "checkpoint_unit"]
    for epoch, table in old.items():
        same = summary.filter(condition="trained", checkpoint=3 * epoch).drop(at)
        assert same.equals(table.drop(at), null_equal=True)
    assert "Networks after so many steps of their training" in pages_of(results)
    two.edit(CONFIG, BLOCK.replace("checkpoints: [2, 0, 1]", "checkpoint_steps: [6, 0, 1, 3]"), "")
    assert two.plan() == PAGE
    assert two.run() == PAGE
    page = pages_of(results)
    assert "training-time" not in page
