"""Mean-field networks: their definition, duplicated units, initial weights, spread, claims."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
import torch
from torch.nn import functional

from ricci_flow.claims import kernels_converge, losses_converge, units_alike
from ricci_flow.claims.estimates import Evidence
from ricci_flow.claims.layer_measures import LayerCell, layer_cells, measure_layers
from ricci_flow.claims.ledger import ledger_table
from ricci_flow.claims.papers import PAPERS
from ricci_flow.claims.registry import chosen_claims
from ricci_flow.claims.verdicts import NOT_REPRODUCED, REPRODUCED
from ricci_flow.errors import InputError
from ricci_flow.graphs.graph import graph_of_edges
from ricci_flow.measures.base import Layer, Undefined
from ricci_flow.measures.unit_spread import measure
from ricci_flow.networks.architecture import Architecture, read_architecture
from ricci_flow.networks.draws import Streams
from ricci_flow.networks.ensemble import Data, train_ensemble
from ricci_flow.networks.layers.base import Features, Independent, Normal
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import Task
from ricci_flow.networks.trainers.torch_trainer import TorchTrainer
from ricci_flow.seeds import derive_generator
from ricci_flow.tables.measures import MEASURES
from ricci_flow.validation import read

STREAMS = Streams("study", "set", "net")
STEPS = 8
RATE = 0.3


def recipe(**keys):
    fixed = {
        "epochs": STEPS,
        "optimiser": "sgd",
        "learning_rate": RATE,
        "batch_size": "full",
        "validation": "none",
        "parametrisation": "mean_field",
        "initialisation": "independent",
    }
    return Recipe(**(fixed | keys))


def points(n=12, features=3, classes=2):
    rng = np.random.default_rng(5)
    X = rng.standard_normal((n, features))
    return X, rng.integers(0, classes, n).astype(np.uint8)


def trainer_of(weights, X, y, outputs=1, networks=(0,), **keys):
    """The product's trainer in float64, of weights W (S, n, m) and b (S, m) of each layer."""
    architecture = Architecture.dense(*(W.shape[2] for W, _ in weights[:-1]), activation="tanh")
    labels = np.tile(y, (len(networks), 1))
    task = Task(
        architecture, recipe(**keys), (X.shape[1],), outputs, STREAMS, networks,
        X.astype(np.float32), labels,
    )  # fmt: skip
    trainer = TorchTrainer(task)
    trainer.X = torch.from_numpy(X)
    for child, (W, b) in zip([*architecture.places, "output"], weights, strict=True):
        trainer._weights[f"{child}.linear.weight"].data = torch.tensor(W).transpose(1, 2)
        trainer._weights[f"{child}.linear.bias"].data = torch.tensor(b)
    return trainer


def drawn(sizes, rng):
    return [
        (rng.normal(1, 1, (1, n, m)) / (n if place else 1), rng.normal(0, 0.1, (1, m)))
        for place, (n, m) in enumerate(pairwise(sizes))
    ]


def layers_of(trainer, X):
    """Every layer and the logits of the only network, in float64."""
    found, H = [], X
    parameters = {name: values[0].double() for name, values in trainer._weights.items()}
    names = [name.removesuffix(".weight") for name in parameters if name.endswith("weight")]
    H = torch.from_numpy(X)
    for name in names:
        H = H @ parameters[f"{name}.weight"].T + parameters[f"{name}.bias"]
        H = H if name == names[-1] else torch.tanh(H)
        found.append(H.detach().numpy())
    return found


