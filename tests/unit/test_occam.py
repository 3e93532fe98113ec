"""Boolean functions: their complexity, their data sets, the networks that are them, the claims."""

from itertools import product

import numpy as np
import pytest
import torch
from scipy import stats

from ricci_flow.claims.estimates import Evidence
from ricci_flow.claims.layer_measures import LayerCell
from ricci_flow.claims.ledger import ledger_table
from ricci_flow.claims.ordered_simpler import OWN
from ricci_flow.claims.papers import PAPERS
from ricci_flow.claims.registry import chosen_claims
from ricci_flow.claims.verdicts import AS_COUNTED, REPRODUCED
from ricci_flow.datasets.generators import GENERATORS
from ricci_flow.errors import InputError
from ricci_flow.graphs.graph import graph_of_edges
from ricci_flow.measures.base import Layer, Undefined
from ricci_flow.measures.lz_complexity import complexity, measure, words
from ricci_flow.measures.majority_error import measure as majority_error
from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.layers.base import Normal
from ricci_flow.networks.recipe import Recipe
from ricci_flow.validation import read

INPUTS = np.array(list(product((0, 1), repeat=7)))
GRAPH = graph_of_edges(128, np.array([[0, 1]], np.int32))
DRAWN = {2: (35.0, 31.5), 10: (70.0, 66.5), 21: (101.5, 101.5)}


def target(**parameters):
    """The points of a Boolean function in the order of their data set, and their classes."""
    parts = GENERATORS["boolean_function"].sample(None, 64, 64, **parameters)
    return np.concatenate(parts), np.repeat([0, 1], [len(part) for part in parts])


def literal_words(text):
    """Lempel and Ziv 1976 to the letter: a word ends where it is no substring of what is before."""
    parsed = []
    while text:
        size = 1
        done = "".join(parsed)
        while size < len(text) and text[:size] in (done + text[:size])[:-1]:
            size += 1
        parsed.append(text[:size])
        text = text[size:]
    return len(parsed)


def test_words_are_those_of_the_definition():
    generator = np.random.default_rng(4)
    short = [bits for n in range(1, 9) for bits in product((0, 1), repeat=n)]
    for values in (*short, *(generator.integers(0, 2, 128).tolist() for _ in range(20))):
        assert words(values) == literal_words("".join(map(str, values)))
    # The example of Lempel and Ziv: 0 . 001 . 10 . 100 . 1000 . 101
    assert words([int(digit) for digit in "0001101001000101"]) == 6


def test_complexities_that_are_known():
    ones = INPUTS.sum(axis=1)
    for values, bits in ((0 * ones, 7), (INPUTS[:, 0], 21), (INPUTS[:, 6], 21), (ones % 2, 91)):
        for string in (values, values[::-1]):
            assert complexity(string.tolist()) == bits
    assert complexity([1, 1, 1, 1], released=True) == 2
    drawn = np.random.default_rng(1).integers(0, 2, (20, 128)).tolist()
    for values in drawn:
        for released in (False, True):
            there, back = (complexity(v, released=released) for v in (values, values[::-1]))
            assert there == back


@pytest.mark.parametrize("ones", DRAWN)
def test_targets_have_the_published_complexity_as_released(ones):
    points, classes = target(ones=ones)
    layers = [Layer(GRAPH, classes, points), Layer(GRAPH, classes, classes[:, None] * 0.9)]
    found = [
        measure(layers, released=released, of_classes=of_classes)
        for of_classes in (0, 1)
        for released in (0, 1)
    ]
    assert found == 2 * [*DRAWN[ones]]
    at = np.random.RandomState(10).choice(128, size=ones)
    assert majority_error(layers) == pytest.approx(len(np.unique(at)) / 128)
    order = np.random.default_rng(0).permutation(128)
    mixed = [Layer(GRAPH, layer.labels[order], layer.points[order]) for layer in layers]
    assert measure(mixed) == DRAWN[ones][0]


