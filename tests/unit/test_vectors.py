"""Vector instructions against plain loops that say the same, word by word and float by float."""

import numba
import numpy as np
import pytest

from ricci_flow.graphs import units as word_units
from ricci_flow.graphs.vectors import merge_rows, new_bits
from ricci_flow.networks.trainers.fused import units
from ricci_flow.networks.trainers.fused.vectors import add_products, take

LANES, INNER = units.LANES, units.INNER


@numba.njit
def run_merge(out, o, own, p, rows, a, b, c, d, words):
    return merge_rows(out, o, own, p, rows, a, b, c, d, words)


@numba.njit
def run_new(own, p, rows, a, b, c, d, words):
    return new_bits(own, p, rows, a, b, c, d, words)


@numba.njit
def run_products(out, o, columns, b, p, a, q, down, along):
    add_products(out, o, columns, b, p, take(a, q, along), take(a, q + down, along))


def plain_merge(out, o, own, p, rows, a, b, c, d, words):
    total = 0
    for w in range(words):
        merged = own[p + w] | rows[a + w] | rows[b + w] | rows[c + w] | rows[d + w]
        out[o + w] = merged
        total += int(merged).bit_count()
    return total


def plain_new(own, p, rows, a, b, c, d, words):
    return any(
        (rows[a + w] | rows[b + w] | rows[c + w] | rows[d + w]) & ~own[p + w] for w in range(words)
    )


def plain_products(out, o, columns, b, p, a, q, down, along):
    for r in range(2):
        for lane in range(LANES):
            for t in range(INNER):
                factor = a[q + r * down + t * along]
                out[o + r * columns + lane] += factor * b[p + t * columns + lane]


@pytest.mark.parametrize("registers", [1, 2, 5])
@pytest.mark.parametrize("density", [0.02, 0.5])
def test_rows_of_bits(registers, density):
    rng = np.random.default_rng(registers)
    words = registers * word_units.LANES
    bits = rng.random((6, words, 64)) < density
    rows = np.packbits(bits, axis=-1).view(np.uint64).reshape(6, words)
    own = rows[5:].copy()
    places = [words * i for i in (0, 1, 3, 3)]
    got, expected = np.zeros((2, 2, words), np.uint64)
    counts = [
        merge(out.reshape(-1), words, own.reshape(-1), 0, rows.reshape(-1), *places, words)
        for merge, out in ((run_merge, got), (plain_merge, expected))
    ]
    assert np.array_equal(got, expected)
    assert counts[0] == counts[1]
    full = expected[1:].copy()  # it lacks nothing, but for the bits of one word after the other
    lacking = np.repeat(full, words, axis=0) & ~np.diag(np.full(words, 2**64 - 1, np.uint64))
    found = []
    for row in (own[0], full[0], *lacking):
        arguments = (row, 0, rows.reshape(-1), *places, words)
        found.append(bool(run_new(*arguments)))
        assert found[-1] == plain_new(*arguments)
    assert set(found) == {True, False}


def test_products_of_floats():
    """Whole numbers below 2^24, so that rounding, and a fused multiply-add, change nothing."""
    rng = np.random.default_rng(0)
    columns = 3 * LANES
    out = rng.integers(-9, 9, 4 * columns).astype(np.float32)
    b = rng.integers(-9, 9, (INNER + 1) * columns).astype(np.float32)
    a = rng.integers(-9, 9, 200).astype(np.float32)
    for o, p, q, down, along in [(0, 0, 0, 50, 1), (LANES, columns, 3, 1, 11)]:
        got, expected = out.copy(), out.copy()
        run_products(got, o, columns, b, p, a, q, down, along)
        plain_products(expected, o, columns, b, p, a, q, down, along)
        assert np.array_equal(got, expected)
        assert not np.array_equal(got, out)