@pytest.mark.parametrize("outputs", [1, 3])
def test_steps_are_those_of_means_over_units(outputs):
    """The definition: z = mean of v h + b, and gradients times n m, m, n by autograd."""
    X, y = points(classes=max(2, outputs))
    sizes = [3, 5, 4, 6, outputs]
    weights = drawn(sizes, np.random.default_rng(0))
    trainer = trainer_of(weights, X, y, outputs)
    rows = np.arange(len(X))[None]

    before = [n if place else 1 for place, n in enumerate(sizes[:-1])]
    after = [*sizes[1:-1], 1]
    v = [
        torch.tensor(W[0] * n, requires_grad=True)
        for (W, _), n in zip(weights, before, strict=True)
    ]
    b = [torch.tensor(bias[0], requires_grad=True) for _, bias in weights]
    for _ in range(STEPS):
        trainer.run_batches(rows, 0)
        h = torch.from_numpy(X)
        for place, (V, bias, n) in enumerate(zip(v, b, before, strict=True)):
            z = h @ V / n + bias
            h = torch.tanh(z) if place < len(v) - 1 else z
        truth = torch.from_numpy(y.astype(np.int64))
        if outputs == 1:
            loss = functional.binary_cross_entropy_with_logits(h[:, 0], truth.double())
        else:
            loss = functional.cross_entropy(h, truth)
        gradients = torch.autograd.grad(loss, [*v, *b])
        with torch.no_grad():
            for place, (V, bias, n, m) in enumerate(zip(v, b, before, after, strict=True)):
                V -= RATE * n * m * gradients[place]
                bias -= RATE * m * gradients[len(v) + place]
    child = [*trainer.task.architecture.places, "output"]
    for name, V, bias, n, (W, _) in zip(child, v, b, before, weights, strict=True):
        found = trainer._weights[f"{name}.linear.weight"][0].detach().T.numpy()
        np.testing.assert_allclose(found * n, V.detach(), rtol=1e-10, atol=1e-12)
        assert np.abs(found - W[0]).max() > 1e-4
        np.testing.assert_allclose(
            trainer._weights[f"{name}.linear.bias"][0].detach(), bias.detach(), atol=1e-12
        )


def doubled(weights, times):
    """Every hidden unit `times` times, with its weights."""
    found = []
    for place, (W, b) in enumerate(weights):
        before = 1 if place == 0 else times
        after = 1 if place == len(weights) - 1 else times
        W = np.repeat(np.repeat(W / before, before, axis=1), after, axis=2)
        found.append((W, np.repeat(b, after, axis=1)))
    return found


@pytest.mark.parametrize("times", [2, 3])
def test_duplicated_units_change_nothing(times):
    """Neither the function nor a unit, at the start and after any step of gradient descent."""
    X, y = points()
    weights = drawn([3, 5, 4, 6, 1], np.random.default_rng(1))
    plain = trainer_of(weights, X, y)
    double = trainer_of(doubled(weights, times), X, y)
    start = layers_of(plain, X)
    for step in range(STEPS + 1):
        *hidden, logits = layers_of(plain, X)
        *theirs, same = layers_of(double, X)
        np.testing.assert_allclose(same, logits, rtol=0, atol=1e-12)
        for H, repeated in zip(hidden, theirs, strict=True):
            np.testing.assert_allclose(repeated, np.repeat(H, times, axis=1), rtol=0, atol=1e-12)
        if step < STEPS:
            losses = [t.run_batches(np.arange(len(X))[None], 0).loss[0] for t in (plain, double)]
            assert losses[0] == pytest.approx(losses[1], abs=1e-12)
    assert np.abs(logits - start[-1]).max() > 0.1
    # By the standard rule they do change something: the test can fail.
    other = [
        trainer_of(w, X, y, parametrisation="standard") for w in (weights, doubled(weights, 2))
    ]
    for trainer in other:
        trainer.run_batches(np.arange(len(X))[None], 0)
    assert np.abs(layers_of(other[0], X)[-1] - layers_of(other[1], X)[-1]).max() > 1e-3


def build(initialisation, *sizes, seed=0, features=7, activation="tanh"):
    architecture = Architecture.dense(*sizes, activation=activation)
    generator = np.random.default_rng(seed)
    return architecture.build((features,), 1, generator, initialisation)


def matrices(network):
    return [layer.linear.weight.detach().double().numpy().T for layer in network.children()]


