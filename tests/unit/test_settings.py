"""One network under every variant: rescaling, subsamples, further layers, missing values."""

import itertools

import networkx as nx
import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import softmax

from ricci_flow.coefficients.ricci import ricci_coefficient
from ricci_flow.graphs.grid import k_of_fraction
from ricci_flow.measurement.settings import read_settings
from ricci_flow.measurement.sources import NO_CLASS, NO_HALF, NO_OTHER, NO_RIGHT, NO_WEIGHTS
from ricci_flow.networks.forward import forward_layers
from ricci_flow.networks.rescaling import deviation, logits, output_layer, rescale, sigmoid
from ricci_flow.seeds import derive_generator
from tests.unit.clouds import digraph, literal_curvature, literal_mass, literal_neighbours
from tests.unit.measuring import network_rows, settings_catalogue

WIDTHS = (7, 6, 5, 6)
N = 60


def network(seed=0, d=3, spread=1.0):
    rng = np.random.default_rng(seed)
    parameters = {}
    for layer, (a, b) in enumerate(itertools.pairwise((d, *WIDTHS, 1)), 1):
        parameters[f"W{layer}"] = spread * rng.normal(size=(1, a, b))
        parameters[f"b{layer}"] = spread * rng.normal(size=(1, b))
    X = rng.normal(size=(N, d)).astype(np.float32)
    return parameters, X


def by_hand(parameters, X, activation="relu"):
    """Return all hidden layers and the logits, unit by unit."""
    layers, entering = [], X.astype(np.float64)
    for layer in range(1, len(WIDTHS) + 2):
        W, b = parameters[f"W{layer}"][0], parameters[f"b{layer}"][0]
        leaving = np.zeros((len(X), W.shape[1]))
        for unit in range(W.shape[1]):
            leaving[:, unit] = (entering * W[:, unit]).sum(axis=1) + b[unit]
        if layer <= len(WIDTHS):
            leaving = np.maximum(leaving, 0) if activation == "relu" else leaving
            layers.append(leaving)
        entering = leaving
    return layers, entering[:, 0]


def rows_of(folder, settings, parameters, X, **changes):
    hidden = [layer[0] for layer in forward_layers(parameters, X, "relu").values()]
    return network_rows(folder, ["knn", *settings], hidden, X, weights=parameters, **changes)


def literal_rho(layers, k, measure):
    """Return Pearson's r of the changes of mass with curvature by networkx and numpy."""
    mass, curvature = [], []
    for points in layers:
        directed = digraph(literal_neighbours(points, k))
        union = directed.to_undirected()
        mass.append(literal_mass(union))
        curvature.append(literal_curvature(directed if measure == "forman_directed" else union))
    if None in mass:
        return None
    return np.corrcoef(np.diff(mass), curvature[:-1])[0, 1]


def check(rows, layers, n):
    """Compare rho of the rows with the literal one, at every k and measure."""
    assert {(row["k_fraction"], row["measure"]) for row in rows} == {
        *itertools.product((0.2, 0.4), ("forman_directed", "forman_union"))
    }
    for row in rows:
        assert row["k"] == k_of_fraction(row["k_fraction"], n)
        assert row["n"] == n
        assert row["points"] == len(layers) - 1
        expected = literal_rho(layers, row["k"], row["measure"])
        if expected is None:
            assert row["rho"] is None
            assert row["reason"].startswith("not connected at layer")
        else:
            assert row["rho"] == pytest.approx(expected, abs=1e-9)


def select(rows, setting, draw=None):
    return [row for row in rows if (row["setting"], row["draw"]) == (setting, draw)]


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_rescaling_keeps_the_logits_and_changes_the_graphs(activation):
    parameters, X = network(1)
    scaled = rescale(parameters, np.random.default_rng(2))
    before, expected = by_hand(parameters, X, activation)
    after, found = by_hand(scaled, X, activation)
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)
    changed = 0
    for layer, (a, b) in enumerate(zip(before, after, strict=True), 1):
        # A layer's activations are its old ones, each unit times one factor in [1/4, 4].
        alive = np.abs(a).max(axis=0) > 0
        factors = np.abs(b).max(axis=0)[alive] / np.abs(a).max(axis=0)[alive]
        assert (factors >= 0.25).all()
        assert (factors <= 4).all()
        assert np.ptp(factors) > 0.1
        np.testing.assert_allclose(b[:, alive], a[:, alive] * factors, rtol=1e-10, atol=1e-12)
        changed += literal_neighbours(a, 6) != literal_neighbours(b, 6)
        assert parameters[f"W{layer}"] is not scaled[f"W{layer}"]
    assert changed == len(WIDTHS)


