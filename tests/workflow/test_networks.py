"""Networks that are not dense, and data of more than two classes, through whole studies."""

import json

import numpy as np
import polars as pl
import torch
from torch.nn import functional

from ricci_flow.storage import TensorFile, read_tensors

ARCHITECTURES = """
convolutional:
  layers:
    - {kind: conv2d, channels: 4}
    - {kind: max_pool}
    - {kind: conv2d, channels: 6}
    - {kind: dense, width: 12}
    - {kind: dense, width: 8}
residual:
  layers:
    - {kind: dense, width: 10}
    - {kind: residual, layers: [{kind: dense, width: 10}]}
    - {kind: residual, layers: [{kind: dense, width: 10}]}
    - {kind: residual, layers: [{kind: dense, width: 10}]}
plain:
  widths: [12, 12, 12, 12]
"""
DATA_SETS = """
three:
  kind: sklearn
  table: digits
  classes: ["0", "1", "7"]
  accuracy_threshold: 0.5
  k_grid: [12, 40]
"""
CONDITIONS = "[trained, untrained, shuffled_labels, linear, random_features]"


def test_a_study_of_convolutional_and_residual_networks_on_three_classes(empty):
    empty.config = "tiny/mini.yaml"
    (empty.folder / "tiny/architectures.yaml").write_text(ARCHITECTURES, "utf-8")
    (empty.folder / "tiny/datasets.yaml").write_text(DATA_SETS, "utf-8")
    empty.edit("tiny/mini.yaml", "[rolls]", "[three]")
    empty.edit("tiny/mini.yaml", "[short]", "[convolutional, residual, plain]")
    empty.edit("tiny/mini.yaml", "[trained]", CONDITIONS)
    empty.edit("tiny/mini.yaml", "epochs: 2", "epochs: 4\n  optimiser: {name: adam}")
    empty.edit(
        "tiny/mini.yaml",
        "robustness: { measures: [] }",
        "robustness: { settings: [rescaled, with_input] }",
    )
    run = empty.tiny()
    assert run.status == 0, run.text
    results = empty.folder / "results/mini"
    facts = json.loads((results / "datasets/three.json").read_text("utf-8"))
    assert facts["classes"] == ["0", "1", "7"]
    data = read_tensors(results / "datasets/three.safetensors")
    assert np.bincount(data["y_test"]).tolist() == facts["counts_test"]
    for architecture, depth in (("convolutional", 4), ("residual", 4), ("plain", 4)):
        for condition in ("trained", "untrained", "linear", "random_features"):
            names = f"three/{architecture}/{condition}"
            with TensorFile(results / f"activations/{names}/layers.safetensors") as file:
                assert sorted(file.names) == [f"layer_{i + 1}" for i in range(depth)]
            rho = pl.read_parquet(results / f"coefficients/{names}/networks.parquet")["rho"]
            assert rho.is_not_null().any()
        trained = pl.read_parquet(
            results / f"training/three/{architecture}/trained/networks.parquet"
        )
        assert (trained["test_accuracy"] > 0.9).all()
        shuffled = f"training/three/{architecture}/shuffled_labels/networks.parquet"
        assert (pl.read_parquet(results / shuffled)["test_accuracy"] < 0.8).all()

    # The layers of the files, made again of the weights of the files.
    names = "three/convolutional/trained"
    weights = read_tensors(results / f"training/{names}/weights.safetensors")
    layers = read_tensors(results / f"activations/{names}/layers.safetensors")
    own = {name: torch.from_numpy(stack[1]) for name, stack in weights.items()}
    images = torch.from_numpy(data["X_test"] / np.float32(facts["unit"])).reshape(-1, 1, 8, 8)
    first = functional.relu(
        functional.conv2d(images, own["layer_1.conv.weight"], own["layer_1.conv.bias"], padding=1)
    )
    second = functional.relu(
        functional.conv2d(
            functional.max_pool2d(first, 2),
            own["layer_2.conv.weight"],
            own["layer_2.conv.bias"],
            padding=1,
        )
    )
    for name, layer in (("layer_1", first), ("layer_2", second)):
        np.testing.assert_allclose(layers[name][1], layer.flatten(1).numpy(), atol=1e-5)

    # Shapes are factors of the regression; what needs dense networks says so.
    networks = pl.read_parquet(results / "statistics/networks.parquet")
    shapes = dict(networks.select("architecture", "width").unique().iter_rows())
    assert shapes["convolutional"] == "4c/6c/12/8"
    assert shapes["residual"] == "10/10r"
    varied = pl.read_parquet(results / "measures/three/residual/trained/robustness.parquet")
    reasons = varied.filter(setting="rescaled")["reason"].unique().to_list()
    assert reasons == ["needs dense networks of relu or linear units"]
