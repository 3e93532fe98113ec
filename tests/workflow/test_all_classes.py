"""Tables of more than two classes without `classes`: all are told apart, by one softmax."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from sklearn.datasets import load_digits, load_iris
from torch.nn import functional

from ricci_flow.storage import TensorFile, read_tensors
from tests.workflow.runner import pages_of

IMAGES = "X_train", "y_train", "X_test", "y_test"


def write_mnist(folder):
    """Write the first images of every class of the real MNIST, as a file of one's own."""
    source = os.environ.get("RICCI_FLOW_DATA_DIR")
    if source is None or not (Path(source) / "mnist.npz").is_file():
        pytest.skip("RICCI_FLOW_DATA_DIR is not set to a folder with mnist.npz, all ten classes")
    with np.load(Path(source) / "mnist.npz", allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in IMAGES}
    for part, count in (("train", 150), ("test", 30)):
        y = arrays[f"y_{part}"]
        rows = np.sort(np.concatenate([np.flatnonzero(y == digit)[:count] for digit in range(10)]))
        for name in ("X", "y"):
            arrays[f"{name}_{part}"] = arrays[f"{name}_{part}"][rows]
    np.savez(folder / "mnist.npz", **arrays)
    return [str(digit) for digit in range(10)]


TINY = "tiny/mini.yaml"
ENTRY = """
{}:
  {}
  accuracy_threshold: 0.5
  k_grid: [12, 40]
"""


def measured(study, **tables):
    """Run a study of the tables, entries by name; return the folder of its results."""
    study.config = TINY
    entries = "".join(ENTRY.format(name, entry) for name, entry in tables.items())
    (study.folder / "tiny/datasets.yaml").write_text(entries, "utf-8")
    architecture = "plain:\n  widths: [16, 16, 16, 16]\n"
    (study.folder / "tiny/architectures.yaml").write_text(architecture, "utf-8")
    study.edit(TINY, "[rolls]", f"[{', '.join(tables)}]")
    study.edit(TINY, "[short]", "[plain]")
    study.edit(TINY, "epochs: 2", "epochs: 30")
    study.edit(TINY, "curvatures: { measures: [] }", "curvatures: { measures: [modularity] }")
    run = study.tiny()
    assert run.status == 0, run.text
    return study.folder / "results/mini"


def check(results, table, classes, least):
    """Compare what a study says of a table with what its files give; least: accuracy."""
    names = f"{table}/plain/trained"
    networks = pl.read_parquet(results / f"training/{names}/networks.parquet")
    assert (networks["test_accuracy"] > least).all()

    # Accuracy and loss, made again of the last layer and the weights of the output.
    y = read_tensors(results / f"datasets/{table}.safetensors")["y_test"].astype(int)
    assert np.unique(y).tolist() == list(range(len(classes)))
    weights = read_tensors(results / f"training/{names}/weights.safetensors")
    with TensorFile(results / f"activations/{names}/layers.safetensors") as file:
        last = file["layer_4"]
    for network, row in enumerate(networks.iter_rows(named=True)):
        logits = last[network] @ weights["W5"][network] + weights["b5"][network]
        assert logits.shape == (len(y), len(classes))
        assert row["test_accuracy"] == pytest.approx((logits.argmax(axis=1) == y).mean(), abs=1e-6)
        loss = functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(y))
        assert row["test_loss"] == pytest.approx(loss.item(), rel=1e-4)

    rho = pl.read_parquet(results / f"coefficients/{names}/networks.parquet")
    assert len(rho) == 2 * 2 * 2  # networks, k, measures
    values = pl.read_parquet(results / f"measures/{names}/curvatures.parquet")
    assert values["value"].is_not_null().any()
    page = pages_of(results)
    assert all(name in page for name in classes)


def test_all_classes_of_tables_that_come_with_scikit_learn(empty):
    results = measured(
        empty, iris="kind: sklearn\n  table: iris", digits="kind: sklearn\n  table: digits"
    )
    check(results, "iris", load_iris().target_names.tolist(), 0.8)
    check(results, "digits", load_digits().target_names.astype(str).tolist(), 0.8)


def test_all_classes_of_a_file_of_real_images(empty):
    classes = write_mnist(empty.folder / "tiny")
    results = measured(empty, mnist="kind: file\n  path: mnist.npz\n  image_shape: [28, 28]")
    check(results, "mnist", classes, 0.7)
