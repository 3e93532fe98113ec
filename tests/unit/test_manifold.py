"""Heat filters: the Laplacian of points against closed forms, layers and training written out."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.linalg import expm
from scipy.special import ive, spherical_in

from ricci_flow.claims.filters_better import CLAIM
from ricci_flow.claims.layer_measures import LayerCell
from ricci_flow.errors import InputError
from ricci_flow.networks import recording
from ricci_flow.networks.architecture import Architecture, read_architecture
from ricci_flow.networks.closed_forms import closed_layers, gives_points
from ricci_flow.networks.draws import Streams
from ricci_flow.networks.ensemble import Data, train_ensemble
from ricci_flow.networks.forward import hidden_layers, logits
from ricci_flow.networks.heat import heat_modes, kernel_width, laplacian
from ricci_flow.networks.random_features import weighed_points
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers.torch_trainer import TorchTrainer

STREAMS = Streams("study", "rolls", "filters")
FILTERS = read_architecture(
    {
        "layers": [
            {"kind": "heat_filter", "width": 5},
            {"kind": "heat_filter", "width": 4, "taps": 2},
        ]
    }
)


def recipe(time=1.0, **keys):
    fixed = {"trainer": "whole_cloud", "batch_size": "full", "validation": "none"}
    plain = {"optimiser": "sgd", "learning_rate": 0.3, "epochs": 2}
    options = {} if "trainer" in keys else {"time": time}
    return Recipe(trainer_options=options, **(fixed | plain | keys))


def make_data(n=40):
    rng = np.random.default_rng(2)
    clouds = [rng.standard_normal((n, 3)).astype(np.float32) for _ in range(2)]
    return Data(
        clouds[0], (clouds[0][:, 0] > 0).astype(np.uint8),
        clouds[1], (clouds[1][:, 0] > 0).astype(np.uint8),
    )  # fmt: skip


def trained(time=1.0, networks=(0, 1, 2), architecture=FILTERS, **keys):
    return train_ensemble(
        make_data(), STREAMS, networks, architecture, recipe(time, **keys), device="cpu"
    )


def by_hand(own, X, time):
    """Return the layers and the logits, torch float64; own: of one network, by name."""
    points = X.astype(np.float64)
    found = laplacian(points, kernel_width(points))
    degrees = np.exp(-((points[:, None] - points) ** 2).sum(2) / (4 * kernel_width(points))).sum(1)
    step = torch.from_numpy(expm(-time * found / degrees.mean()))
    layers, x = [], torch.from_numpy(points)
    for layer, taps in ((1, 3), (2, 2)):
        weights = own[f"layer_{layer}.linear.weight"].T.reshape(taps, x.shape[1], -1)
        total, smoothed = own[f"layer_{layer}.linear.bias"], x
        for W in weights:
            total, smoothed = total + smoothed @ W, step @ smoothed
        x = torch.relu(total)
        layers.append(x)
    return layers, x @ own["output.linear.weight"].T + own["output.linear.bias"]


def of_network(parameters, s):
    return {name: torch.tensor(stack[s]).double() for name, stack in parameters.items()}


def circle(n):
    angle = 2 * np.pi * np.arange(n) / n
    return np.column_stack([np.cos(angle), np.sin(angle)])


@pytest.mark.parametrize(
    ("epsilon", "published"),
    [(0.005, [0, 1.004, 1.004, 3.985, 3.985, 8.854]), (0.001, [0, 1.001, 1.001, 3.997, 3.997])],
)
def test_eigenvalues_of_a_circle(epsilon, published):
    """Squares of whole numbers; of this kernel, differences of modified Bessel functions."""
    constant = 400 * epsilon * np.sqrt(4 * np.pi * epsilon) / (2 * np.pi)
    found = np.linalg.eigvalsh(laplacian(circle(400), epsilon) / constant)
    assert np.round(found[: len(published)], 3) == pytest.approx(published, abs=1e-9)
    z, order = 1 / (2 * epsilon), (np.arange(15) + 1) // 2
    expected = 400 / constant * (ive(0, z) - ive(order, z))
    assert found[:15] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_eigenvalues_of_a_sphere():
    """l (l + 1), each 2 l + 1 times; of this kernel, differences of spherical Bessel functions."""
    n, epsilon = 1000, 0.02
    place = np.arange(n) + 0.5
    z, angle = 1 - 2 * place / n, np.pi * (1 + np.sqrt(5)) * place
    ring = np.sqrt(1 - z**2)
    points = np.column_stack([ring * np.cos(angle), ring * np.sin(angle), z])
    found = np.linalg.eigvalsh(laplacian(points, epsilon) / (n * epsilon**2))[:16]
    w, order = 1 / (2 * epsilon), np.repeat(np.arange(4), [1, 3, 5, 7])
    exact = np.exp(-w) * (spherical_in(0, w) - spherical_in(order, w)) / epsilon**2
    assert found == pytest.approx(exact, rel=1e-3, abs=1e-9)
    assert found == pytest.approx(order * (order + 1), rel=0.1, abs=1e-9)


def test_rates_are_those_of_the_circle_in_units_of_the_kernel():
    points = circle(300)
    # The tenth neighbour is five steps away.
    assert kernel_width(points) == pytest.approx(np.sin(np.pi * 5 / 300) ** 2, rel=1e-12)
    z = 1 / (2 * kernel_width(points))
    rates, modes = heat_modes(points)
    expected = 1 - ive((np.arange(9) + 1) // 2, z) / ive(0, z)
    assert rates[:9] == pytest.approx(expected, rel=1e-9, abs=1e-12)
    # What one tap makes of a function of the first rate.
    step = (modes * np.exp(-rates)) @ modes.T
    assert step @ points == pytest.approx(np.exp(-rates[1]) * points, abs=1e-12)


@pytest.mark.parametrize("time", [0.0, 1.0, 2.5])
def test_layers_and_logits_are_those_written_out(time, monkeypatch):
    # However few points go through other networks at a time.
    monkeypatch.setattr(recording, "BATCH", 7)
    monkeypatch.setattr(TorchTrainer, "chunk", 1)
    found, X = trained(time), make_data().X_test
    again = hidden_layers(FILTERS, found.parameters, X, (3,), 1)
    outputs = list(logits(FILTERS, found.parameters, X, (3,), 1))
    for s in range(3):
        layers, last = by_hand(of_network(found.parameters, s), X, time)
        for number, expected in enumerate(layers, 1):
            assert found.layers[f"layer_{number}"][s] == pytest.approx(expected.numpy(), abs=1e-5)
            assert np.array_equal(again[f"layer_{number}"], found.layers[f"layer_{number}"])
        assert outputs[s] == pytest.approx(last.numpy(), abs=1e-9)
        right = (last.numpy()[:, 0] > 0) == make_data().y_test
        assert found.test.accuracy[s] == pytest.approx(right.mean())


def test_training_is_a_plain_loop_over_the_whole_cloud():
    data, begun, found = make_data(), trained(epochs=0), trained(epochs=3)
    y = torch.from_numpy(data.y_train).double()
    for s in range(3):
        own = of_network(begun.parameters, s)
        weights = {name: w.requires_grad_() for name, w in own.items() if "linear" in name}
        for _ in range(3):
            out = by_hand(own, data.X_train, 1.0)[1][:, 0]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(out, y)
            for weight, gradient in zip(
                weights.values(), torch.autograd.grad(loss, list(weights.values())), strict=True
            ):
                weight.data -= 0.3 * gradient
        for name, weight in weights.items():
            assert found.parameters[name][s] == pytest.approx(weight.detach().numpy(), abs=1e-5)


def test_order_of_points_and_other_networks_change_nothing_and_time_does():
    found, X = trained(), make_data().X_test
    order = np.random.default_rng(0).permutation(len(X))
    for name, stack in hidden_layers(FILTERS, found.parameters, X[order], (3,), 1).items():
        assert stack == pytest.approx(found.layers[name][:, order], abs=1e-5)
    alone = trained(networks=(2,))
    assert alone.layers["layer_2"][0] == pytest.approx(found.layers["layer_2"][2], abs=1e-5)
    assert np.abs(trained(time=0.0).layers["layer_2"] - found.layers["layer_2"]).max() > 0.1


def test_smoothing_alone_is_the_solution_of_the_heat_equation():
    X = make_data().X_test
    assert gives_points("smoothing")
    assert not gives_points("linear_prior")
    for time in (0.0, 0.7):
        found = list(closed_layers("smoothing", recipe(time), X, X[:, 0] > 0, X, [9] * 3))
        generator = laplacian(X, kernel_width(X.astype(float)))
        step = expm(-time * generator / (generator.trace() / len(X) + 1))
        Y = X.astype(np.float64)
        for points in found:
            Y = step @ Y
            assert points == pytest.approx(Y, abs=1e-9)


def test_units_of_all_layers_weigh_points_alike():
    rng = np.random.default_rng(0)
    layers = {
        f"layer_{i}": (rng.standard_normal((2000, 3)), width) for i, width in ((1, 4), (2, 6))
    }
    drawn = weighed_points(layers, 40, ("study", "A", "a", "smoothing"))
    weights = np.stack([np.linalg.lstsq(layers["layer_2"][0], d)[0] for d in drawn["layer_2"]])
    for name, (points, width) in layers.items():
        assert drawn[name] == pytest.approx(points @ weights[:, :, :width], abs=1e-4)
    # 720 standard normal numbers.
    assert abs(weights.mean()) < 4 / np.sqrt(720)
    assert weights.var() == pytest.approx(1, abs=4 * np.sqrt(2 / 720))
    fewer = weighed_points(layers, 2, ("study", "A", "a", "smoothing"))
    assert np.array_equal(fewer["layer_1"], drawn["layer_1"][:2])


def test_what_does_not_fit_is_said():
    with pytest.raises(InputError, match=r"heat_filter.* need trainer: whole_cloud"):
        trained(trainer="auto")
    for keys in ({"batch_size": 8}, {"validation": "random"}):
        with pytest.raises(InputError, match="takes batch_size full and validation none"):
            trained(**keys)
    with pytest.raises(InputError, match=r"'trainer_options\.time' is -1"):
        trained(time=-1)
    with pytest.raises(InputError, match="the 12 points are not apart"):
        heat_modes(np.ones((12, 3)))
    assert not Architecture.dense(4, 4, 4).together
    assert FILTERS.together
    assert (FILTERS.width, FILTERS.depth) == ("5h/4h", 2)


def cell_of(accuracies):
    n = len(accuracies)
    kept, rho = np.ones(n, bool), np.full(n, np.nan)
    return LayerCell(5, np.arange(n), kept, np.array(accuracies), rho, {})


def test_filters_are_compared_with_networks_without_heat_flow_in_the_same_cell():
    def better(*accuracies, other=(0.75, 1.0)):
        others = {"identity": cell_of(other)} if other else {}
        cell = replace(cell_of(accuracies), others=others)
        return CLAIM.quantity.in_cell(cell, "synthetic")[0]

    assert better(0.77, 1.0) == better(0.88) == 1
    assert better(0.87, 0.86) == better(0.875) == 0
    assert np.isnan(better(0.9, other=()))
    assert np.isnan(better(np.nan))
