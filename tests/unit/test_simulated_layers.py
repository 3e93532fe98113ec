"""Layers that flow and layers that do not, as files, through the stages from graphs on."""

import numpy as np
import polars as pl
import pytest
from scipy import stats
from scipy.sparse import csgraph
from sklearn.neighbors import kneighbors_graph

from ricci_flow.datasets.layer_sources import (
    flowing_tubes,
    heat_flow,
    independent_tubes,
    normalised_laplacian,
    shuffled_tubes,
)
from ricci_flow.errors import InputError
from ricci_flow.seeds import derive_generator
from ricci_flow.storage import read_table, write_table, write_tensors
from ricci_flow.study.model import load_study
from ricci_flow.tables import training
from tests import jobs
from tests.unit.measuring import FORMAN

MAKERS = {
    "flowing": flowing_tubes,
    "shuffled": shuffled_tubes,
    "independent": independent_tubes,
}
POINTS, DEPTH = 160, 6
DATA_SETS = tuple("abcdefgh")
ARCHITECTURE, NETWORKS, KS = "tube", 6, [8, 10]


def ensemble(root, data_set, condition):
    """Write an ensemble's activations and accuracies, and run the stages up to coefficients."""
    place = f"{data_set}/{ARCHITECTURE}/{condition}"
    layers = np.stack(
        [
            MAKERS[condition](derive_generator("simulated layers", place, network), POINTS, DEPTH)
            for network in range(NETWORKS)
        ]
    )
    tensors = {f"layer_{i + 1}": layers[:, i].astype(np.float32) for i in range(DEPTH)}
    write_tensors(root / "activations" / place / "layers.safetensors", tensors)
    names = dict(zip(("data_set", "architecture", "condition"), place.split("/"), strict=True))
    columns = ("test_accuracy", "margin", "test_loss", "weight_norm")
    numbers = derive_generator("simulated accuracy", place).random((len(columns), NETWORKS))
    table = training.NETWORKS.frame(
        names
        | {"network": network, "seed": network, "epochs": 0}
        | dict(zip(columns, numbers[:, network].tolist(), strict=True))
        for network in range(NETWORKS)
    )
    write_table(root / "training" / place / "networks.parquet", table)
    neighbours = root / "graphs" / place / "neighbours.safetensors"
    measures = root / "measures" / place / "main.parquet"
    data = root / "labels.safetensors"
    write_tensors(data, {"y_test": np.zeros(layers.shape[2], np.uint8)})
    coefficients = root / "coefficients" / place
    run(
        "build_graphs",
        names=[*names.values()],
        k=KS,
        layers=root / "activations" / place / "layers.safetensors",
        neighbours=neighbours,
        ties=root / "graphs" / place / "ties.parquet",
    )
    run(
        "measure",
        names=[*names.values()],
        measures=FORMAN,
        k=KS,
        data=data,
        neighbours=neighbours,
        table=measures,
        local_table=measures.with_suffix(".local"),
    )
    run(
        "compute_coefficients",
        measures=measures,
        networks=root / "training" / place / "networks.parquet",
        network_table=coefficients / "networks.parquet",
        cell_table=coefficients / "cell.parquet",
    )


def run(entry, **fields):
    assert jobs.call(entry, jobs.arguments(**fields)) == 0


def statistics(root, first, *controls):
    """Run the statistics stage with `first` in question; return the folder of its tables."""
    conditions = (first, *controls)
    output = root / f"statistics {' '.join(conditions)}"
    words = jobs.arguments(
        study="simulated",
        root=root,
        ensembles=[f"{name}/{ARCHITECTURE}/{c}" for c in conditions for name in DATA_SETS],
        thresholds=dict.fromkeys(DATA_SETS, 0.0),
        architectures={ARCHITECTURE: (DEPTH, "3")},
        networks=NETWORKS,
        control_networks=NETWORKS,
        unfiltered=conditions,
        controls=controls,
        primary_condition=first,
        output=output,
    )
    assert jobs.call("compute_statistics", words) == 0
    return output


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("simulated")
    for condition in MAKERS:
        for data_set in DATA_SETS:
            ensemble(root, data_set, condition)
    return root


def verdicts(folder):
    table = read_table(folder / "ledger.parquet").filter(pl.col("measure") == "forman_directed")
    own = table.filter(pl.col("control").is_null())
    return dict(zip(own["claim"], own["verdict"], strict=True))


