"""Data sets that bring activations: alone from arrays to the report, and beside one that trains."""

import json

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import save_file
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import cdist

from ricci_flow.datasets.layer_sources import flowing_tubes
from ricci_flow.seeds import derive_generator
from tests.workflow.runner import pages_of

N, DEPTH, K = 40, 5, 12
CATALOGUE = """
mine:
  kind: activations
  path: arrays
  labels: types
  accuracy: [0.95, 0.97, 0.5]
  k_grid: [12, 20]
bare:
  kind: activations
  path: bare.safetensors
  conditions: { untrained: before.npz }
  architecture: found
  k_grid: [12]
drawn:
  kind: drawn_layers
  source: flowing_tubes
  parameters: { rate: 0.5 }
  networks: 2
  points: 40
  depth: 5
  k_grid: [12]
"""


def arrays(networks):
    rng = np.random.default_rng(networks)
    return {
        f"layer_{layer}": rng.normal(size=(networks, N, 3 + layer)).astype(np.float32)
        for layer in range(1, DEPTH + 1)
    }


def coefficient(layers):
    """Return the coefficient of one network by scipy: Forman sums against changes of mass."""
    curvature, mass = [], []
    for points in layers:
        distances = cdist(points.astype(float), points.astype(float))
        np.fill_diagonal(distances, np.inf)
        graph = np.zeros((N, N), bool)
        graph[np.arange(N)[:, None], np.argsort(distances, axis=1)[:, :K]] = True
        graph |= graph.T
        degrees = graph.sum(axis=1)
        first, second = np.nonzero(np.triu(graph))
        curvature.append((4.0 - degrees[first] - degrees[second]).sum())
        mass.append(shortest_path(csr_matrix(graph), unweighted=True).sum() / 2)
    return np.corrcoef(np.diff(mass), curvature[:-1])[0, 1]


def test_arrays_of_networks_trained_elsewhere_are_measured_as_any_others(empty):
    given, bare = arrays(3), {name: array[0] for name, array in arrays(1).items()}
    (empty.folder / "arrays").mkdir()
    for name, array in {**given, "types": np.arange(N) % 2}.items():
        np.save(empty.folder / "arrays" / f"{name}.npy", array)
    save_file(bare, empty.folder / "bare.safetensors")
    before = {name: array[1] for name, array in arrays(2).items()}
    np.savez(empty.folder / "before.npz", **before)
    with (empty.folder / "tiny/datasets.yaml").open("a", encoding="utf-8") as file:
        file.write(CATALOGUE)
    empty.config = "tiny/mini.yaml"
    empty.edit("tiny/mini.yaml", "[rolls]", "[mine, bare, drawn]")
    empty.edit("tiny/mini.yaml", "[trained]", "[trained, untrained, random_features]")
    empty.edit(
        "tiny/mini.yaml",
        "curvatures: { measures: [] }",
        "curvatures: { measures: [forman_union, modularity], local: true, settings: [rescaled, "
        "with_input] }",
    )
    run = empty.tiny()
    assert run.status == 0, run.text
    warnings = [line for line in run.text.splitlines() if line.startswith("warning: ")]
    assert [line.rpartition(": ")[2] for line in warnings] == ["untrained"] * 2 + ["short"]

    results = empty.folder / "results/mini"
    drawn = [
        flowing_tubes(derive_generator("mini29", "drawn", network, "layers"), N, DEPTH, rate=0.5)
        for network in range(2)
    ]
    tubes = {f"layer_{i}": np.stack([one[i] for one in drawn]).astype("f4") for i in range(DEPTH)}
    for ensemble, layers in (
        ("drawn/drawn", tubes),
        ("mine/mine", given),
        ("bare/found", {name: array[None] for name, array in bare.items()}),
    ):
        table = pl.read_parquet(results / f"coefficients/{ensemble}/trained/networks.parquet")
        rows = table.filter(measure="forman_union", k=K).sort("network")
        expected = [coefficient(network) for network in zip(*layers.values(), strict=True)]
        np.testing.assert_allclose(rows["rho"].to_numpy(), expected, rtol=1e-12)
        assert (results / f"coefficients/{ensemble}/random_features/cell.parquet").is_file()
        assert not (results / f"training/{ensemble}/trained/weights.safetensors").exists()

    table = pl.read_parquet(results / "coefficients/bare/found/untrained/networks.parquet")
    (row,) = table.filter(measure="forman_union", k=K).rows(named=True)
    assert row["rho"] == pytest.approx(coefficient(before.values()), rel=1e-12)
    accuracy = pl.read_parquet(results / "statistics/accuracy.parquet").filter(condition="trained")
    kept = {name: part["kept"].to_list() for (name,), part in accuracy.group_by("data_set")}
    assert kept == {"mine": [True, True, False], "bare": [True], "drawn": [True, True]}
    block = pl.read_parquet(results / "measures/bare/found/trained/curvatures.parquet")
    why = {name: set(part["reason"]) for (name,), part in block.group_by("setting")}
    assert why["rescaled"] == {"needs weights, and there are none"}
    assert why["with_input"] == {"needs the input, and only activations were given"}
    assert set(block.filter(setting="knn", measure="modularity")["reason"]) == {
        "classes are not known"
    }
    link = pl.read_parquet(results / "statistics/within_cells.parquet").filter(data_set="bare")
    assert set(link["reason"]) == {"networks of this condition have no test accuracy"}
    page = pages_of(results)
    assert "without accuracies, all networks are kept" in page
    assert json.loads((results / "report/config.json").read_text())["architectures"]["found"] == {
        "widths": [4, 5, 6, 7, 8]
    }

    assert empty.tiny("--dry-run").nothing_to_do
    np.save(empty.folder / "arrays/layer_2.npy", given["layer_2"] + 1)
    planned = empty.plan()
    assert "activations mine/mine/trained" in planned
    assert "activations bare/found/trained" not in planned
    # Beside a data set that is trained: its own architectures and conditions, none of the other's.
    empty.edit("tiny/mini.yaml", "[mine, bare, drawn]", "[mine, bare, drawn, rolls]")
    trained = {job for job in empty.plan() if job.startswith(("training", "activations", "random"))}
    assert trained == {
        "activations mine/mine/trained",
        "random features mine/mine/random_features",
        "training rolls/short/trained",
        "training rolls/short/untrained",
        "random features rolls/short/random_features",
    }
