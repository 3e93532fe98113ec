"""Graphs of cells: paths and kernels against published numbers, random networks, dense layers."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
import torch

from ricci_flow.claims.faster_graphs import CLAIM
from ricci_flow.claims.layer_measures import LayerCell
from ricci_flow.errors import InputError
from ricci_flow.networks.architecture import read_architecture
from ricci_flow.networks.connectivity import (
    effective_depth_and_width,
    eigenvalue_bound,
    path_depths,
    path_kernel,
    read_graph,
    relu_kernel,
    wide_kernel,
)
from ricci_flow.networks.draws import Streams
from ricci_flow.networks.ensemble import Data, train_ensemble
from ricci_flow.networks.layers.base import Normal
from ricci_flow.networks.recipe import Recipe
from ricci_flow.validation import read

CHAIN, WIDE, MIXED = PUBLISHED = ("2_02_002", "1_01_222", "2_21_112")
KAIMING = {"name": "normal", "sigma_w": 2**0.5}


def network(graph, width, entering, seed=0, **options):
    cell = {"kind": "dag", "width": width, "graph": graph, **options}
    architecture = read_architecture({"layers": [cell]})
    generator = np.random.default_rng(seed)
    return architecture.build((entering,), 1, generator, Normal(sigma_w=2**0.5))


def by_networkx(text):
    graph = nx.DiGraph()
    for t, node in enumerate(text.split("_"), 1):
        graph.add_weighted_edges_from((s, t, int(e == "2")) for s, e in enumerate(node) if e != "0")
    paths = nx.all_simple_paths(graph, 0, len(text.split("_")))
    return sorted(nx.path_weight(graph, path, "weight") for path in paths)


@pytest.mark.parametrize(
    ("text", "depths", "depth", "width"),
    [
        (CHAIN, [3], 3, 1 / 3),
        (WIDE, [1, 1, 1], 1, 3),
        (MIXED, [0, 1, 2, 2], 1.25, 2.4),
        ("2_12_122_1022", None, None, None),
    ],
)
def test_paths_are_those_of_the_graph(text, depths, depth, width):
    graph = read_graph(text)
    assert sorted(path_depths(graph)) == by_networkx(text)
    if depths:
        assert sorted(path_depths(graph)) == depths
        assert effective_depth_and_width(graph) == pytest.approx((depth, width))


def test_a_cell_of_skips_has_no_width():
    depth, width = effective_depth_and_width(read_graph("1_11"))
    assert depth == 0
    assert np.isnan(width)


@pytest.mark.parametrize("text", ["", "2_2", "2_23", "2_0x", "0", "2_00", "2_20", "2-02"])
def test_what_is_no_graph_is_said(text):
    with pytest.raises(InputError, match=r"key 'layers.0.graph' is .*; it must have"):
        read_architecture({"layers": [{"kind": "dag", "width": 4, "graph": text}]})


def test_bounds_are_the_published_ones_and_scale_turns_their_order():
    for c, expected in ((0.0, (0.395, 2.045, 2.694)), (0.9, (0.0751, 0.2714, 0.3550))):
        found = [eigenvalue_bound(read_graph(text), np.array([c])) for text in PUBLISHED]
        assert found == pytest.approx(expected, abs=6e-4 if c == 0 else 6e-5)
    close = [eigenvalue_bound(read_graph(text), np.array([0.99])) for text in PUBLISHED]
    assert np.divide(close, [1, 3, 4]) == pytest.approx([0.0091, 0.0097, 0.0096], abs=6e-5)
    X = np.random.default_rng(0).standard_normal((200, 50))
    c = X @ X.T / np.outer(*[np.linalg.norm(X, axis=1)] * 2)
    least, scaled = [], []
    for text in PUBLISHED:
        K = path_kernel(read_graph(text), c)
        least.append(np.linalg.eigvalsh(K)[0])
        scaled.append(least[-1] / K[0, 0])
        apart = c[~np.eye(200, dtype=bool)]
        assert least[-1] <= eigenvalue_bound(read_graph(text), apart)
    assert least == sorted(least)
    assert scaled == pytest.approx([0.1285, 0.0903, 0.0840], abs=1e-4)


def test_the_kernel_of_relu_is_its_integral():
    # One normal number given the other, by quadrature over the circle: r drops out.
    angle = (np.arange(200_000) + 0.5) / 200_000 * 2 * np.pi
    for c in (-1.0, -0.3, 0.0, 0.6, 1.0):
        v = np.cos(angle - np.arccos(c))
        expected = 4 * np.mean(np.maximum(np.cos(angle), 0) * np.maximum(v, 0))
        assert relu_kernel(np.array(c)) == pytest.approx(expected, abs=1e-8)


def test_without_sums_both_kernels_are_one():
    c = np.array([[1.0, 0.3], [0.3, 1.0]])
    chain = read_graph(CHAIN)
    np.testing.assert_allclose(wide_kernel(chain, c), path_kernel(chain, c))
    # Three maps of one node: by hand, six products of means, each 1 / pi.
    expected = path_kernel(read_graph(WIDE), c) + 6 / np.pi
    np.testing.assert_allclose(wide_kernel(read_graph(WIDE), c), expected)
    # Two skips from one node share its units: four times, not twice.
    np.testing.assert_allclose(wide_kernel(read_graph("1_11"), c), 4 * c)


@pytest.mark.parametrize("text", [*PUBLISHED, "2_12_122"])
def test_the_wide_kernel_is_the_mean_over_random_networks(text):
    width, networks = 160, 100
    points = np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [-0.5, 0.5, 1.2]])
    found = []
    for seed in range(networks):
        # Units of the first node are normal, so that their products are the points'.
        rng = np.random.default_rng(1000 + seed)
        X = points @ rng.standard_normal((3, width))
        with torch.no_grad():
            cell = network(text, width, width, seed).layer_1
            Y = cell(torch.from_numpy(X.astype(np.float32))).double().numpy()
        found.append(Y @ Y.T / width)
    expected = wide_kernel(read_graph(text), points @ points.T)
    error = np.std(found, axis=0, ddof=1) / np.sqrt(networks)
    assert (np.abs(np.mean(found, axis=0) - expected) < 5 * error).all()
    if text in (WIDE, MIXED):
        scale = np.sqrt(np.diag(points @ points.T))
        independent = np.outer(scale, scale) * path_kernel(
            read_graph(text), points @ points.T / np.outer(scale, scale)
        )
        assert (np.mean(found, axis=0) - independent > 10 * error).all()


def test_a_cell_adds_up_what_leads_to_its_nodes():
    cell = network(MIXED, 5, 5).layer_1
    with torch.no_grad():
        for values in cell.parameters():
            values += 0.1
        x = torch.randn(7, 5, generator=torch.Generator().manual_seed(0))

        def edge(s, t, values):
            linear = cell.edges[f"from_{s}_to_{t}"].linear
            return torch.relu(values @ linear.weight.T + linear.bias)

        one = edge(0, 1, x)
        two = edge(0, 2, x) + one
        three = x + one + edge(2, 3, two)
        torch.testing.assert_close(cell(x), three)
        scaled = network(MIXED, 5, 5, scaled=True)
        scaled.layer_1.load_state_dict(cell.state_dict())
        torch.testing.assert_close(scaled.layer_1(x), three / 2)
    assert len(list(cell.parameters())) == 6


def data():
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((40, 12)).astype(np.float32), np.repeat([0, 1], 20).astype(np.uint8)
    return Data(X, y, X[:10], y[15:25], 2, None)


def trained(entry, **keys):
    keys = {"epochs": 3, "validation": "none", "learning_rate": 0.05, "optimiser": "sgd", **keys}
    recipe = read(Recipe.model_validate, keys, "recipe")
    streams = Streams("study", "data", "host")
    return train_ensemble(data(), streams, [0, 1], read_architecture(entry), recipe, device="cpu")


def test_a_chain_is_the_dense_network():
    chain = trained({"layers": [{"kind": "dag", "width": 6, "graph": CHAIN}]})
    layer = {"kind": "dense", "width": 6}
    inner = layer | {"measured": False}
    dense = trained({"layers": [inner, inner, layer]})
    names = {"0_to_1": "dense_1", "1_to_2": "dense_2", "2_to_3": "layer_1"}
    for edge, name_of_dense in names.items():
        for name in ("weight", "bias"):
            np.testing.assert_array_equal(
                chain.parameters[f"layer_1.edges.from_{edge}.linear.{name}"],
                dense.parameters[f"{name_of_dense}.linear.{name}"],
            )
    np.testing.assert_array_equal(chain.layers["layer_1"], dense.layers["layer_1"])


def test_a_recipe_changes_settings_of_layers_by_kind():
    def host(graph, **options):
        cell = {"kind": "dag", "width": 6, "graph": graph, **options}
        block = {"kind": "residual", "layers": [cell]}
        return {"layers": [{"kind": "dense", "width": 6}, block]}

    settings = {"dag": {"graph": WIDE, "scaled": True}}
    changed = trained(host(MIXED), layer_settings=settings)
    plain = trained(host(WIDE, scaled=True))
    assert changed.parameters.keys() == plain.parameters.keys()
    for name, values in plain.parameters.items():
        np.testing.assert_array_equal(changed.parameters[name], values)
    for bad, cure in (
        ({"dagg": {}}, "unknown key 'layer_settings.dagg'; did you mean 'dag'"),
        ({"dag": {"grap": WIDE}}, "unknown key 'layer_settings.dag.grap'; did you mean 'graph'"),
        ({"dag": {"graph": "2_2"}}, "key 'layer_settings.dag.graph' is '2_2'; it must have"),
        ({"dag": {"width": 0}}, "key 'layer_settings.dag.width' is 0; it must be at least 1"),
    ):
        with pytest.raises(InputError, match=cure):
            trained(host(MIXED), layer_settings=bad)


def test_a_skip_needs_as_many_units_as_enter():
    with pytest.raises(InputError, match="12 numbers of a point enter, and graph 1_01_222 adds"):
        network(WIDE, 6, 12)
    network(CHAIN, 6, 12)


def cell(epochs, others=None):
    n = len(epochs)
    nothing = np.full(n, np.nan)
    kept = np.ones(n, bool)
    epochs = np.array(epochs, float)
    return LayerCell(
        2, np.arange(n), kept, nothing, nothing, {}, others=others or {}, epochs=epochs
    )


def test_the_claim_is_on_the_order_of_mean_epochs():
    def asked(plain, scaled):
        names = ("graph_2", "graph_1", "scaled_3", "scaled_2", "scaled_1")
        three, *rest = plain
        others = dict(zip(names, map(cell, [*rest, *scaled]), strict=False))
        ((_, other),) = CLAIM.comparisons
        return tuple(q.in_cell(cell(three, others), "real")[0] for q in (CLAIM.quantity, other))

    first, second, third = [3, 5], [6, 4], [9, 2]
    assert asked([first, second, third], [third, second, first]) == (1, 0)
    assert asked([second, first, third], [first, second, third]) == (0, 1)
    for tied in combinations([[4, 4], [3, 5], [9, 9]], 3):
        assert asked(tied, tied) == (0, 0)
    assert np.isnan(asked([first, second], [])).all()
    # In a control it is not asked.
    control = cell(first, {"graph_3": cell(first), "graph_2": cell(second)})
    assert np.isnan(CLAIM.quantity.in_cell(control, "real")[0])