def test_independent_weights_keep_their_size():
    first, middle, last = matrices(build(Independent(mean=2, sigma_w=3), 300, 200, features=400))
    plain = matrices(build(Normal(sigma_w=3), 300, 200, features=400))
    np.testing.assert_array_equal(first, plain[0])
    assert (300 * middle).mean() == pytest.approx(2, abs=0.05)
    assert (300 * middle).std() == pytest.approx(3, rel=0.02)
    assert (200 * last).mean() == pytest.approx(2, abs=0.7)
    # From the same normal numbers.
    np.testing.assert_allclose((300 * middle - 2), plain[1] * np.sqrt(300), atol=1e-5)


def test_features_are_those_of_normal_weights_by_the_least_weights():
    X, y = points(6, 7)
    X = X.astype(np.float32)
    data = Data(X, y, X, y, 2, None)
    architecture = Architecture.dense(40, 50, 30, activation="tanh")
    made = {}
    for initialisation in ("normal", "features"):
        keys = recipe(epochs=0, initialisation=initialisation)
        made[initialisation] = train_ensemble(data, STREAMS, [0, 1], architecture, keys)
    for layer, values in made["normal"].layers.items():
        np.testing.assert_allclose(made["features"].layers[layer], values, atol=1e-5)
    for s in range(2):
        for place in (2, 3):
            H = made["normal"].layers[f"layer_{place - 1}"][s].astype(np.float64)
            normal = made["normal"].parameters[f"W{place}"][s].astype(np.float64)
            # Of least norm: from the normal equations of the points.
            expected = H.T @ np.linalg.solve(H @ H.T, H @ normal)
            found = made["features"].parameters[f"W{place}"][s]
            np.testing.assert_allclose(found, expected, atol=1e-5)
            assert np.linalg.norm(found) < 0.6 * np.linalg.norm(normal)
        last = made["features"].parameters["W4"][s] * np.sqrt(30)
        np.testing.assert_allclose(last, made["normal"].parameters["W4"][s], atol=1e-6)


def test_weights_that_reach_features_keep_their_size_and_normal_ones_grow():
    X, y = points(5, 7)
    X = X.astype(np.float32)
    sizes = {}
    for initialisation in ("normal", "features"):
        for width in (50, 200):
            keys = recipe(epochs=0, initialisation=initialisation)
            made = train_ensemble(
                Data(X, y, X, y), STREAMS, [*range(4)], Architecture.dense(*[width] * 3), keys
            )
            sizes[initialisation, width] = width * made.parameters["W3"].std()
    assert sizes["normal", 200] / sizes["normal", 50] == pytest.approx(2, rel=0.05)
    assert sizes["features", 200] / sizes["features", 50] == pytest.approx(1, rel=0.15)


def layer_of(values):
    return Layer(graph_of_edges(len(values), np.array([[0, 1]], np.int32)), None, values)


def test_spread_of_units():
    rng = np.random.default_rng(0)
    H = rng.standard_normal((20, 6))
    mean, apart, total = H.mean(axis=1), 0.0, 0.0
    for x in range(20):
        for i in range(6):
            apart += (H[x, i] - mean[x]) ** 2
            total += H[x, i] ** 2
    assert measure(layer_of(H)) == pytest.approx(np.sqrt(apart / total))
    assert measure(layer_of(np.repeat(H[:, :1], 4, axis=1))) == 0
    assert measure(layer_of(np.concatenate([H, -H], axis=1))) == pytest.approx(1)
    # Duplicated units are as far apart, and so are units of another scale.
    assert measure(layer_of(3 * np.tile(H, 2))) == pytest.approx(measure(layer_of(H)))
    with pytest.raises(Undefined, match="all values are zero"):
        measure(layer_of(np.zeros((8, 2))))