def test_what_is_no_boolean_function_says_why():
    points, classes = target(parity=1)
    cube = Layer(GRAPH, classes, points)
    for wrong in (points + 1, points[:, :6], points[:64]):
        with pytest.raises(Undefined, match="not all strings of bits"):
            measure([Layer(GRAPH, classes, wrong), cube])
    with pytest.raises(Undefined, match="not a single output"):
        measure([cube, cube])


def test_targets_are_functions_on_the_cube():
    points, classes = target(parity=3)
    assert sorted(map(tuple, points)) == list(map(tuple, INPUTS))
    assert (points[:, :3].sum(axis=1) % 2 == classes).all()
    assert complexity((INPUTS[:, :3].sum(axis=1) % 2).tolist()) == 42
    for parameters, cure in (
        ({"features": 8, "ones": 2}, "8 features make 256 points: set n_train and n_test to 256"),
        ({}, "need ones, or a parity"),
        ({"ones": 2, "parity": 1}, "not both"),
        ({"parity": 8}, "at most so many bits"),
        ({"ones": 2.5}, "need whole numbers"),
    ):
        with pytest.raises(InputError, match=cure):
            target(**parameters)


def test_normal_weights_have_their_variance_and_are_multiples():
    drawn = {}
    for sigma_w in (1.0, 8.0):
        architecture = Architecture.dense(300, 200, activation="tanh")
        network = architecture.build((100,), 1, np.random.default_rng(3), Normal(sigma_w=sigma_w))
        drawn[sigma_w] = [p.detach().numpy() for p in network.parameters()]
    for first, other in zip(drawn[1.0], drawn[8.0], strict=True):
        assert np.allclose(8 * first, other, rtol=1e-6)
        if first.ndim == 1:
            assert not first.any()
        else:
            scaled = first.ravel() * np.sqrt(first.shape[1])
            assert stats.kstest(scaled, "norm").pvalue > 1e-3


def test_how_weights_are_drawn_is_read_as_written():
    def recipe(value):
        return read(Recipe.model_validate, {"initialisation": value}, "training")

    assert recipe("normal").initialisation == Normal(sigma_w=1.0)
    made = recipe({"name": "normal", "sigma_w": 8})
    assert made.initialisation.sigma_w == 8
    assert Recipe.model_validate(made.model_dump(mode="json")) == made
    assert recipe("torch").initialisation == "torch"
    for value, message in (
        ("he", "key 'initialisation' is 'he'; it must be one of glorot, torch, normal"),
        ({"name": "normal", "sigma_w": 0}, "'initialisation.sigma_w' is 0; it must be greater"),
        ({"name": "normal", "sigma": 2}, "'initialisation.sigma'; did you mean"),
    ):
        with pytest.raises(InputError, match=message):
            recipe(value)


@pytest.mark.parametrize(("sigma_w", "mean"), [(1.0, 81.4), (8.0, 147.3)])
def test_the_prior_is_simple_where_networks_are_ordered(sigma_w, mean):
    """The means are those of 1500 networks that plain NumPy drew and ran, within 0.6 and 0.2."""
    architecture, found = Architecture.dense(*[40] * 10, activation="tanh"), []
    inputs = torch.tensor(INPUTS, dtype=torch.float32)
    for seed in range(50):
        generator = np.random.default_rng([seed, 5])
        with torch.no_grad():
            network = architecture.build((7,), 1, generator, Normal(sigma_w=sigma_w))
            logits = network(inputs)[:, 0].numpy()
        assert logits[0] == 0  # biases are zero, and so is the first input
        found.append(complexity((logits > 0).astype(int).tolist()))
    assert abs(np.mean(found) - mean) < 3 * stats.sem(found)


def cell(held_out, complexities=(), of_target=21.0, guess=0.5, others=None):
    """A cell whose networks have these accuracies and complexities."""
    count = len(held_out)
    whole, numbers = np.ones(count, bool), np.arange(count)
    (error,) = chosen_claims(["error_grows"])
    values = dict(
        zip(error.needs, (np.full((count, 1), v) for v in (of_target, guess)), strict=True)
    )
    if len(complexities):
        values[OWN[0]] = np.array(complexities, float)[:, None]
    held_out = np.array(held_out, float)
    return LayerCell(10, numbers, whole, held_out, held_out, values, held_out, others or {})


