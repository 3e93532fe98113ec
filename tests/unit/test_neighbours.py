import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.neighbors import NearestNeighbors

from ricci_flow.graphs import neighbours as module
from ricci_flow.graphs.neighbours import nearest_neighbours, row_ends
from tests.unit.clouds import clouds, literal_neighbours


def rows_at(lists, k):
    ends = row_ends(lists, k)
    return [lists.indices[a:b].tolist() for a, b in zip(lists.starts[:-1], ends, strict=True)]


@settings(max_examples=150, deadline=None)
@given(clouds())
def test_matches_the_literal_definition_with_ties_at_every_smaller_k(cloud):
    points, k_max = cloud
    lists = nearest_neighbours(points, k_max)
    for k in {1, (k_max + 1) // 2, k_max}:
        assert rows_at(lists, k) == literal_neighbours(points, k)


@pytest.mark.parametrize("n", [63, 64, 65, 300])
def test_matches_scikit_learn_where_nothing_ties(n):
    points = np.random.default_rng(n).normal(size=(n, 7)).astype(np.float32)
    lists = nearest_neighbours(points, 20)
    expected = NearestNeighbors(n_neighbors=20, algorithm="brute").fit(points.astype(float))
    assert rows_at(lists, 20) == expected.kneighbors(return_distance=False).tolist()
    assert not lists.tied.any()
    assert lists.duplicates == 0


def test_blocks_do_not_change_the_result(monkeypatch):
    points = np.random.default_rng(0).integers(0, 4, size=(150, 3)).astype(np.float32)
    whole = nearest_neighbours(points, 30)
    monkeypatch.setattr(module, "_BLOCK_ENTRIES", 7 * 150)
    parts = nearest_neighbours(points, 30)
    assert np.array_equal(whole.indices, parts.indices)
    assert np.array_equal(whole.starts, parts.starts)
    assert np.array_equal(whole.tied, parts.tied)
    assert whole.duplicates == parts.duplicates > 0


def test_ties_longer_than_the_slack_are_all_found():
    # A hub at the centre of a sphere of equally far points: its row is all of them.
    angles = np.linspace(0, 2 * np.pi, 4, endpoint=False)
    ring = np.stack([np.round(np.cos(angles)), np.round(np.sin(angles))], axis=1)
    points = np.concatenate([[[0.0, 0.0]], np.tile(ring, (25, 1))])
    lists = nearest_neighbours(points, 3)
    assert rows_at(lists, 1)[0] == list(range(1, 101))
    # A point of the ring has 24 duplicates, more than k, and all of them are its neighbours.
    assert rows_at(lists, 3)[1] == list(range(5, 101, 4))
    assert lists.duplicates == 100


@pytest.mark.parametrize("n", [2, 65, 200])
def test_all_others_are_neighbours_at_k_n_minus_1(n):
    lists = nearest_neighbours(np.random.default_rng(n).normal(size=(n, 3)), n - 1)
    for i, row in enumerate(rows_at(lists, n - 1)):
        assert sorted(row) == [j for j in range(n) if j != i]


def test_one_dimensional_layer():
    # Points 0, 1, .. on a line: i's neighbours are i - 1, i + 1, then i - 2, i + 2, ...
    lists = nearest_neighbours(np.arange(131.0, dtype=np.float32)[:, None], 4)
    assert rows_at(lists, 4)[65] == [64, 66, 63, 67]
    assert rows_at(lists, 1)[65] == [64, 66]
    assert rows_at(lists, 3)[0] == [1, 2, 3]


@pytest.mark.parametrize("n", [30, 129])
def test_distances_that_differ_in_their_last_bits_only(n):
    # The search sorts by all but the last bits first; these need the last ones.
    rng = np.random.default_rng(n)
    points = 1 + rng.integers(0, 5, size=(n, 2)) * np.finfo(float).eps * np.array([1, 0])
    points[0] = [9, 9]
    for k in (1, 5, n - 1):
        lists = nearest_neighbours(points, k)
        assert rows_at(lists, k) == literal_neighbours(points, k)
    assert len(set(rows_at(lists, n - 1)[0])) == n - 1


def test_dead_units_change_nothing():
    points = np.random.default_rng(6).normal(size=(100, 4)).astype(np.float32)
    padded = np.insert(points, [0, 2, 4], [0, 7, -1], axis=1)
    lists, expected = nearest_neighbours(padded, 20), nearest_neighbours(points, 20)
    assert np.array_equal(lists.indices, expected.indices)


def test_constant_layer_gives_the_complete_graph():
    lists = nearest_neighbours(np.zeros((70, 5), dtype=np.float32), 4)
    assert np.diff(lists.starts).tolist() == [69] * 70
    assert lists.duplicates == 70


def test_a_shift_by_a_power_of_two_that_is_exact_changes_nothing():
    points = np.random.default_rng(1).integers(-8, 8, size=(90, 2)).astype(np.float32)
    here, there = nearest_neighbours(points, 9), nearest_neighbours(points + 1024, 9)
    assert np.array_equal(here.indices, there.indices)


@pytest.mark.parametrize("k", [0, 10, 11])
def test_k_outside_the_possible_is_refused(k):
    with pytest.raises(ValueError, match=r"must lie in 1\.\.9"):
        nearest_neighbours(np.arange(10.0)[:, None], k)


def test_non_finite_points_are_refused():
    with pytest.raises(ValueError, match="finite"):
        nearest_neighbours(np.array([[0.0], [np.nan], [1.0]]), 1)


def test_k_beyond_the_lists_is_refused():
    lists = nearest_neighbours(np.arange(10.0)[:, None], 3)
    with pytest.raises(ValueError, match=r"1\.\.3"):
        row_ends(lists, 4)