def test_layers_that_flow_are_told_from_the_same_in_random_order(root):
    folder = statistics(root, "flowing", "shuffled", "independent")
    at_star = read_table(folder / "networks.parquet").filter(pl.col("measure") == "forman_directed")
    found = {}
    for (condition,), part in at_star.group_by("condition"):
        defined = part.filter(pl.col("rho").is_not_null())
        assert len(defined) > 0.9 * NETWORKS * len(DATA_SETS)
        significant = int((defined["p_orders"] <= 0.05).sum())
        found[condition] = (len(defined), significant, (defined["rho"] < 0).mean())
    # Single networks of six layers, each at odds of 1000 to 1: power at least 3 in 10, size at
    # most 1 in 10 (k was chosen on the same networks, the better of two).
    of, hits, negative = found["flowing"]
    assert stats.binomtest(hits, of, 0.3, "greater").pvalue < 1e-3
    for condition in ("shuffled", "independent"):
        of, hits, _ = found[condition]
        assert stats.binomtest(hits, of, 0.1, "greater").pvalue > 1e-3
    assert negative > 0.95 > found["shuffled"][2]
    # At a k fixed beforehand the size is the stated one.
    nulls = read_table(folder / "nulls.parquet").filter(pl.col("measure") == "forman_directed")
    for row in nulls.filter(pl.col("condition") != "flowing").iter_rows(named=True):
        hits = round(row["fixed_significant_orders"] * row["fixed_networks"])
        assert row["fixed_networks"] > 0.9 * NETWORKS * len(DATA_SETS)
        assert stats.binomtest(hits, row["fixed_networks"], 0.05, "greater").pvalue > 1e-3
    assert verdicts(folder)[5] == "reproduced"


def test_layers_in_random_order_are_not_taken_for_a_flow(root):
    """They are coupled, so that most coefficients are negative; their order adds nothing."""
    folder = statistics(root, "shuffled", "independent")
    ledger = read_table(folder / "ledger.parquet").filter(
        pl.col("measure") == "forman_directed", pl.col("claim") == 5
    )
    assert ledger["value"][0] > 0.6
    assert verdicts(folder)[5] != "reproduced"
    remark = ledger["remark"][0]
    assert "layer orders" in remark


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("source: flowing_tubes, parameters: {rate: -1}", "key 'mine': .*need rate > 0"),
        ("source: heat_flow, parameters: {neighbours: 2.5}", "key 'mine': .*whole 0 < neighbours"),
        ("source: heat_flow, parameters: {rate: 1}", "'mine.parameters.rate'"),
        ("source: heat, points: 30", "must be one of flowing_tubes"),
        ("source: heat_flow, accuracy_threshold: 0.5", "needs accuracies, and none are given"),
    ],
)
def test_wrong_sources_get_one_line(keys, says, tmp_path):
    catalogue = tmp_path / "data_sets.yaml"
    catalogue.write_text(f"mine: {{kind: drawn_layers, {keys}}}", "utf-8")
    config = {
        "study": "s",
        "data_sets": ["mine"],
        "architectures": ["wide_5"],
        "catalogues": {"data_sets": str(catalogue)},
    }
    with pytest.raises(InputError, match=says) as error:
        load_study(config)
    assert "\n" not in str(error.value)


def test_heat_flow_is_the_solution_of_its_equation():
    """A slow reference: many small steps of dX/dt = -L X from the first layer on."""
    layers = heat_flow(np.random.default_rng(0), 60, 4, neighbours=6, time=0.5)
    laplacian, steps = normalised_laplacian(layers[0], 6), 20_000
    points = layers[0].copy()
    for layer in layers[1:]:
        for _ in range(steps):
            points -= 0.5 / steps * laplacian @ points
        assert np.abs(layer - points).max() < 1e-4
    roots = np.sqrt((laplacian != 0).sum(axis=1) - 1)
    assert np.allclose(roots @ layers, roots @ layers[0])


def test_laplacian_against_scikit_learn_and_scipy():
    points = np.random.default_rng(1).normal(size=(50, 3))
    directed = kneighbors_graph(points, 5)
    expected = csgraph.laplacian(directed.maximum(directed.T), normed=True).toarray()
    assert np.allclose(normalised_laplacian(points, 5), expected)
