"""The torch paths of search and hops against the compiled ones, on torch's CPU device."""

import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from ricci_flow import devices
from ricci_flow.devices import choose_device
from ricci_flow.errors import InputError
from ricci_flow.geometry import dense
from ricci_flow.geometry.dense import DenseGraph
from ricci_flow.geometry.measure import make_graph, measure_layer
from ricci_flow.graphs import accelerated
from ricci_flow.graphs.accelerated import nearest_neighbours_on
from ricci_flow.graphs.devices import make_search
from ricci_flow.graphs.neighbours import nearest_neighbours
from tests.unit.clouds import clouds


def assert_equal_lists(found, expected):
    for name in ("starts", "indices", "tied"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
        assert getattr(found, name).dtype == getattr(expected, name).dtype
    assert (found.k_max, found.duplicates) == (expected.k_max, expected.duplicates)


@settings(max_examples=100, deadline=None)
@given(clouds())
def test_both_searches_and_both_graphs_are_equal_to_the_bit(cloud):
    points, k_max = cloud
    expected = nearest_neighbours(points, k_max)
    lists = nearest_neighbours_on(points, k_max, "cpu")
    assert_equal_lists(lists, expected)
    grid = [1, (k_max + 1) // 2, k_max]
    assert measure_layer(lists, grid, DenseGraph(lists, "cpu")) == measure_layer(expected, grid)


@pytest.mark.parametrize("n", [100, 127, 128, 129])
def test_layers_of_relu_units_in_blocks(n, monkeypatch):
    rng = np.random.default_rng(n)
    points = np.maximum(rng.normal(size=(n, 12)) @ rng.normal(size=(12, 30)), 0)
    points = points.astype(np.float32)
    monkeypatch.setattr(accelerated, "_BLOCK_ENTRIES", 17 * n)
    monkeypatch.setattr(dense, "_BLOCK_ENTRIES", 13 * n)
    lists = nearest_neighbours_on(points, 25, "cpu")
    assert_equal_lists(lists, nearest_neighbours(points, 25))
    assert measure_layer(lists, [3, 25], DenseGraph(lists, "cpu")) == measure_layer(lists, [3, 25])


@pytest.mark.parametrize("k", [1, 3, 59])
def test_disconnected_constant_and_complete(k):
    line = np.concatenate([np.arange(30.0), 1000 + np.arange(30.0)])[:, None]
    for points in (line, np.zeros((60, 4)), line * 0 + 1e30):
        lists = nearest_neighbours_on(points, k, "cpu")
        assert_equal_lists(lists, nearest_neighbours(points, k))
        assert measure_layer(lists, [k], make_graph(lists, "cpu")) == measure_layer(
            lists, [k], DenseGraph(lists, "cpu")
        )


def test_hops_of_the_matrix_against_networkx():
    lists = nearest_neighbours(np.random.default_rng(0).normal(size=(80, 3)), 4)
    graph = DenseGraph(lists, "cpu")
    graph.add(lists.starts[:-1], lists.starts[1:])
    union = nx.from_numpy_array(graph.union.numpy())
    assert graph.hops() == (
        sum(sum(row.values()) for _, row in nx.all_pairs_shortest_path_length(union)),
        nx.number_connected_components(union),
        max(nx.diameter(union.subgraph(part)) for part in nx.connected_components(union)),
    )


def test_torch_search_refuses_what_the_other_refuses():
    with pytest.raises(ValueError, match=r"must lie in 1\.\.9"):
        nearest_neighbours_on(np.arange(10.0)[:, None], 10, "cpu")
    with pytest.raises(ValueError, match="finite"):
        nearest_neighbours_on(np.array([[0.0], [np.inf], [1.0]]), 1, "cpu")


def test_devices_that_are_not_there(monkeypatch):
    with pytest.raises(InputError, match="here: device is 'tpu'; it must be auto, cpu, cuda"):
        choose_device("tpu", "here")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(InputError, match="torch finds none"):
        choose_device("cuda", "here")
    monkeypatch.setattr(devices, "_may_have_cuda", lambda: True)
    assert choose_device("auto", "here") == choose_device("cpu", "here") == "cpu"
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert choose_device("auto", "here") == choose_device("cuda", "here") == "cuda"
    assert make_search("cpu") is nearest_neighbours


def test_the_cpu_path_imports_no_torch():
    program = (
        "import sys; from ricci_flow.geometry.ensemble import measure_ensemble;"
        "from ricci_flow.graphs.devices import make_search; make_search('cpu');"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0


@pytest.mark.skipif("not __import__('torch').cuda.is_available()", reason="no CUDA device")
def test_cuda_is_equal_to_the_bit():
    points = np.maximum(np.random.default_rng(1).normal(size=(2000, 50)), 0).astype(np.float32)
    lists = nearest_neighbours_on(points, 500, "cuda")
    assert_equal_lists(lists, nearest_neighbours(points, 500))
    grid = [10, 90, 500]
    assert measure_layer(lists, grid, make_graph(lists, "cuda")) == measure_layer(lists, grid)