def test_ordered_networks_are_compared_with_the_same_chaotic_ones():
    (claim,) = chosen_claims(["ordered_better"])
    chaotic = cell([0.7, 0.8, 0.9])
    ordered = cell([0.8, 0.8, 0.8, 1.0], others={"chaotic": chaotic})
    assert claim.quantity.in_cell(ordered, "synthetic") == (0.5,)
    assert np.isnan(claim.quantity.in_cell(chaotic, "synthetic"))


def test_functions_are_compared_with_chaotic_ones_that_are_trained_alike():
    (claim,) = chosen_claims(["ordered_simpler"])
    right = [1] * 4
    others = {
        "chaotic": cell(right, [30, 20, 50, 60]),
        "untrained_8": cell(right, [150, 140, 77, np.nan]),
    }
    trained = cell(right, [28, 24.5, 50, 7], others=others | {"untrained": cell(right)})
    assert claim.quantity.in_cell(trained, "synthetic") == (2.5 / 4,)
    untrained = cell(right, [80, 90, 80.5, 7], others=others)
    assert claim.quantity.in_cell(untrained, "synthetic") == (pytest.approx(2 / 3),)
    assert np.isnan(claim.quantity.in_cell(cell(right, right), "synthetic"))


@pytest.mark.parametrize(
    ("guesses", "verdict", "standing"),
    [
        # The more complex, the more ones: the guess has the same trend.
        ([0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.5], AS_COUNTED, "shown too"),
        ([0.5, 0.01, 0.4, 0.1, 0.2, 0.5, 0.02], REPRODUCED, "clearly exceeded"),
    ],
)
def test_errors_grow_with_complexity_beside_the_majority_guess(guesses, verdict, standing):
    complexities = [21, 35, 42, 70, 91, 101.5, 143.5]
    errors = [0.02, 0.01, 0.1, 0.15, 0.3, 0.25, 0.45]
    cells = {
        (f"set {d}", "net"): cell([1 - error - 0.01, 1 - error + 0.01], (), bits, guess)
        for d, (error, bits, guess) in enumerate(zip(errors, complexities, guesses, strict=True))
    }
    groups = {name[0]: "synthetic" for name in cells}
    measure_cell = PAPERS["layers"].measure_cell
    evidence = Evidence({("trained", "m"): cells}, groups, 0.95, "s", measure_cell=measure_cell)
    table = ledger_table(evidence, chosen_claims(["error_grows"]), [], {})
    rho = stats.spearmanr(complexities, errors).statistic
    own, guess = table.to_dicts()
    assert own["value"] == pytest.approx(rho)
    half = 1.96 * np.sqrt(1.06 / 4)
    ends = np.tanh([np.arctanh(rho) - half, np.arctanh(rho) + half])
    assert (own["low"], own["high"]) == pytest.approx(tuple(ends), abs=1e-3)
    assert (own["verdict"], guess["standing"]) == (verdict, standing)
    assert guess["value"] == pytest.approx(stats.spearmanr(complexities, guesses).statistic)


@pytest.mark.parametrize(
    ("complexities", "reason"),
    [([21, 35, 42], "data sets where it is defined: 3, fewer than 4"), ([21] * 5, "the same")],
)
def test_too_few_targets_or_all_alike_have_no_trend(complexities, reason):
    cells = {(f"set {d}", "net"): cell([d / 9], (), k) for d, k in enumerate(complexities)}
    groups = {name[0]: "synthetic" for name in cells}
    measure_cell = PAPERS["layers"].measure_cell
    evidence = Evidence({("trained", "m"): cells}, groups, 0.95, "s", measure_cell=measure_cell)
    own = ledger_table(evidence, chosen_claims(["error_grows"]), [], {}).to_dicts()[0]
    assert own["verdict"] == "undecided"
    assert reason in own["remark"]
