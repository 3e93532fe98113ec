"""A new kind of layer and a new trainer: one file each, and nothing that was made runs again."""

import polars as pl

from ricci_flow.storage import read_tensors

LAYER = '''
"""Every unit multiplied by a number."""

from typing import Literal

from ricci_flow.networks.layers.base import Layer


class Scaled(Layer):
    """x times a factor."""

    kind: Literal["scaled"] = "scaled"
    factor: float = 2.0

    @property
    def label(self):
        return f"x{self.factor:g}"

    def build(self, entering, around):
        from torch import nn

        class Times(nn.Module):
            def forward(inner, x):
                return self.factor * x

        return Times(), entering


LAYER = Scaled
'''
TRAINER = '''
"""Moves every weight of dense networks by the same amount whenever it is called."""

import numpy as np

from ricci_flow.networks.draws import draw_weights
from ricci_flow.networks.performance import Performance


class Drift:
    takes = "dense networks"

    def __init__(self, task):
        widths = [task.X.shape[1], *task.architecture.widths, task.outputs]
        self.weights = draw_weights(task.streams, task.networks, widths)

    @classmethod
    def supports(cls, architecture, recipe, outputs, device):
        return architecture.widths is not None and recipe.stop_at is None

    def run_batches(self, rows, epoch):
        for w in self.weights:
            w += np.float32(0.25)
        return Performance(np.zeros(len(rows)), np.ones(len(rows)))

    def evaluate(self, X, labels, rows):
        return Performance(np.zeros(len(rows)), np.ones(len(rows)))

    def parameters(self):
        named = {}
        for i, w in enumerate(self.weights, 1):
            named |= {f"W{i}": w, f"b{i}": np.zeros(w.shape[::2], np.float32)}
        return named


TRAINER = Drift
'''
ARCHITECTURE = """
with_scaled:
  layers:
    - {kind: dense, width: 6}
    - {kind: scaled, factor: 3}
    - {kind: dense, width: 6}
    - {kind: dense, width: 6}
"""

MODULE = """
from collections import OrderedDict

from torch import nn


def build(inputs, outputs):
    layers, entering = OrderedDict(), inputs[0]
    for name in "abc":
        layers[name] = nn.Sequential(nn.Linear(entering, 6), nn.Tanh())
        entering = 6
    layers["output"] = nn.Linear(entering, outputs)
    return nn.Sequential(layers)
"""


def trained(jobs):
    return {job for job in jobs if job.startswith("training")}


def test_a_kind_of_layer_is_one_file(checkout):
    path = checkout.folder / "scripts/ricci_flow/networks/layers/scaled.py"
    path.write_text(LAYER, "utf-8")
    with (checkout.folder / "tiny/architectures.yaml").open("a") as catalogue:
        catalogue.write(ARCHITECTURE)
    assert checkout.run() == set()
    checkout.edit("tiny/mini.yaml", "[short]", "[short, with_scaled]")
    assert trained(checkout.run()) == {"training rolls/with_scaled/trained"}
    results = checkout.folder / "results/mini"
    layers = read_tensors(results / "activations/rolls/with_scaled/trained/layers.safetensors")
    assert (layers["layer_2"] == 3 * layers["layer_1"]).all()
    assert layers["layer_1"].any()
    path.write_text(LAYER.replace("self.factor * x", "self.factor * x + 1"), "utf-8")
    assert trained(checkout.run()) == {"training rolls/with_scaled/trained"}


def test_a_trainer_is_one_file(checkout):
    path = checkout.folder / "scripts/ricci_flow/networks/trainers/drift.py"
    path.write_text(TRAINER, "utf-8")
    with (checkout.folder / "config/conditions.yaml").open("a") as catalogue:
        catalogue.write("drifting:\n  trainer: drift\n  accuracy_filter: false\n  control: true\n")
    assert checkout.run() == set()
    checkout.edit("tiny/mini.yaml", "[trained]", "[trained, drifting, untrained]")
    new = {f"training rolls/short/{name}" for name in ("drifting", "untrained")}
    assert trained(checkout.run()) == new
    results = checkout.folder / "results/mini/training/rolls/short"
    moved, before = (
        read_tensors(results / f"{name}/weights.safetensors")["W1"]
        for name in ("drifting", "untrained")
    )
    assert abs(moved - before - 0.5).max() < 1e-6  # two epochs
    history = pl.read_parquet(results / "drifting/history.parquet")
    assert (history["accuracy"] == 1).all()


def test_a_module_of_the_users_is_trained_again_after_an_edit(checkout):
    path = checkout.folder / "tiny/my_model.py"
    path.write_text(MODULE, "utf-8")
    with (checkout.folder / "tiny/architectures.yaml").open("a") as catalogue:
        catalogue.write("own:\n  module: my_model.py:build\n  measured: [a, b, c]\n")
    checkout.edit("tiny/mini.yaml", "[short]", "[short, own]")
    assert trained(checkout.run()) == {"training rolls/own/trained"}
    layers = checkout.folder / "results/mini/activations/rolls/own/trained/layers.safetensors"
    assert sorted(read_tensors(layers)) == ["layer_1", "layer_2", "layer_3"]
    path.write_text(MODULE + "# a comment\n", "utf-8")
    assert checkout.run() == set()
    path.write_text(MODULE.replace("Tanh", "ReLU"), "utf-8")
    assert trained(checkout.run()) == {"training rolls/own/trained"}
