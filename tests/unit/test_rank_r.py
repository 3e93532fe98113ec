"""Layers of low rank against explicit outer products; their teacher; the claim on them."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from ricci_flow.claims.layer_measures import LayerCell
from ricci_flow.claims.low_rank_gain import CLAIM
from ricci_flow.datasets.generators import GENERATORS
from ricci_flow.errors import InputError
from ricci_flow.networks.architecture import read_architecture
from ricci_flow.networks.draws import Streams
from ricci_flow.networks.ensemble import Data, train_ensemble
from ricci_flow.networks.recipe import Recipe

STREAMS = Streams("study", "matrices", "host")
DENSE = {"kind": "dense", "width": 4}


def entry(shape, rank, width=5):
    first = {"kind": "cp_dense", "width": width, "rank": rank, "shape": shape}
    return {"layers": [first, DENSE, DENSE], "activation": "tanh"}


def build(shape, rank, width=5, seed=0):
    architecture = read_architecture(entry(shape, rank, width))
    generator = np.random.default_rng(seed)
    return architecture.build((int(np.prod(shape)),), 1, generator).layer_1


def weights_by_hand(layer, shape):
    """Return the weights of every unit, (units, *shape), sum by sum and number by number."""
    factors = [factor.detach().double().numpy() for factor in layer.cp.factors]
    units, rank = factors[0].shape[:2]
    W = np.zeros((units, *shape))
    for unit, term in product(range(units), range(rank)):
        for place in np.ndindex(*shape):
            numbers = [factor[unit, term, i] for factor, i in zip(factors, place, strict=True)]
            W[(unit, *place)] += np.prod(numbers)
    return W


@pytest.mark.parametrize(("shape", "rank"), [((3, 4), 1), ((3, 4), 2), ((2, 3, 2), 3)])
def test_weights_are_sums_of_outer_products(shape, rank):
    layer = build(shape, rank)
    X = np.random.default_rng(1).standard_normal((6, *shape))
    W = weights_by_hand(layer, shape)
    with torch.no_grad():
        layer.cp.bias += torch.arange(5) / 10
        found = layer(torch.from_numpy(X.reshape(6, -1).astype(np.float32))).numpy()
    axes = list(range(1, X.ndim))
    expected = np.tanh(np.tensordot(X, W, (axes, axes)) + np.arange(5) / 10)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    if len(shape) == 2:
        assert {np.linalg.matrix_rank(w, tol=1e-6) for w in W} == {rank}
    numbers = sum(p.numel() for p in layer.parameters())
    assert numbers == 5 * rank * sum(shape) + 5


@pytest.mark.parametrize("rank", [1, 3])
def test_weights_start_with_the_variance_of_glorot(rank):
    W = np.stack([weights_by_hand(build((4, 5), rank, 60, seed), (4, 5)) for seed in range(20)])
    assert W.var() == pytest.approx(2 / (20 + 60), rel=0.1)


def test_it_is_trained_and_stands_without_its_constraint():
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((40, 12)).astype(np.float32), np.repeat([0, 1], 20).astype(np.uint8)
    data = Data(X, y, X[:10], y[15:25], 2, None)
    architecture = read_architecture(entry((3, 4), 1))
    assert (architecture.depth, architecture.width) == (3, "5R1/4")
    keys = {"epochs": 3, "validation": "none", "learning_rate": 0.01, "optimiser": "adam"}
    kept = train_ensemble(data, STREAMS, [0, 1], architecture, Recipe(**keys), device="cpu")
    start = train_ensemble(
        data, STREAMS, [0, 1], architecture, Recipe(**keys | {"epochs": 0}), device="cpu"
    )
    assert [kept.parameters[f"layer_1.cp.factors.{i}"].shape for i in (0, 1)] == [
        (2, 5, 1, 3),
        (2, 5, 1, 4),
    ]
    for name, values in kept.parameters.items():
        assert (values != start.parameters[name]).any(axis=tuple(range(1, values.ndim))).all()
    free = train_ensemble(
        data, STREAMS, [0, 1], architecture, Recipe(**keys, constraints="none"), device="cpu"
    )
    dense = read_architecture({"widths": [5, 4, 4], "activation": "tanh"})
    plain = train_ensemble(data, STREAMS, [0, 1], dense, Recipe(**keys), device="cpu")
    assert free.parameters.keys() == plain.parameters.keys()
    for name, values in plain.parameters.items():
        np.testing.assert_array_equal(free.parameters[name], values)


def test_constraints_inside_a_block_go_too():
    block = {"kind": "residual", "layers": [entry((2, 2), 1, 4)["layers"][0]]}
    architecture = read_architecture({"layers": [DENSE, block]})
    (part,) = architecture.unconstrained.layers[1].parts
    assert (part.kind, part.width) == ("dense", 4)


def test_a_shape_that_does_not_fit_is_said():
    with pytest.raises(InputError, match=r"its shape \[3, 4\] has 12 numbers, and 9 of a point"):
        read_architecture(entry((3, 4), 1)).build((9,), 1, np.random.default_rng(0))


def test_a_matrix_teacher_has_its_rank_and_errs_as_its_noise_says():
    sample = GENERATORS["matrix_teacher"].sample
    for noise, share in ((0.0, 0.0), (1.0, 0.25)):
        options = {"side": 3, "rank": 2, "noise": noise, "teacher": 7}
        sides = sample(np.random.default_rng(0), 20_000, 20_000, **options)
        X = np.concatenate(sides)
        assert np.allclose(np.cov(X.T), np.eye(9), atol=0.05)
        # Normal points: the difference of the means is along the teacher.
        T = (sides[1].mean(axis=0) - sides[0].mean(axis=0)).reshape(3, 3)
        T /= np.linalg.norm(T)
        values = np.linalg.svd(T, compute_uv=False)
        assert np.allclose(values, [np.sqrt(0.5), np.sqrt(0.5), 0], atol=0.05)
        wrong = np.concatenate([sides[0] @ T.ravel() > 0, sides[1] @ T.ravel() < 0])
        assert wrong.mean() == pytest.approx(share, abs=0.02)
    with pytest.raises(InputError, match="1 <= rank <= side"):
        sample(np.random.default_rng(0), 5, 5, side=3, rank=4)


def cell(accuracy, other=None, depth=1):
    def of(values):
        n = len(values)
        kept, rho = np.ones(n, bool), np.full(n, np.nan)
        return LayerCell(depth, np.arange(n), kept, np.array(values), rho, {})

    return replace(of(accuracy), others={"unconstrained": of(other)} if other else {})


def test_the_claim_compares_means_of_one_hidden_layer():
    def asked(*args, **options):
        return CLAIM.quantity.in_cell(cell(*args, **options), "synthetic")[0]

    assert asked([0.8, 0.6], [0.7, 0.6]) == 1
    assert asked([0.5, 0.6], [0.7, 0.6]) == 0
    assert asked([0.75, 0.5], [0.5, 0.75]) == 0.5
    assert np.isnan(asked([0.8, 0.6], [0.7, 0.6], depth=6))
    assert np.isnan(asked([0.8, 0.6]))
    assert np.isnan(asked([np.nan], [0.7]))