@pytest.mark.parametrize("width", [16, 64, 256])
def test_independent_units_differ_by_one_over_the_root_of_the_width(width):
    """In expectation over the weights, given the layer before, of linear units."""
    mean, sigma = 1.0, 2.0
    X, _ = points(15, 7)
    X = X.astype(np.float32)
    apart, total = [], []
    expected = np.zeros(2)
    for seed in range(100):
        network = build(
            Independent(mean=mean, sigma_w=sigma), width, width, seed=seed, activation="linear"
        )
        with torch.no_grad():
            first = network.layer_1(torch.from_numpy(X)).double().numpy()
            second = network.layer_2(network.layer_1(torch.from_numpy(X))).double().numpy()
        spread = measure(layer_of(second))
        total.append((second**2).mean())
        apart.append(spread**2 * total[-1])
        noise = sigma**2 * (first**2).mean() / width
        around = mean**2 * (first.mean(axis=1) ** 2).mean()
        expected += [(1 - 1 / width) * noise, noise + around]
    assert np.mean(apart) == pytest.approx(expected[0] / 100, rel=0.05)
    assert np.mean(total) == pytest.approx(expected[1] / 100, rel=0.05)


CONV = {"layers": [{"kind": "conv2d", "channels": 2}, {"kind": "dense", "width": 3}]}


@pytest.mark.parametrize(
    ("keys", "entry", "said"),
    [
        ({}, CONV, "parametrisation: mean_field is for dense layers alone"),
        ({"parametrisation": "standard"}, CONV, "initialisation: independent is for dense"),
        ({"optimiser": "adam"}, {"widths": [3] * 3}, "needs optimiser: sgd, without weight_decay"),
        (
            {"optimiser": {"name": "sgd", "weight_decay": 0.1}},
            {"widths": [3] * 3},
            "needs optimiser: sgd, without weight_decay",
        ),
        ({"trainer": "lra"}, {"widths": [3] * 3}, "needs trainer: torch, not lra"),
    ],
)
def test_what_does_not_fit_is_said(keys, entry, said):
    X, y = points(12, 16)
    data = Data(X.astype(np.float32), y, X.astype(np.float32), y, 2, (4, 4))
    with pytest.raises(InputError, match=said):
        train_ensemble(data, STREAMS, [0], read_architecture(entry), recipe(**keys))


def test_initialisations_are_read():
    def made(value):
        return read(Recipe.model_validate, {"initialisation": value}, "training").initialisation

    assert made("independent") == Independent(mean=1.0, sigma_w=1.0)
    assert made({"name": "independent", "mean": 0, "sigma_w": 2}).mean == 0
    assert type(made("features")) is Features
    again = Recipe.model_validate(recipe().model_dump(mode="json"))
    assert again == recipe()
    with pytest.raises(
        InputError, match=r"'initialisation\.name' is 'dependent'; it must be one of"
    ):
        made({"name": "dependent"})
    with pytest.raises(InputError, match=r"unknown key 'initialisation\.mean'"):
        made({"name": "features", "mean": 1})


DATA_SETS, WIDTHS, NETWORKS, LAYERS = 4, (25, 100, 400), 50, 5
FEATURES = "features"


def study(power, independent_power=0.0):
    """Cells whose spreads go as a power of the width; independent units as another."""
    rows, fixed, accuracy = [], [], []
    shapes = {f"w{w}": (LAYERS, str(w)) for w in WIDTHS}
    for condition, units in ((FEATURES, 0.0), ("independent", independent_power)):
        for d in range(DATA_SETS):
            for w in WIDTHS:
                names = {"condition": condition, "data_set": f"d{d}", "architecture": f"w{w}"}
                rng = derive_generator("mean field", condition, str(d), str(w))
                for network in range(NETWORKS):
                    own = names | {"network": network}
                    fixed.append(own | {"measure": "m", "rho": 0.0})
                    loss = 0.3 + 0.1 * w**power * rng.standard_normal()
                    accuracy.append(
                        own | {"kept": True, "test_accuracy": 0.9, "validation_accuracy": None,
                               "epochs": 5, "train_loss": loss}
                    )  # fmt: skip
                    for layer in range(1, LAYERS + 1):
                        middle = 1 < layer < LAYERS
                        found = {
                            "unit_spread": 0.9 * w**units if middle else 0.5,
                            "label_alignment": 0.5 + 0.1 * w**power * rng.standard_normal(),
                        }
                        rows += [
                            own | {"block": "b", "setting": "knn", "scope": "layer", "layer": layer,
                                   "measure": name, "value": value, "k": 3, "n": 30}
                            for name, value in found.items()
                        ]  # fmt: skip
    long = pl.DataFrame(rows, schema={**MEASURES.schema, "block": pl.String})
    accuracies = pl.DataFrame(accuracy, schema_overrides={"validation_accuracy": pl.Float64})
    return layer_cells(long, pl.DataFrame(fixed), accuracies, shapes)