def test_rescaling_factors_are_log_uniform():
    parameters = {
        "W1": np.ones((1, 1, 4000)),
        "b1": np.ones((1, 4000)),
        "W2": np.ones((1, 4000, 1)),
        "b2": np.ones((1, 1)),
    }
    logs = np.log(rescale(parameters, np.random.default_rng(3))["b1"][0]) / np.log(4)
    # The standard error of the mean of 4000 uniform numbers on (-1, 1) is 0.009.
    assert abs(logs.mean()) < 0.04
    assert (np.abs(logs) > 0.5).mean() == pytest.approx(0.5, abs=0.04)


def test_a_rescaling_that_changes_the_function_is_an_error():
    parameters, X = network(1)
    layers, expected = by_hand(parameters, X)
    wrong = dict(parameters, W2=parameters["W2"] * 1.0001)
    with pytest.raises(RuntimeError, match="changed the logits"):
        deviation(expected, by_hand(wrong, X)[1])
    with pytest.raises(RuntimeError, match="nan"):
        deviation(expected, np.full_like(expected, np.nan))
    assert deviation(expected, expected) == 0
    np.testing.assert_allclose(logits(parameters, layers[-1])[:, 0], expected, rtol=1e-12)


def test_rescaled_rows_are_of_the_rescaled_network(tmp_path):
    parameters, X = network(4)
    rows = rows_of(tmp_path, ["rescaled"], parameters, X)
    for draw in range(2):
        generator = derive_generator("test", 0, "rescaling", draw)
        layers, _ = by_hand(rescale(parameters, generator), X)
        chosen = select(rows, "rescaled", draw)
        check(chosen, layers, N)
        assert all(0 < row["deviation"] < 1e-12 for row in chosen)
    assert select(rows, "rescaled", 0)[0]["rho"] != select(rows, "rescaled", 1)[0]["rho"]


