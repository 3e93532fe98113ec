"""Recipes and the random choices of training."""

import itertools

import numpy as np
import pytest
import torch
from scipy import stats

from ricci_flow.errors import InputError
from ricci_flow.networks.architecture import read_architecture
from ricci_flow.networks.draws import Streams, draw_labels, draw_orders, draw_rows, draw_weights
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers.fused.trainer import FusedTrainer
from ricci_flow.seeds import derive_seed
from ricci_flow.validation import read

STREAMS = Streams("study", "A", "narrow_5")


def test_glorot_bounds_and_variance():
    first, second = draw_weights(STREAMS, [0, 1], [300, 200, 1])
    for stack, fan_in, fan_out in ((first, 300, 200), (second, 200, 1)):
        assert stack.shape == (2, fan_in, fan_out)
        assert stack.dtype == np.float32
        limit = np.sqrt(6 / (fan_in + fan_out))
        assert 0.95 * limit < abs(stack).max() <= np.float32(limit)
        assert abs(stack.mean()) < 0.1 * limit
    # the variance of a uniform variable is limit^2 / 3; 120,000 draws know it to 0.3 %
    assert first.var() == pytest.approx(2 / (300 + 200), rel=0.02)
    assert not np.array_equal(first[0], first[1])


def test_initialisation_is_named_without_the_condition_and_alone():
    many = draw_weights(STREAMS, range(5), [3, 4, 1])
    alone = draw_weights(STREAMS, [3], [3, 4, 1])
    for stack, single in zip(many, alone, strict=True):
        np.testing.assert_array_equal(stack[3], single[0])
    assert STREAMS.seed(3) == derive_seed("study", "A", "narrow_5", 3, "init")
    other = draw_weights(STREAMS._replace(seed_name="another"), [3], [3, 4, 1])
    assert not np.array_equal(other[0], alone[0])


@pytest.mark.parametrize(("rows", "kept"), [(1000, 800), (13007, 10405), (11769, 9415)])
def test_rows_kept_are_rounded_as_keras_does(rows, kept):
    assert Recipe(validation_fraction=0.2).rows_kept(rows) == kept


def test_tail_holds_out_the_last_rows_and_so_one_class():
    y = np.repeat([0, 1], 50).astype(np.uint8)
    rows = draw_rows(STREAMS, [0, 1], 100, Recipe(validation="tail"))
    np.testing.assert_array_equal(rows.kept, [np.arange(80)] * 2)
    np.testing.assert_array_equal(rows.held, [np.arange(80, 100)] * 2)
    assert set(y[rows.held].ravel()) == {1}
    assert np.bincount(y[rows.kept[0]]).tolist() == [50, 30]


def test_random_holds_out_other_rows_for_each_network():
    rows = draw_rows(STREAMS, [0, 1], 100, Recipe(validation="random"))
    for kept, held in zip(*rows, strict=True):
        assert (len(kept), len(held)) == (80, 20)
        assert sorted([*kept, *held]) == list(range(100))
        assert not np.array_equal(np.sort(held), np.arange(80, 100))
    assert set(rows.held[0]) != set(rows.held[1])


def test_none_holds_out_nothing():
    rows = draw_rows(STREAMS, [0], 10, Recipe(validation="none"))
    assert rows.kept.tolist() == [list(range(10))]
    assert rows.held.shape == (1, 0)


def test_orders_are_new_permutations_of_the_kept_rows():
    kept = np.array([np.arange(20, 80), np.arange(60)])
    epochs = list(draw_orders(STREAMS, [0, 1], kept, 3))
    assert len(epochs) == 3
    for order in epochs:
        np.testing.assert_array_equal(np.sort(order), kept)
    flat = [tuple(row - row.min()) for order in epochs for row in order]
    assert len(set(flat)) == 6
    alone = list(draw_orders(STREAMS, [1], kept[1:], 3))
    for order, single in zip(epochs, alone, strict=True):
        np.testing.assert_array_equal(order[1], single[0])


Y = np.repeat([0, 1], [70, 30]).astype(np.uint8)


def shuffled(networks, validation, y=Y):
    """Labels of the control, and the rows that it shares with the trained networks."""
    recipe = Recipe(labels="shuffled", validation=validation)
    rows = draw_rows(STREAMS, networks, len(y), recipe)
    trained = draw_rows(STREAMS, networks, len(y), Recipe(validation=validation))
    np.testing.assert_array_equal(rows.kept, trained.kept)
    return draw_labels(STREAMS, networks, y, rows, recipe), rows


