"""Compiled kernels on graphs held as rows of bits, 64 points to a word."""

import numba
import numpy as np

_ONE = np.uint64(1)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
# Neighbours merged between two looks at whether everything is reached already.
_STRIDE = 16
# Words of a block of sources: 2048 points, 256 bytes a row.
_BLOCK_WORDS = 32


@numba.njit(cache=True, inline="always")
def _popcount(word: np.uint64) -> np.uint64:
    # The usual bit-parallel count, which LLVM turns into the processor's own instruction.
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@numba.njit(cache=True)
def count_bits(rows: np.ndarray) -> np.ndarray:
    """Return the number of set bits of each row of a (n, words) uint64 array, int64."""
    counts = np.zeros(rows.shape[0], dtype=np.int64)
    for i in range(rows.shape[0]):
        total = np.uint64(0)
        for w in range(rows.shape[1]):
            total += _popcount(rows[i, w])
        counts[i] = np.int64(total)
    return counts


@numba.njit(cache=True)
def add_edges(
    begins: np.ndarray,
    ends: np.ndarray,
    indices: np.ndarray,
    union: np.ndarray,
    in_degrees: np.ndarray,
) -> None:
    """Add the directed edges i -> indices[begins[i]:ends[i]] to the union's bits, in place."""
    for i in range(begins.shape[0]):
        word_i, bit_i = i >> 6, _ONE << np.uint64(i & 63)
        for e in range(begins[i], ends[i]):
            j = np.int64(indices[e])
            union[i, j >> 6] |= _ONE << np.uint64(j & 63)
            union[j, word_i] |= bit_i
            in_degrees[j] += 1


@numba.njit(cache=True)
def adjacency_lists(union: np.ndarray, degrees: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return row starts (n + 1,) and neighbours of a symmetric bit matrix."""
    n = union.shape[0]
    starts = np.zeros(n + 1, dtype=np.int64)
    for i in range(n):
        starts[i + 1] = starts[i] + degrees[i]
    targets = np.empty(starts[n], dtype=np.int32)
    for i in range(n):
        e = starts[i]
        for w in range(union.shape[1]):
            word = union[i, w]
            while word:
                lowest = word & (~word + _ONE)
                targets[e] = np.int32((w << 6) + np.int64(_popcount(lowest - _ONE)))
                e += 1
                word ^= lowest
    return starts, targets


@numba.njit(cache=True)
def _count_all(rows: np.ndarray) -> int:
    total = np.int64(0)
    for i in range(rows.shape[0]):
        for w in range(rows.shape[1]):
            total += np.int64(_popcount(rows[i, w]))
    return int(total)


@numba.njit(cache=True)
def _merge(row: np.ndarray, reach: np.ndarray, targets: np.ndarray, full: np.ndarray) -> bool:
    """Add to `row` the bits of reach[targets]; stop and return True once it is `full`."""
    last = targets.shape[0] - 1
    for e in range(0, targets.shape[0], 4):
        # Four at a time, so that the row is read and written once for four.
        a, b = reach[targets[e]], reach[targets[min(e + 1, last)]]
        c, d = reach[targets[min(e + 2, last)]], reach[targets[min(e + 3, last)]]
        for w in range(row.shape[0]):
            row[w] |= a[w] | b[w] | c[w] | d[w]
        if e % _STRIDE == 0:
            missing = np.uint64(0)
            for w in range(row.shape[0]):
                missing |= row[w] ^ full[w]
            if missing == 0:
                return True
    return False


@numba.njit(cache=True)
def _block_hops(
    reach: np.ndarray, sources: int, starts: np.ndarray, targets: np.ndarray
) -> tuple[int, int]:
    """Return (sum of hops, longest) from all n points to the `sources` points of a block.

    reach (n, words): which of them lie within one hop; on return, within any number of hops.
    """
    n, words = reach.shape
    full = np.full(words, _ALL, dtype=np.uint64)
    if sources & 63:
        full[words - 1] = (_ONE << np.uint64(sources & 63)) - _ONE
    reached = _count_all(reach)
    # Pairs first reached at a level weigh their level; those never reached weigh nothing.
    total = reached - sources
    level = 1 if reached > sources else 0
    done = np.zeros(n, dtype=np.bool_)
    following = reach.copy()
    while reached < n * sources:
        for i in range(n):
            if not done[i]:
                done[i] = _merge(following[i], reach, targets[starts[i] : starts[i + 1]], full)
        now = _count_all(following)
        if now == reached:
            break
        level += 1
        total += level * (now - reached)
        reached = now
        reach[:] = following
    return total, level


@numba.njit(cache=True)
def hop_sums(union: np.ndarray, starts: np.ndarray, targets: np.ndarray) -> tuple[int, int, int]:
    """Return (sum of hops over ordered pairs, components, longest finite hop distance).

    All points are searched at once, level by level: the points within t + 1 hops of i are those
    within t hops of one of its neighbours. Sources are taken in blocks that stay in the
    processor's cache and are independent of each other. Pairs in different components add
    nothing to the sum: it is a geodesic mass only where there is one component.
    """
    n, words = union.shape
    total, longest = 0, 0
    leads = np.ones(n, dtype=np.bool_)  # whether a point is the first of its component
    for first in range(0, words, _BLOCK_WORDS):
        reach = union[:, first : first + _BLOCK_WORDS].copy()
        start = first << 6
        sources = min(n - start, reach.shape[1] << 6)
        for s in range(sources):
            reach[start + s, s >> 6] |= _ONE << np.uint64(s & 63)
        hops, level = _block_hops(reach, sources, starts, targets)
        total += hops
        longest = max(longest, level)
        for i in range(start, n):
            for s in range(min(sources, i - start)):
                if reach[i, s >> 6] >> np.uint64(s & 63) & _ONE:
                    leads[i] = False
                    break
    return total, int(leads.sum()), longest