def test_subsamples_take_the_same_half_of_the_points_in_every_layer(tmp_path):
    parameters, X = network(5)
    hidden, _ = by_hand(parameters, X)
    rows = rows_of(tmp_path, ["subsample"], parameters, X)
    seen = []
    for draw in range(2):
        generator = derive_generator("test", 0, "subsample", draw)
        chosen = sorted(generator.choice(N, N // 2, replace=False))
        assert len(set(chosen)) == N // 2
        seen.append(chosen)
        check(select(rows, "subsample", draw), [points[chosen] for points in hidden], N // 2)
    assert seen[0] != seen[1]


def test_further_layers_are_the_features_and_the_sigmoid(tmp_path):
    parameters, X = network(6, spread=0.4)
    hidden, output = by_hand(parameters, X)
    probability = (1 / (1 + np.exp(-output)))[:, None]
    settings = ["with_input", "with_output", "with_input_and_output"]
    rows = rows_of(tmp_path, settings, parameters, X)
    check(select(rows, "knn"), hidden, N)
    check(select(rows, "with_input"), [X, *hidden], N)
    check(select(rows, "with_output"), [*hidden, probability], N)
    check(select(rows, "with_input_and_output"), [X, *hidden, probability], N)
    defined = [row for row in rows if row["rho"] is not None]
    assert {row["setting"] for row in defined} == {"knn", *settings}


def test_the_output_layer_of_three_classes_is_their_softmax():
    values = np.random.default_rng(2).normal(size=(9, 3)) * 5
    found = output_layer(values)
    np.testing.assert_allclose(found, softmax(values, axis=1), rtol=1e-13)
    np.testing.assert_array_equal(output_layer(values[:, :1]), sigmoid(values[:, :1]))


def test_sigmoid_neither_overflows_nor_loses_small_values():
    with np.errstate(all="raise", under="ignore"):
        found = sigmoid(np.array([-700.0, -40, 0, 1, 40, 1e4, -1e4]))
    assert found[0] == pytest.approx(np.exp(-700.0), rel=1e-12)
    assert found[1] == pytest.approx(np.exp(-40.0), rel=1e-12)
    assert found[2] == 0.5
    assert found[3] == pytest.approx(1 / (1 + np.exp(-1.0)), rel=1e-15)
    assert found[4:].tolist() == [1.0, 1.0, 0.0]


def test_reasons_name_the_layer_by_its_own_number():
    def found(*masses, first=1, curvature=None):
        squares = np.arange(float(len(masses))) ** 2
        mass = np.array(masses, dtype=float)
        return ricci_coefficient(mass, squares if curvature is None else curvature, None, first)

    nan = float("nan")
    first = found(nan, 1, 2, nan, 3, first=0)
    assert (first.points, first.rho, first.reason) == (4, None, "not connected at layer 0, 3")
    assert found(4, 1, 2, nan).reason == "not connected at layer 4"
    assert found(4, 1, 2).reason == "3 layers, a coefficient needs 4"
    assert found(1, 2, 3, 4).reason == "constant geodesic mass change"
    assert found(0, 0, 1, 5).rho == pytest.approx(1)
    masses = [float(i**3) for i in range(5)]
    assert found(*masses, curvature=np.full(5, 7.0)).reason == "constant curvature"
    undefined = np.array([1, 2, nan, 3, 4])
    assert found(*masses, curvature=undefined).reason == "no value at layer 3"


def test_without_weights_the_settings_that_need_them_say_so(tmp_path):
    parameters, X = network(7)
    settings = ["rescaled", "with_output", "with_input", "with_input_and_output", "mutual"]
    hidden, _ = by_hand(parameters, X)
    rows = network_rows(tmp_path, ["knn", *settings], hidden, X)
    skipped = [row for row in rows if row["reason"] == NO_WEIGHTS]
    assert {row["setting"] for row in skipped} == {
        *("rescaled", "with_output", "with_input_and_output"),
    }
    assert len(skipped) == 3 * 2 * 2
    assert all(row["rho"] is None for row in skipped)
    check([row for row in rows if row["setting"] == "with_input"], [X, *hidden], N)


@pytest.mark.parametrize("n", [3, 4])
def test_so_few_points_that_a_half_of_them_has_no_neighbours(tmp_path, n):
    parameters, X = network(7)
    settings = [name for name in settings_catalogue() if name != "knn"]
    rows = rows_of(tmp_path, settings, parameters, X[:n])
    halves = {row["reason"] for row in rows if row["setting"] == "subsample"}
    assert (halves == {NO_HALF}) == (n < 4)


def test_points_of_one_class(tmp_path):
    parameters, X = network(5)
    hidden, _ = by_hand(parameters, X)
    both = {"of_class": 1, "layers": ["input", "hidden"]}
    of_three = {"of_class": 2}
    rows = rows_of(
        tmp_path, ["first", "both", "third"], parameters, X,
        catalogue={"knn": {}, "first": {"of_class": 0}, "both": both, "third": of_three},
    )  # fmt: skip
    # Classes alternate.
    check(select(rows, "first"), [points[::2] for points in hidden], N // 2)
    check(select(rows, "both"), [points[1::2] for points in (X, *hidden)], N // 2)
    assert {row["reason"] for row in select(rows, "third")} == {NO_CLASS}
    with pytest.raises(ValidationError):
        read_settings({"mine": {"of_class": 0, "points": "half"}})


OTHER = {"points": "other"}


def test_other_points_are_as_many_of_all_that_the_data_set_has(tmp_path):
    parameters, X = network(8)
    spare = np.random.default_rng(1).normal(size=(3 * N, 3)).astype(np.float32)
    both = {"points": "other", "weights": "rescaled"}
    rows = rows_of(
        tmp_path, ["other", "both"], parameters, X, spare=spare,
        catalogue={"knn": {}, "other": OTHER, "both": both},
    )  # fmt: skip
    everything, seen = np.concatenate([X, spare]), []
    for draw in range(2):
        chosen = sorted(derive_generator("test", 0, "other points", draw).choice(4 * N, N, False))
        seen.append(chosen)
        hidden, _ = by_hand(parameters, everything[chosen])
        check(select(rows, "other", draw), hidden, N)
        scaled = rescale(parameters, derive_generator("test", 0, "rescaling", draw))
        check(select(rows, "both", draw), by_hand(scaled, everything[chosen])[0], N)
    assert len(set(seen[0])) == N
    assert seen[0] != seen[1]


def test_other_points_need_some_and_weights(tmp_path):
    parameters, X = network(8)
    catalogue = {"knn": {}, "other": OTHER}
    rows = rows_of(tmp_path, ["other"], parameters, X, catalogue=catalogue)
    assert {row["reason"] for row in select(rows, "other")} == {NO_OTHER}
    hidden, _ = by_hand(parameters, X)
    rows = network_rows(tmp_path, ["knn", "other"], hidden, X, catalogue=catalogue, spare=X)
    assert {row["reason"] for row in select(rows, "other")} == {NO_WEIGHTS}


RIGHT = {"points": "right", "layers": ["input", "hidden"]}


@pytest.mark.parametrize("outputs", [1, 3])
def test_points_that_the_network_classifies_rightly(tmp_path, outputs):
    parameters, X = network(10)
    rng = np.random.default_rng(2)
    parameters["W5"] = rng.normal(size=(1, WIDTHS[-1], outputs))
    parameters["b5"] = rng.normal(size=(1, outputs))
    hidden, first = by_hand(parameters, X)
    answers = first > 0
    if outputs > 1:
        answers = (hidden[-1] @ parameters["W5"][0] + parameters["b5"][0]).argmax(axis=1)
    right = answers == np.arange(N) % 2  # classes alternate
    assert 10 < right.sum() < N - 10
    rows = rows_of(tmp_path, ["right"], parameters, X, catalogue={"knn": {}, "right": RIGHT})
    check(select(rows, "right"), [points[right] for points in (X, *hidden)], right.sum())


def test_right_points_need_some_and_weights(tmp_path):
    parameters, X = network(10)
    hidden, _ = by_hand(parameters, X)
    catalogue = {"knn": {}, "right": RIGHT}
    rows = network_rows(tmp_path, ["knn", "right"], hidden, X, catalogue=catalogue)
    assert {row["reason"] for row in select(rows, "right")} == {NO_WEIGHTS}
    parameters["b5"] += 1e6  # every point is of class 1, and of three points one is
    rows = rows_of(tmp_path, ["right"], parameters, X[:3], catalogue=catalogue)
    assert {row["reason"] for row in select(rows, "right")} == {NO_RIGHT}


def test_settings_can_be_combined(tmp_path):
    """Half of the points, with the input, on the mutual graph: as by hand."""
    parameters, X = network(9)
    hidden, _ = by_hand(parameters, X)
    mixed = {"graph": "mutual", "points": "half", "layers": ["input", "hidden"]}
    rows = network_rows(
        tmp_path, ["mixed"], hidden, X, draws=1, catalogue={"mixed": mixed}, fractions=(0.4,)
    )
    assert [row["measure"] for row in rows] == ["forman_union"]  # the graph has no directions
    generator = derive_generator("test", 0, "subsample", 0)
    chosen = sorted(generator.choice(N, N // 2, replace=False))
    mass, curvature = [], []
    for points in (X, *hidden):
        near = literal_neighbours(points[chosen], rows[0]["k"])
        graph = nx.Graph()
        graph.add_nodes_from(range(len(near)))
        graph.add_edges_from((i, j) for i, row in enumerate(near) for j in row if i in near[j])
        mass.append(literal_mass(graph))
        curvature.append(literal_curvature(graph))
    if None in mass:
        assert rows[0]["reason"].startswith("not connected at layer")
    else:
        expected = np.corrcoef(np.diff(mass), curvature[:-1])[0, 1]
        assert rows[0]["rho"] == pytest.approx(expected, abs=1e-9)


def test_policies_keep_a_network_whose_graph_is_not_connected(tmp_path):
    """Two clouds that the layers drive apart: excluded, but both policies have a coefficient."""
    rng = np.random.default_rng(8)
    cloud = rng.normal(size=(N, 3))
    cloud[: N // 3] *= 0.5
    side = np.where(np.arange(N) < N // 3, 1.0, -1.0)[:, None] * [1.0, 0, 0]
    hidden = [cloud * [1, 1 + layer, 1] + side * 4.0 * layer for layer in range(6)]
    settings = ["knn", "largest_component", "mst"]
    rows = network_rows(tmp_path, settings, hidden, cloud.astype(np.float32), fractions=(0.15,))
    for row in select(rows, "knn"):
        assert (row["rho"], row["reason"]) == (None, "not connected at layer 2, 3, 4, 5, 6")
    for row in select(rows, "largest_component"):
        assert row["left_out"] == N // 3
        assert row["rho"] is not None
    assert all(row["rho"] is not None for row in select(rows, "mst"))
    assert (
        nx.number_connected_components(digraph(literal_neighbours(hidden[3], 9)).to_undirected())
        == 2
    )
