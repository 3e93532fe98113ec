"""A study that measures a part of the test points: trained networks, and activations."""

import json

import numpy as np
import polars as pl

from ricci_flow.seeds import derive_seed
from ricci_flow.storage import read_tensors
from tests.workflow.runner import pages_of

CATALOGUE = """
mine:
  kind: activations
  path: mine.npz
  labels: y
"""


def test_a_part_of_the_test_points_and_the_spread_over_others(empty):
    rng = np.random.default_rng(0)
    layers = {f"layer_{i}": rng.normal(size=(2, 60, 3)).astype(np.float32) for i in range(1, 6)}
    np.savez(empty.folder / "tiny/mine.npz", y=np.arange(60) % 2, **layers)
    with (empty.folder / "tiny/datasets.yaml").open("a", encoding="utf-8") as file:
        file.write(CATALOGUE)
    with (empty.folder / "config/settings.yaml").open("a", encoding="utf-8") as file:
        file.write("\nother_points:\n  title: other points\n  points: other\n")
    empty.config = "tiny/mini.yaml"
    empty.edit(
        "tiny/datasets.yaml",
        "  k_grid: [6, 12, 30]\n  accuracy_threshold: 0.6\n",
        "  accuracy_threshold: 0.61\n",
    )
    empty.edit("tiny/mini.yaml", "[rolls]", "[rolls, mine]\ntest_points: 40")
    empty.edit(
        "tiny/mini.yaml",
        "robustness: { measures: [] }",
        "robustness: { settings: [subsample, other_points], k_fractions: [0.2], draws: 3 }",
    )
    run = empty.tiny()
    assert run.status == 0, run.text
    results = empty.folder / "results/mini"
    kept = json.loads((results / "datasets/rolls.json").read_text("utf-8"))
    assert (kept["n_test"], kept["n_train"]) == (40, 80)
    data = read_tensors(results / "datasets/rolls.safetensors")
    assert (len(data["X_test"]), len(data["X_spare"])) == (40, 30)
    points = read_tensors(results / "activations/rolls/short/trained/layers.safetensors")
    assert {layer.shape[:2] for layer in points.values()} == {(2, 40)}

    # Of what was brought, the same rows in every layer: numpy's choice by the seed of the names.
    stream = np.random.default_rng(derive_seed("mini29", "mine", "test_points"))
    rows = np.sort(stream.choice(60, 40, replace=False))
    brought = read_tensors(results / "activations/mine/mine/trained/layers.safetensors")
    for name, layer in layers.items():
        assert np.array_equal(brought[name], layer[:, rows])

    further = pl.read_parquet(results / "statistics/further.parquet")
    own = further.filter(data_set="rolls", measure="forman_union")
    assert dict(own.group_by("setting").agg(pl.col("n").first()).iter_rows()) == {
        "knn": 40, "subsample": 20, "other_points": 40,
    }  # fmt: skip
    assert own.filter(setting="other_points")["draw"].unique().sort().to_list() == [0, 1, 2]
    reasons = further.filter(data_set="mine", setting="other_points")["reason"].unique().to_list()
    assert reasons == ["needs weights, and there are none"]
    page = pages_of(results)
    assert "40 of the 70 test points were drawn" in page
    assert "Standard deviation of a network’s coefficient over the draws" in page.replace("'", "’")
    assert empty.tiny("--dry-run").nothing_to_do
