"""Deep linear networks: the sampler against quadrature, the theory against the sampler."""

import numpy as np
import pytest

from ricci_flow.datasets.generators import GENERATORS
from ricci_flow.errors import InputError
from ricci_flow.graphs.graph import graph_of_edges
from ricci_flow.measures import label_alignment
from ricci_flow.measures.base import Layer, Undefined
from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.closed_forms import check_closed_form, closed_layers
from ricci_flow.networks.closed_forms.linear_posterior import predictor, renormalisation
from ricci_flow.networks.draws import Streams
from ricci_flow.networks.random_features import gaussian_units
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import Task, make_trainer, options_of

STREAMS = Streams("study", "rolls", "linear")


def recipe(**options):
    keys = {"trainer": "gibbs_linear", "batch_size": "full", "validation": "none"}
    return Recipe(**keys, trainer_options=options)


def trainer(X, y, widths, networks=(0,), **options):
    architecture = Architecture.dense(*widths, activation="linear")
    inputs, labels = (X.shape[1],), np.tile(y, (len(networks), 1))
    return make_trainer(
        Task(architecture, recipe(**options), inputs, 1, STREAMS, networks, X, labels)
    )


def sampled(made, sweeps, burn):
    """Yield the weights of every network after each sweep, once these have forgotten the start."""
    rows = np.tile(np.arange(len(made.task.X)), (len(made.task.networks), 1))
    for sweep in range(sweeps):
        made.run_batches(rows, sweep)
        if sweep >= burn:
            parameters = made.parameters()
            for s in range(len(rows)):
                yield [parameters[f"W{layer}"][s] for layer in range(1, len(parameters) // 2 + 1)]


def test_the_posterior_is_that_of_a_sum_over_a_grid_of_weights():
    """Two features, one hidden unit, two points: three weights, whose density can be summed."""
    X = np.array([[1.0, 0.4], [-0.3, 1.2]], np.float32)
    y, new = np.array([1, 0], np.uint8), np.array([0.7, -0.9])
    sigma, temperature = 1.3, 0.5
    axis = np.linspace(-6, 6, 121)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    variances = sigma**2 / np.array([2, 2, 1])
    f = (grid[:, :2] @ X.T.astype(float)) * grid[:, 2:]
    energy = ((f - [1, -1]) ** 2).sum(1) / (2 * temperature) + (grid**2 / variances / 2).sum(1)
    density = np.exp(-energy) / np.exp(-energy).sum()
    said = (grid[:, :2] @ new) * grid[:, 2]
    expected = [density @ said, density @ said**2, density @ grid[:, 2] ** 2]

    made = trainer(X, y, [1], range(40), sigma=sigma, temperature=temperature)
    draws = [[*(new @ W @ a), a[0, 0]] for W, a in sampled(made, 250, 50)]
    values, outer = np.array(draws).T
    found = [values.mean(), (values**2).mean(), (outer**2).mean()]
    assert found == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(("width", "depth", "sigma"), [(60, 1, 1.0), (60, 3, 1.0), (50, 5, 0.8)])
def test_the_closed_form_is_that_of_sampled_networks(width, depth, sigma):
    rng = np.random.default_rng(3)
    X, new = (rng.standard_normal((n, 60)).astype(np.float32) for n in (25, 40))
    y = (X[:, 0] + rng.standard_normal(25) > 0).astype(np.uint8)
    made = trainer(X, y, [width] * depth, range(6), sigma=sigma)
    said, kernels = [], [0.0] * depth
    for weights in sampled(made, 160, 40):
        H = new.astype(float)
        for layer, W in enumerate(weights):
            H = H @ W
            if layer < depth:
                kernels[layer] = kernels[layer] + H @ H.T / width
        said.append(H[:, 0])
    theory = predictor(X.astype(float), 2.0 * y - 1, new.astype(float), sigma, width, depth)
    assert np.corrcoef(np.mean(said, 0), theory.mean)[0, 1] > 0.99
    # It is a theory of wide networks: a few per cent are left at this width.
    assert np.var(said, 0).mean() == pytest.approx(np.diag(theory.covariance).mean(), rel=0.12)
    covariances = closed_layers("linear_posterior", recipe(sigma=sigma), X, y, new, [width] * depth)
    wide = list(closed_layers("linear_prior", recipe(sigma=sigma), X, y, new, [1] * depth))
    for kernel, expected, flat in zip(kernels, covariances, wide, strict=True):
        spike, own = expected - flat, kernel / len(said) - flat
        assert np.corrcoef(spike.ravel(), own.ravel())[0, 1] > 0.8
        assert (spike * own).sum() / (spike**2).sum() == pytest.approx(1, abs=0.15)


def test_u_0_is_a_root_in_closed_form_for_one_layer_and_sigma_squared_for_few_points():
    for sigma, load, r_0 in [(1.0, 0.5, 2.0), (0.6, 2.0, 0.1), (3.0, 0.9, 40.0)]:
        b = sigma**2 * (1 - load)
        expected = (b + np.sqrt(b**2 + 4 * sigma**2 * load * r_0)) / 2
        assert renormalisation(sigma, load, r_0, 1) == pytest.approx(expected, rel=1e-9)
    assert renormalisation(1.7, 1e-9, 3.0, 6) == pytest.approx(1.7**2, rel=1e-7)
    for depth in (2, 9):
        u = renormalisation(0.8, 0.4, 3.0, depth)
        assert 1 - u / 0.64 == pytest.approx(0.4 * (1 - 3.0 * u**-depth), abs=1e-9)


def test_infinitely_wide_layers_are_the_input():
    rng = np.random.default_rng(0)
    X, new = rng.standard_normal((10, 30)), rng.standard_normal((20, 30))
    y = np.arange(10) % 2
    given = (recipe(), X, y, new)
    limits = [
        list(closed_layers(name, *given, [10**9] * 4))
        for name in ("linear_posterior", "linear_prior")
    ]
    for finite, infinite in zip(*limits, strict=True):
        assert np.allclose(finite, infinite, atol=1e-6)
        assert np.allclose(infinite, new @ new.T / 30)


def test_a_network_does_not_depend_on_those_sampled_with_it():
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((8, 12)).astype(np.float32), np.arange(8).astype(np.uint8) % 2
    alone, together = trainer(X, y, [5, 5], [3]), trainer(X, y, [5, 5], [7, 3, 1])
    together.stop(np.array([False, False, True]))
    before = together.parameters()["W1"][2]
    for made, count in ((alone, 1), (together, 3)):
        for sweep in range(3):
            made.run_batches(np.tile(np.arange(8), (count, 1)), sweep)
    for name, own in alone.parameters().items():
        assert (own[0] == together.parameters()[name][1]).all()
    assert (together.parameters()["W1"][2] == before).all()
    rows = np.arange(8)[None]
    found = alone.evaluate(X, y[None], rows)
    f = X.astype(float) @ np.linalg.multi_dot([alone._weights[0][i] for i in range(3)])
    assert found.accuracy == [np.mean((f[:, 0] > 0) == y)] == [1.0]
    p = 1 / (1 + np.exp(-f[:, 0]))
    assert found.loss[0] == pytest.approx(-np.log(np.where(y == 1, p, 1 - p)).mean())


def test_units_have_the_covariance_that_is_asked_for():
    rng = np.random.default_rng(2)
    root = rng.standard_normal((6, 3))
    drawn = gaussian_units({"layer_1": (root @ root.T, 40_000)}, 2, ("a", "b", "c", "d"))
    assert drawn["layer_1"].shape == (2, 6, 40_000)
    assert np.allclose(np.cov(drawn["layer_1"][1]), root @ root.T, atol=0.15)
    assert not np.allclose(drawn["layer_1"][0], drawn["layer_1"][1])


def test_what_the_theory_and_the_sampler_are_not_for_is_said_in_a_line():
    X, y, new = np.eye(4)[:, :3], np.array([0, 1, 0, 1]), np.eye(3)
    with pytest.raises(InputError, match="of 3 features cannot fit 4 points"):
        list(closed_layers("linear_posterior", recipe(), X, y, new, [5, 5]))
    with pytest.raises(InputError, match=r"not \[5, 6\]"):
        list(closed_layers("linear_posterior", recipe(), X, y, new, [5, 6]))
    with pytest.raises(InputError, match="did you mean 'linear_prior'"):
        check_closed_form("linear_prio", recipe())
    with pytest.raises(InputError, match="networks of the trainer 'gibbs_linear'"):
        check_closed_form("linear_prior", Recipe())
    with pytest.raises(InputError, match=r"'trainer_options\.sigm' is unknown to the trainer"):
        options_of(recipe(sigm=1.0))
    with pytest.raises(InputError, match=r"must lie in 0\.01\.\.100"):
        options_of(recipe(sigma=0.0))
    with pytest.raises(InputError, match="'auto'; it takes none"):
        options_of(Recipe(trainer_options={"sigma": 1.0}))
    task = Task(Architecture.dense(3, 3, 3), recipe(), (3,), 1, STREAMS, [0], X, y[None])
    with pytest.raises(InputError, match="activation: linear"):
        make_trainer(task)
    assert options_of(recipe(sigma=2.0)) == {"sigma": 2.0, "temperature": 1e-4}
    assert options_of(Recipe()) == {}


def test_a_teacher_errs_as_its_noise_says():
    sample = GENERATORS["linear_teacher"].sample
    for noise, share in ((0.0, 0.0), (1.0, 0.25)):
        negative, positive = sample(
            np.random.default_rng(4), 20_000, 10_000, features=5, noise=noise
        )
        assert negative.shape == (20_000, 5)
        wrong = np.concatenate([negative[:, 0] > 0, positive[:, 0] < 0])
        assert wrong.mean() == pytest.approx(share, abs=0.01)
        both = np.concatenate([negative[:10_000], positive])
        assert np.allclose(np.cov(both.T), np.eye(5), atol=0.05)


def test_alignment_is_the_share_of_variance_between_classes():
    rng = np.random.default_rng(5)
    points, classes = rng.standard_normal((30, 4)), np.arange(30) % 3 // 2
    points[:, 1] += 3 * classes
    graph = graph_of_edges(30, np.array([[0, 1]], np.int32))
    y = np.where(classes == 1, 1.0, -1.0)
    y -= y.mean()
    centred = points - points.mean(axis=0)
    K = centred @ centred.T
    found = label_alignment.measure(Layer(graph, classes, points.astype(np.float32)))
    assert found == pytest.approx(y @ K @ y / (y @ y * np.trace(K)), rel=1e-5)
    assert label_alignment.measure(Layer(graph, classes, y[:, None])) == pytest.approx(1)
    with pytest.raises(Undefined):
        label_alignment.measure(Layer(graph, classes, np.ones((30, 2))))
    with pytest.raises(Undefined):
        label_alignment.measure(Layer(graph, None, points))
