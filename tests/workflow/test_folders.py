"""Data sets that are folders of files, ten classes of one, through a whole study."""

import json

import numpy as np
import polars as pl
from sklearn.datasets import load_digits

from ricci_flow.storage import read_tensors
from tests.unit.test_datasets_folders import idx_folder

DATA_SETS = """
ten:
  kind: idx
  path: digits
  classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
  unit: 16
  accuracy_threshold: 0.5
  k_grid: [12, 60]
"""


def test_ten_classes_of_idx_files_are_trained_with_softmax_and_measured(empty):
    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8).astype(np.uint8)
    parts = {"train": slice(0, 1200), "test": slice(1200, 1500)}
    idx_folder(
        empty.folder / "tiny/digits",
        {part: images[rows] for part, rows in parts.items()},
        {part: labels[rows].astype(np.uint8) for part, rows in parts.items()},
    )
    empty.config = "tiny/mini.yaml"
    (empty.folder / "tiny/datasets.yaml").write_text(DATA_SETS, "utf-8")
    (empty.folder / "tiny/architectures.yaml").write_text("short: {widths: [16, 16, 16, 16]}\n")
    empty.edit("tiny/mini.yaml", "[rolls]", "[ten]")
    empty.edit("tiny/mini.yaml", "epochs: 2", "epochs: 10")
    run = empty.tiny()
    assert run.status == 0, run.text
    results = empty.folder / "results/mini"
    facts = json.loads((results / "datasets/ten.json").read_text("utf-8"))
    assert (facts["n_train"], facts["n_test"], facts["image_shape"]) == (1200, 300, [8, 8])
    networks = pl.read_parquet(results / "training/ten/short/trained/networks.parquet")
    # Chance is a tenth. Accuracy and loss are those of softmax over ten outputs, made here of
    # the weights.
    assert (networks["test_accuracy"] > 0.6).all()
    weights = read_tensors(results / "training/ten/short/trained/weights.safetensors")
    y = read_tensors(results / "datasets/ten.safetensors")["y_test"]
    layers = read_tensors(results / "activations/ten/short/trained/layers.safetensors")
    for network in range(2):
        last = layers["layer_4"][network].astype(float)
        scores = np.exp(last @ weights["W5"][network] + weights["b5"][network])
        shares = scores / scores.sum(axis=1, keepdims=True)
        assert abs((shares.argmax(axis=1) == y).mean() - networks["test_accuracy"][network]) < 1e-9
        loss = -np.log(shares[np.arange(300), y]).mean()
        np.testing.assert_allclose(networks["test_loss"][network], loss, rtol=1e-4)
    rho = pl.read_parquet(results / "coefficients/ten/short/trained/networks.parquet")["rho"]
    assert rho.is_not_null().any()

    assert empty.tiny("--dry-run").nothing_to_do
    file = empty.folder / "tiny/digits/train-labels-idx1-ubyte"
    content = bytearray(file.read_bytes())
    content[-1] = (content[-1] + 1) % 10
    file.write_bytes(content)
    assert "data set ten" in empty.plan()
