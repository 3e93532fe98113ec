"""Filters that grow out of images: the rule against plain loops, and networks that have them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

import ricci_flow
from ricci_flow.claims.grown_as_accurate import CLAIM
from ricci_flow.claims.layer_measures import LayerCell
from ricci_flow.errors import InputError
from ricci_flow.networks.architecture import read_architecture
from ricci_flow.networks.draws import Streams
from ricci_flow.networks.ensemble import Data, train_ensemble
from ricci_flow.networks.growth import (
    BLANK,
    Filter,
    Filters,
    answers,
    filter_of,
    fitted,
    grow,
    patches_of,
    random_patches,
)
from ricci_flow.networks.recipe import Recipe
from ricci_flow.validation import read

RULE = {"images": 7, "rounds": 30, "most": 100}
GROWN = {"kind": "grown_conv2d", "channels": 40, "measured": False}
POOL = {"kind": "max_pool", "measured": True}
ENTRY = {"layers": [GROWN, POOL, {**GROWN, "channels": 50}, POOL, {"kind": "dense", "width": 5}]}
DRAWN = {"filters": "drawn", "frozen": False}


def digits(count=20):
    X, y = load_digits(return_X_y=True)
    some = np.flatnonzero(np.isin(y, (1, 8)))[: 2 * count]
    X, y = (X[some] / 16).astype(np.float32), (y[some] == 8).astype(np.uint8)
    return Data(X[:count], y[:count], X[count:], y[count:], 2, (8, 8))


IMAGES = digits().X_train.reshape(-1, 1, 8, 8)


def trained(networks=(0, 1), entry=ENTRY, **keys):
    of_layers = {"grown_conv2d": keys.pop("layer", {})}
    keys = {"epochs": 2, "validation": "none", "trainer": "grow", "learning_rate": 0.01, **keys}
    recipe = read(Recipe.model_validate, {"layer_settings": of_layers, **keys}, "recipe")
    streams, architecture = Streams("study", "data", "host"), read_architecture(entry)
    return train_ensemble(digits(), streams, list(networks), architecture, recipe, device="cpu")


def filters(found, place, s=0):
    """Weights, biases and which are alive, of one network."""
    name = f"grown_conv2d_{place}"
    kinds = (f"{name}.conv.weight", f"{name}.conv.bias", f"{name}.only.alive")
    return tuple(found.parameters[kind][s] for kind in kinds)


def test_patches_and_answers_are_those_of_a_convolution():
    rng = np.random.default_rng(0)
    images, weights, biases = (rng.standard_normal(s) for s in ((2, 3, 4, 5), (6, 3, 3, 3), 6))
    of = Filters(weights.reshape(6, -1), biases, 0, 0.0)
    tensors = (torch.from_numpy(values) for values in (images, weights, biases))
    expected = torch.sigmoid(torch.nn.functional.conv2d(*tensors, padding=1)).numpy()
    found = answers(patches_of(images, 3), of).transpose(0, 2, 1).reshape(2, 6, 4, 5)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert patches_of(images, 5)[1, 7].reshape(3, 5, 5)[2, 2, 3] == images[1, 2, 1, 3]


def test_a_filter_begins_at_one_on_its_patch():
    patch = np.random.default_rng(1).random(27)
    weights, bias = filter_of(patch)
    assert (weights @ patch, weights.sum(), bias) == pytest.approx((1, 0, 0), abs=1e-12)
    assert filter_of(np.full(9, 0.3)).weights == pytest.approx(np.full(9, 0.3))


def fitted_by_torch(patch, others):
    apart = patch - patch.mean()
    start = torch.tensor([*(apart / (apart @ patch)), 0.0], requires_grad=True)
    values, seen = start, torch.from_numpy(np.column_stack([others, np.ones(len(others))]))
    own = torch.tensor([*patch, 1.0])
    adam = torch.optim.Adam([values], lr=0.005)
    for _ in range(100):
        adam.zero_grad()
        loss = (torch.sigmoid(own @ values) - 1) ** 2 + (torch.sigmoid(seen @ values) ** 2).mean()
        loss.backward()
        adam.step()
    return values.detach().numpy()


def test_the_fit_is_that_of_torch():
    rng = np.random.default_rng(2)
    patch, others = rng.random(9), rng.random((5, 9))
    weights, bias = fitted(filter_of(patch), patch, others)
    expected = fitted_by_torch(patch, others)
    np.testing.assert_allclose([*weights, bias], expected, rtol=1e-9, atol=1e-12)
    before, after = (
        (answers(patch, of) - 1) ** 2 + (answers(others, of) ** 2).mean()
        for of in (filter_of(patch), Filter(weights, bias))
    )
    assert after < 0.9 * before


def grown_by_loops(patches, rng, images, rounds, most):
    """The rule, place by place."""
    n, places, d = patches.shape
    filters, samples = [(np.full(d, -2.0), 1.0)], [np.zeros(d)]

    def answer(which, patch):
        weights, bias = filters[which]
        return 1 / (1 + np.exp(-(sum(w * x for w, x in zip(weights, patch, strict=True)) + bias)))

    def inactive(image):
        return [
            place
            for place in range(places)
            if not any(0.65 < answer(f, patches[image, place]) < 1.95 for f in range(len(filters)))
        ]

    def visit(image):
        before = inactive(image)
        if not before:
            return
        patch = patches[image, before[rng.choice(len(before))]]
        for which in range(len(filters))[-5:]:
            found = [answer(which, patches[image, place]) for place in range(places)]
            if max(found) >= 0.65:
                samples[which] = patches[image, int(np.argmax(found))]
        if any(sum(abs(sample - patch)) < 0.2 for sample in samples):
            return
        apart = patch - patch.mean()
        new = (apart / (apart @ patch), 0.0)
        if len(samples) >= 4:
            values = fitted_by_torch(patch, np.stack(samples))
            new = (values[:-1], values[-1])
        filters.append(new)
        if len(inactive(image)) == len(before):
            filters.pop()
        else:
            samples.append(patch)

    for image in rng.integers(n, size=images):
        visit(image)
    for made in range(rounds):
        shares = [len(inactive(image)) / places for image in range(n)]
        if max(shares) < 0.1:
            return filters, made
        for image in np.argsort(shares, kind="stable")[-images:]:
            visit(image)
    return filters, rounds


@pytest.mark.parametrize(("images", "rounds"), [(2, 30), (3, 1)])
def test_growth_is_that_of_plain_loops(images, rounds):
    patches = patches_of(IMAGES[:5], 3)
    seeds = (np.random.default_rng(3) for _ in range(2))
    found = grow(patches, next(seeds), images=images, rounds=rounds, most=100)
    expected, made = grown_by_loops(patches, next(seeds), images, rounds, 100)
    assert found.rounds == made
    assert len(expected) == len(found.biases) > 5
    np.testing.assert_allclose(found.weights, [w for w, _ in expected], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found.biases, [b for _, b in expected], rtol=1e-7, atol=1e-9)


def test_every_filter_leaves_fewer_places_inactive():
    patches = patches_of(IMAGES, 3)
    found = grow(patches, np.random.default_rng(4), **RULE)
    each = answers(patches, found) > 0.65
    inactive = [(~each[..., :m].any(axis=2)).mean() for m in range(1, len(found.biases) + 1)]
    assert len(inactive) > 10
    assert (np.diff(inactive) < 0).all()
    assert found.inactive == (~each.any(axis=2)).mean(axis=1).max() < 0.1


def test_growth_ends_at_once_where_all_is_active_and_after_its_rounds_where_nothing_can_be():
    blank = grow(np.zeros((4, 64, 9)), np.random.default_rng(0), **RULE)
    assert (len(blank.biases), blank.rounds, blank.inactive) == (1, 0, 0.0)
    assert (set(blank.weights[0]), blank.biases[0]) == ({BLANK[0]}, BLANK[1])
    # No answer is above 1; and none is both above a tenth of a thousandth and below three.
    for threshold in (1.0, 1e-4):
        found = grow(patches_of(IMAGES, 3), np.random.default_rng(0), **RULE, threshold=threshold)
        assert (found.rounds, found.inactive > 0.1) == (30, True)
    assert len(found.biases) >= 1


def test_patches_at_random_are_patches_of_the_images():
    patches = patches_of(IMAGES, 3)
    weights, biases = random_patches(patches, np.random.default_rng(5), 30)
    assert weights.shape == (30, 9)
    assert (biases == 0).all()
    known = patches.reshape(-1, 9)
    known = known[np.ptp(known, axis=1) > 0]
    begun = np.stack([filter_of(patch).weights for patch in known])
    assert all((np.abs(begun - one).max(axis=1) < 1e-12).any() for one in weights)
    assert len(np.unique(weights, axis=0)) > 25


def test_a_network_grows_by_its_own_stream_layer_after_layer():
    both, one = trained(epochs=0), trained([1], epochs=0)
    for place in (1, 3):
        for found, expected in zip(filters(one, place), filters(both, place, 1), strict=True):
            np.testing.assert_array_equal(found, expected)
    assert not np.array_equal(filters(both, 1)[0], filters(both, 1, 1)[0])
    generator = Streams("study", "data", "host").generator(0, "growth")
    first = grow(patches_of(IMAGES, 3), generator, **RULE)
    weights, biases, alive = filters(both, 1)
    m = len(first.biases)
    assert alive.tolist() == [1.0] * m + [0.0] * (40 - m)
    np.testing.assert_array_equal(weights[:m].reshape(m, -1), first.weights.astype(np.float32))
    np.testing.assert_array_equal(biases[:m], first.biases.astype(np.float32))
    # What enters the second layer: maxima over squares of what the first one answers.
    maps = answers(patches_of(IMAGES, 3), first).transpose(0, 2, 1).reshape(-1, m, 4, 2, 4, 2)
    second = grow(patches_of(maps.max(axis=(3, 5)), 3), generator, **RULE)
    weights, biases, alive = filters(both, 3)
    assert alive.sum() == len(second.biases)
    expected = second.weights.reshape(-1, m, 3, 3)
    np.testing.assert_allclose(weights[: len(expected), :m], expected, atol=1e-4)
    assert not weights[:, m:].any()


RELU = {**DRAWN, "activation": "relu"}


@pytest.mark.parametrize("layer", [{}, {"filters": "patches"}, DRAWN, RELU])
def test_frozen_filters_stay_and_channels_without_one_stay_dead(layer):
    start, after = trained(epochs=0, layer=layer), trained(epochs=3, layer=layer)
    grown = trained(epochs=0)
    for place, name in ((1, "layer_1"), (3, "layer_2")):
        for s in (0, 1):
            # As many as are grown, whatever they are.
            alive = filters(grown, place, s)[2] == 1
            before, found = filters(start, place, s), filters(after, place, s)
            np.testing.assert_array_equal(found[2], alive)
            for old, new in zip(before[:2], found[:2], strict=True):
                assert np.array_equal(old, new) == layer.get("frozen", True)
                assert not old[~alive].any()
                assert not new[~alive].any()
            maps = after.layers[name][s].reshape(20, len(alive), -1)
            assert not maps[:, ~alive].any()
            assert maps[:, alive].any()
    for name in ("layer_3.linear.weight", "output.linear.bias"):
        assert (start.parameters[name] != after.parameters[name]).any()


def test_frozen_layers_are_convolutions_and_maxima():
    found, images = trained(), digits().X_test.reshape(-1, 1, 8, 8).astype(float)
    for place, name in ((1, "layer_1"), (3, "layer_2")):
        weights, biases, alive = filters(found, place)
        size = images.shape[2] // 2
        expected = np.empty((20, len(alive), size, size))
        padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
        for c, row, column in np.ndindex(len(alive), size, size):
            square = []
            for r, q in np.ndindex(2, 2):
                r, q = 2 * row + r, 2 * column + q
                seen = padded[:, :, r : r + 3, q : q + 3]
                square.append((seen * weights[c]).sum(axis=(1, 2, 3)) + biases[c])
            expected[:, c, row, column] = alive[c] / (1 + np.exp(-np.max(square, axis=0)))
        recorded = found.layers[name][0].reshape(expected.shape)
        np.testing.assert_allclose(recorded, expected, atol=1e-6)
        images = recorded.astype(float)


def test_drawn_filters_have_the_variance_of_a_layer_without_dead_channels():
    found = trained(range(12), epochs=0, layer=DRAWN)
    scaled = []
    for s in range(12):
        entering, (weights, biases, alive) = filters(found, 1, s)[2].sum(), filters(found, 3, s)
        m = int(alive.sum())
        own = weights[:m, : int(entering)]
        scaled.append(own.ravel() / np.sqrt(2 / (9 * entering + 9 * m)))
        assert not biases.any()
        assert np.count_nonzero(weights) == own.size
    assert np.concatenate(scaled).std() == pytest.approx(1, rel=0.01)


def test_dead_channels_change_no_coefficient():
    layers = trained().layers
    whole = [layers["layer_1"][0], layers["layer_2"][0], *layers["layer_3"]]
    own = [layer[:, ~(layer == layer[0]).all(axis=0)] for layer in whole]
    assert whole[0].shape[1] > own[0].shape[1] > 20
    found, expected = (ricci_flow.measure(given, k=[6], local=False) for given in (whole, own))
    assert found.rho["rho"].is_not_null().all()
    assert found.coefficients.equals(expected.coefficients)
    assert found.table.equals(expected.table)


def test_what_cannot_be_grown_is_said():
    few = {"layers": [{**GROWN, "channels": 5}, {"kind": "dense", "width": 3}]}
    with pytest.raises(InputError, match="network 0 grows more filters in grown_conv2d_1"):
        trained(entry=few)
    mixed = {"layers": [GROWN, {**GROWN, "filters": "patches"}]}
    inside = {"layers": [GROWN, {"kind": "residual", "layers": [{**GROWN, "channels": 40}]}]}
    dense = {"layers": [{"kind": "dense", "width": 3}]}
    for entry, keys in (
        (mixed, {}),
        (inside, {}),
        (dense, {}),
        (ENTRY, {"validation": "random"}),
    ):
        with pytest.raises(InputError, match="the trainer 'grow' takes validation none"):
            trained(entry=entry, **keys)
    for trainer in ("auto", "torch", "lra"):
        with pytest.raises(InputError, match=f"the trainer '{trainer}' takes"):
            trained(trainer=trainer)
    with pytest.raises(InputError, match="without layers grown_conv2d"):
        trained(trainer="whole_cloud", batch_size="full")


def test_the_claim_is_that_grown_filters_are_not_less_accurate():
    def cell(accuracy, other=None):
        n = len(accuracy)
        kept, rho = np.ones(n, bool), np.full(n, np.nan)
        made = LayerCell(3, np.arange(n), kept, np.array(accuracy), rho, {})
        return replace(made, others={"end_to_end": cell(other)} if other else {})

    def asked(*args):
        return CLAIM.quantity.in_cell(cell(*args), "images")[0]

    assert asked([0.8, 0.6], [0.7, 0.6]) == 1
    assert asked([0.75, 0.5], [0.5, 0.75]) == 1
    assert asked([0.5, 0.6], [0.7, 0.6]) == 0
    assert np.isnan(asked([0.8, 0.6]))
    assert np.isnan(asked([np.nan], [0.7]))