def test_cells_know_the_next_narrower_ones():
    cells = study(-0.5)[FEATURES, "m"]
    assert cells["d0", "w25"].narrower == []
    assert cells["d1", "w400"].narrower == [cells["d1", "w100"]]
    assert np.isnan(cells["d0", "w25"].for_fourfold_width(lambda cell: 1.0))
    own = cells["d0", "w400"]
    assert own.for_fourfold_width(lambda cell: cell.width) == pytest.approx(np.log(4))
    assert np.isnan(own.for_fourfold_width(lambda cell: 0.0))
    part = measure_layers(own, {1, 2}, np.random.default_rng(0))
    assert part.narrower[0].numbers.tolist() == [1, 2]
    assert part.loss.tolist() == own.loss[1:3].tolist()
    odd = replace(own, narrower=[replace(cells["d0", "w100"], width=50.0)])
    assert odd.for_fourfold_width(lambda cell: cell.width) == pytest.approx(np.log(4))


def verdicts(cells):
    evidence = Evidence(
        cells,
        {f"d{d}": ("synthetic", "real")[d % 2] for d in range(DATA_SETS)},
        0.95,
        "seed",
        measure_cell=PAPERS["layers"].measure_cell,
    )
    claims = chosen_claims(["units_alike", "losses_converge", "kernels_converge"])
    table = ledger_table(evidence, claims, ["independent"], {})
    return {
        (row["key"], row["control"]): row for row in table.filter(condition=FEATURES).to_dicts()
    }


def test_the_claims_find_the_power_of_the_width():
    found = verdicts(study(-0.5, -0.5))
    units = found["units_alike", None]
    assert units["value"] == pytest.approx(0.5)
    assert (units["cells"], units["data_sets"], units["verdict"]) == (8, 4, REPRODUCED)
    assert found["units_alike", "features"]["value"] == pytest.approx(1)
    assert found["units_alike", "features"]["difference"] == pytest.approx(0.5)
    for key in ("losses_converge", "kernels_converge"):
        row = found[key, None]
        assert row["value"] == pytest.approx(0.5, abs=0.12)
        assert row["low"] < row["value"] < row["high"] < 1
        assert found[key, "independent"]["value"] == pytest.approx(0.5, abs=0.15)


def test_the_claims_fail_where_nothing_converges():
    found = verdicts(study(0.0))
    for key in ("units_alike", "losses_converge", "kernels_converge"):
        row = found[key, None]
        assert row["verdict"] == NOT_REPRODUCED, key
        assert row["value"] == pytest.approx(1, abs=0.25)


def test_what_is_taken_of_a_cell():
    rng = np.random.default_rng(2)
    alignment, spread = rng.uniform(size=(2, 6, LAYERS))
    cell = LayerCell(
        LAYERS,
        np.arange(6),
        np.ones(6, bool),
        np.ones(6),
        np.zeros(6),
        {("label_alignment", "knn"): alignment, ("unit_spread", "knn"): spread},
        loss=rng.uniform(1, 2, 6),
    )
    layers = [np.std(alignment[:, place], ddof=1) ** 2 for place in range(LAYERS)]
    assert kernels_converge._spread(cell) == pytest.approx(np.sqrt(np.mean(layers)))
    assert units_alike._spread(cell) == pytest.approx(np.mean([s[1:4] for s in spread]))
    expected = np.std(cell.loss, ddof=1) / np.mean(cell.loss)
    assert losses_converge._spread(cell) == pytest.approx(expected)
    assert losses_converge._spread(replace(cell, loss=3 * cell.loss)) == pytest.approx(expected)