@pytest.mark.parametrize("validation", ["tail", "random", "none"])
def test_shuffled_labels_keep_the_class_counts_of_both_parts(validation):
    """Also with `tail`, where all that is held out is of the last class."""
    labels, rows = shuffled(range(6), validation)
    assert labels.shape == (6, 100)
    assert labels.dtype == np.uint8
    for s in range(6):
        for part in (rows.kept[s], rows.held[s]):
            assert sorted(labels[s, part]) == sorted(Y[part])
    if validation == "tail":
        assert [np.bincount(one[:80]).tolist() for one in labels] == [[70, 10]] * 6
        assert labels[:, 80:].all()


def test_shuffled_labels_are_permuted_anew_for_every_network():
    # Without anything held out; two independent arrangements agree on 58 of 100, give or take 4.
    for one, other in itertools.combinations([Y, *shuffled(range(6), "none")[0]], 2):
        assert 40 < (one == other).sum() < 76
    # Of 80 rows in all 70 and 10: on 62.5 of them, give or take 2.
    for one, other in itertools.combinations([Y, *shuffled(range(6), "tail")[0]], 2):
        assert 50 < (one[:80] == other[:80]).sum() < 75


def test_every_kept_row_gets_either_label():
    """Over many networks a row's label is 1 as often as the kept rows have it: 1 in 8."""
    labels, _ = shuffled(range(2000), "tail")
    # 2000 draws of 1/8 have a standard deviation of 0.0074; the worst of 80 rows stays within 4.5.
    assert np.abs(labels[:, :80].mean(0) - 1 / 8).max() < 4.5 * 0.0074


@pytest.mark.parametrize("validation", ["tail", "random"])
def test_a_networks_labels_depend_on_no_other_network_and_on_nothing_before(validation):
    many, _ = shuffled(range(5), validation)
    alone, _ = shuffled([3], validation)
    np.testing.assert_array_equal(many[3], alone[0])
    np.testing.assert_array_equal(many, shuffled(range(5), validation)[0])


def test_true_labels_are_as_they_are():
    rows = draw_rows(STREAMS, [0, 1], 100, Recipe())
    np.testing.assert_array_equal(draw_labels(STREAMS, [0, 1], Y, rows, Recipe()), [Y, Y])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", -1),
        ("batch_size", 0),
        ("learning_rate", 0.0),
        ("validation", "head"),
        ("validation_fraction", 1.0),
        ("activation", "softplus"),
        ("optimiser", "adagrad"),
        ("labels", "false"),
    ],
)
def test_a_bad_recipe_names_its_field(field, value):
    with pytest.raises(InputError, match=rf"training: key '{field}.*{value}.*; it must be"):
        read(Recipe.model_validate, {field: value}, "training")


def test_nothing_left_to_train_on():
    with pytest.raises(InputError, match=r"validation_fraction 0\.2 of 1 training rows leaves 0"):
        Recipe().rows_kept(1)


@pytest.mark.parametrize("images", [False, True])
def test_torch_initialisation_is_that_of_torch(images):
    """As torch's own layers draw it: the same distribution of weights and of biases."""
    layers = [{"kind": "conv2d", "channels": 40}] if images else []
    entry = {"layers": [*layers, {"kind": "dense", "width": 300}, {"kind": "dense", "width": 200}]}
    shape = (3, 8, 8) if images else (100,)
    generator = np.random.default_rng(2)
    ours = read_architecture(entry).build(shape, 1, generator, "torch")
    theirs = read_architecture(entry).build(shape, 1, generator)
    compared = 0
    for mine, other in zip(ours.modules(), theirs.modules(), strict=True):
        if isinstance(mine, torch.nn.Linear | torch.nn.Conv2d):
            other.reset_parameters()
            for name in ("weight", "bias"):
                drawn, expected = (getattr(m, name).detach().numpy() for m in (mine, other))
                assert drawn.shape == expected.shape
                if drawn.size > 20:
                    compared += 1
                    assert stats.ks_2samp(drawn.ravel(), expected.ravel()).pvalue > 1e-3
                    fan_in = mine.weight[0].numel()
                    assert abs(drawn).max() <= np.float32(1 / np.sqrt(fan_in))
    assert compared >= 4


def test_the_compiled_trainer_leaves_torch_initialisation_to_the_general_one():
    entry = read_architecture({"widths": [5, 5, 5, 5]})
    assert FusedTrainer.supports(entry, Recipe(), 1, "cpu")
    assert not FusedTrainer.supports(entry, Recipe(initialisation="torch"), 1, "cpu")
