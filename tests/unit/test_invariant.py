"""Objects in space: their surfaces, coordinates by distances, and what no rotation changes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.linalg import eigh
from scipy.spatial.distance import pdist, squareform
from scipy.spatial.transform import Rotation
from scipy.stats import kstest

from ricci_flow.claims.invariant_better import CLAIM
from ricci_flow.claims.layer_measures import LayerCell
from ricci_flow.datasets import objects
from ricci_flow.datasets.generators import GENERATORS
from ricci_flow.datasets.make import make_data_set
from ricci_flow.errors import InputError
from ricci_flow.networks.architecture import read_architecture
from ricci_flow.networks.draws import Streams
from ricci_flow.networks.ensemble import Data, train_ensemble
from ricci_flow.networks.layers.point_set import principal_coordinates
from ricci_flow.networks.recipe import Recipe
from tests.unit.files import request

POINTS = 20
DENSE = {"kind": "dense", "width": 6}


def entry(coordinates="mds", **options):
    points = {"kind": "point_set", "coordinates": coordinates, **options}
    return {"layers": [points, {"kind": "set_pool", "widths": [5, 7]}, DENSE, DENSE]}


def drawn(count=12, seed=0, **options):
    """Objects of no symmetry, (count, POINTS, 3)."""
    made = GENERATORS["cylinders_or_cones"].sample(
        np.random.default_rng(seed), 0, count, points=POINTS, **options
    )
    return made[1].reshape(count, POINTS, 3)


def moved(X, seed=1):
    """The same objects, each turned or mirrored, scaled, shifted, and its points in any order."""
    rng = np.random.default_rng(seed)
    turned = []
    for x in X:
        Q = np.linalg.qr(rng.standard_normal((3, 3)))[0] * rng.choice([-1, 1], 3)
        turned.append((rng.uniform(0.2, 5) * x @ Q + rng.normal(0, 3, 3))[rng.permutation(len(x))])
    return np.stack(turned)


def scaled_by_hand(x):
    """Classical multidimensional scaling of one object from its distances, (m, 3)."""
    m = len(x)
    J = np.eye(m) - np.ones((m, m)) / m
    B = -J @ squareform(pdist(x)) ** 2 @ J / 2
    values, vectors = eigh(B, subset_by_index=[m - 3, m - 1])
    H = (vectors * np.sqrt(values))[:, ::-1]
    return H * np.sign((H**3).sum(axis=0)) * np.sqrt(m / np.trace(B))


def test_coordinates_are_those_of_classical_scaling():
    X = drawn()
    found = principal_coordinates(torch.from_numpy(X)).numpy()
    np.testing.assert_allclose(found, [scaled_by_hand(x) for x in X], atol=1e-9)
    for x, h in zip(X, found, strict=True):
        ratio = pdist(h) / pdist(x)
        assert np.ptp(ratio) < 1e-9
        assert np.square(h).sum(axis=1).mean() == pytest.approx(1)


def test_they_do_not_change_when_an_object_is_turned_mirrored_moved_or_scaled():
    X = drawn()
    found = principal_coordinates(torch.from_numpy(X)).numpy()
    rng = np.random.default_rng(1)
    for x, h in zip(X, found, strict=True):
        Q = np.linalg.qr(rng.standard_normal((3, 3)))[0]
        other = torch.from_numpy(4 * x @ Q + 7)[None]
        np.testing.assert_allclose(principal_coordinates(other)[0].numpy(), h, atol=1e-9)
        order = rng.permutation(POINTS)  # the same order leaves
        mixed = principal_coordinates(torch.from_numpy(x[order])[None])[0].numpy()
        np.testing.assert_allclose(mixed, h[order], atol=1e-9)


def test_points_that_are_all_one_are_zero():
    alike = torch.ones(2, POINTS, 3) * torch.tensor([1.0, 2.0, 3.0])
    assert torch.equal(principal_coordinates(alike), torch.zeros(2, POINTS, 3))


def layers_of(network, X):
    """Return the output of every layer and the logit, float32."""
    found = []
    with torch.no_grad():
        x = torch.from_numpy(X.reshape(len(X), -1).astype(np.float32))
        for part in network.children():
            x = part(x)
            found.append(x.numpy())
    return found


def test_no_layer_of_a_network_changes_when_objects_do():
    """Float32 on both sides. With the coordinates given they do change."""
    X = drawn(40)
    for coordinates, invariant in (("mds", True), ("given", False)):
        architecture = read_architecture(entry(coordinates))
        network = architecture.build((3 * POINTS,), 1, np.random.default_rng(0))
        before, after = layers_of(network, X), layers_of(network, moved(X))
        # The first two are the points, in their order, and no layer yet.
        gaps = [
            np.abs(a - b).max() / np.abs(a).max()
            for a, b in zip(before[1:], after[1:], strict=True)
        ]
        assert len(gaps) == 4  # pooled, two dense layers, logit
        assert (max(gaps) < 1e-5) == invariant
        assert invariant or min(gaps) > 0.1


def test_pooling_is_the_maximum_over_points_one_by_one():
    architecture = read_architecture(entry("given"))
    network = architecture.build((3 * POINTS,), 1, np.random.default_rng(0))
    X = drawn(3)
    found = layers_of(network, X)[1]
    weights = [value.double().detach().numpy() for value in network[1].parameters()]
    for row, x in zip(found, X, strict=True):
        every = []
        for point in x:
            h = point
            for W, b in zip(weights[::2], weights[1::2], strict=True):
                h = np.maximum(W @ h + b, 0)
            every.append(h)
        np.testing.assert_allclose(row, np.max(every, axis=0), atol=1e-5)


def test_networks_are_trained_and_as_right_on_objects_that_are_turned():
    X = np.concatenate(
        GENERATORS["ellipsoids_or_boxes"].sample(np.random.default_rng(0), 60, 60, points=POINTS)
    ).astype(np.float32)
    y = np.repeat([0, 1], 60).astype(np.uint8)
    turned = moved(X.reshape(120, POINTS, 3)).reshape(120, -1).astype(np.float32)
    architecture = read_architecture(entry())
    assert (architecture.depth, architecture.width) == (3, "7s/6")
    recipe = Recipe(epochs=5, validation="none", learning_rate=0.01, optimiser="adam")
    made = [
        train_ensemble(
            Data(X, y, test, y, 2, None), Streams("study", "objects", "set"), [0, 1],
            architecture, recipe, device="cpu",
        )
        for test in (X, turned)
    ]  # fmt: skip
    for name, values in made[0].parameters.items():
        np.testing.assert_array_equal(values, made[1].parameters[name])
    first, second = (training.test.accuracy for training in made)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("layers", "features", "message"),
    [
        (entry()["layers"], 32, "layer point_set: 32 numbers of an object enter, which are no"),
        (entry()["layers"][1:], 30, "layer set_pool: 30 numbers enter, and no set of points; put"),
        (
            [entry()["layers"][0], {"kind": "conv2d", "channels": 4, "kernel": 3}, DENSE, DENSE],
            30,
            "layer conv2d: 10 x 3 features enter, not an image",
        ),
        (
            [entry()["layers"][0], {"kind": "batch_norm"}, DENSE, DENSE],
            30,
            "layer batch_norm: 10 x 3 features enter, not an image",
        ),
    ],
)
def test_layers_that_do_not_fit_are_said(layers, features, message):
    with pytest.raises(InputError, match=message):
        read_architecture({"layers": layers}).build((features,), 1, np.random.default_rng(0))


COUNT = 20_000


def test_points_lie_on_their_surfaces_uniform_by_area():
    """Archimedes: the height of a sphere is uniform. Each part of a body has its share of area."""
    rng = np.random.default_rng(7)
    ball = objects.sphere(rng, COUNT)
    np.testing.assert_allclose(np.linalg.norm(ball, axis=1), 1)
    assert kstest(ball[:, 2], "uniform", (-1, 2)).pvalue > 1e-3
    box = objects.cube(rng, COUNT)
    np.testing.assert_allclose(np.abs(box).max(axis=1), 1)
    np.testing.assert_allclose([(box == s).mean(axis=0) for s in (-1, 1)], 1 / 6, atol=0.01)
    can = objects.cylinder(rng, COUNT)
    radius, ends = np.hypot(can[:, 0], can[:, 1]), np.abs(can[:, 2]) == 1
    np.testing.assert_allclose(radius[~ends], 1)
    assert ends.mean() == pytest.approx(1 / 3, abs=0.01)
    assert kstest(radius[ends] ** 2, "uniform").pvalue > 1e-3
    hat = objects.cone(rng, COUNT)
    radius, base = np.hypot(hat[:, 0], hat[:, 1]), hat[:, 2] == -1
    np.testing.assert_allclose(hat[~base, 2], 1 - 2 * radius[~base])
    assert base.mean() == pytest.approx(1 / (1 + 5**0.5), abs=0.01)
    assert kstest(radius**2, "uniform").pvalue > 1e-3


def test_objects_are_the_same_however_they_are_turned():
    upright, spun, free = (drawn(30, rotation=r) for r in (0, 1, 3))
    for turned in (spun, free):
        for x, t in zip(upright, turned, strict=True):
            np.testing.assert_allclose(pdist(t), pdist(x))
    np.testing.assert_allclose(spun[..., 2], upright[..., 2])
    assert np.abs(free[..., 2] - upright[..., 2]).max() > 0.5
    many = drawn(4000, rotation=3, noise=0)
    turns = [
        Rotation.align_vectors(t, x)[0] for t, x in zip(many, drawn(4000, noise=0), strict=True)
    ]
    heights = np.stack([turn.as_matrix() for turn in turns])[:, 2, 2]
    assert kstest(heights, "uniform", (-1, 2)).pvalue > 1e-3
    with pytest.raises(InputError, match="rotation must be 0, 1 or 3"):
        drawn(rotation=2)
    with pytest.raises(InputError, match="need whole points >= 2"):
        drawn(shortest=0)


def make(**keys):
    asked = {"generator": "cylinders_or_cones", "name": "cones", "n_train": 40, "n_test": 40}
    return make_data_set(request(kind="synthetic", **asked | keys), lambda line: None)[0]


def test_test_points_may_have_other_parameters():
    """The training points are the same with and without them."""
    parameters = {"points": POINTS, "noise": 0.0, "shortest": 1.0}
    plain = make(parameters=parameters)
    other = make(parameters=parameters, test_parameters={"rotation": 3})
    np.testing.assert_array_equal(plain["X_train"], other["X_train"])
    upright, turned = (
        np.abs(made["X_test"].reshape(40, POINTS, 3)[..., 2]) for made in (plain, other)
    )
    assert upright.max() <= 1 < turned.max()
    with pytest.raises(InputError, match=r"unknown key .test_parameters\.turns."):
        make(test_parameters={"turns": 3})
    with pytest.raises(InputError, match="must leave the dimension of the points as it is"):
        make(test_parameters={"points": 9})


def cell(accuracy, other=None):
    def of(values):
        n = len(values)
        kept, rho = np.ones(n, bool), np.full(n, np.nan)
        return LayerCell(6, np.arange(n), kept, np.array(values), rho, {})

    return replace(of(accuracy), others={"given": of(other)} if other else {})


def test_the_claim_compares_means_with_the_coordinates_given():
    def asked(*args):
        return CLAIM.quantity.in_cell(cell(*args), "synthetic")[0]

    assert asked([0.8, 0.6], [0.7, 0.6]) == 1
    assert asked([0.5, 0.6], [0.7, 0.6]) == 0
    assert asked([0.75, 0.5], [0.5, 0.75]) == 0.5
    assert np.isnan(asked([0.8, 0.6]))
