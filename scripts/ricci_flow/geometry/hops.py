"""Hops between all pairs of points of a graph held as rows of bits, 64 points to a word."""

import numba
import numpy as np

# All kernels that use each other are in this file: numba renews what it keeps of a file only when
# that file changes.
_ONE = np.uint64(1)
# Neighbours merged between two looks at whether everything is reached already.
_STRIDE = 32
# Words of a block of sources: 4096 points, 512 bytes a row.
_BLOCK_WORDS = 64


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
def _count_row(row: np.ndarray) -> np.int64:
    """Return the number of set bits of a row of words."""
    total = np.uint64(0)
    for w in range(row.shape[0]):
        total += _popcount(row[w])
    return np.int64(total)


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
def _set_bit(row: np.ndarray, i: int) -> None:
    row[i >> 6] |= _ONE << np.uint64(i & 63)


@numba.njit(cache=True)
def _grows(row: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> bool:
    """Return whether any of four rows has a bit that `row` lacks."""
    grown = np.uint64(0)
    for w in range(row.shape[0]):
        grown |= (a[w] | b[w] | c[w] | d[w]) & ~row[w]
    return grown != 0


@numba.njit(cache=True)
def cover_neighbours(
    union: np.ndarray, starts: np.ndarray, targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return row starts and neighbours of lists thinned to what hops need: see `hop_sums`.

    Of each point's neighbours those are kept that have a neighbour which neither the point nor
    one kept before has: a few, where there were hundreds.
    """
    n, words = union.shape
    kept_starts, kept = np.zeros(n + 1, dtype=np.int64), np.empty_like(targets)
    row = np.empty(words, dtype=np.uint64)
    end = 0
    for i in range(n):
        for w in range(words):
            row[w] = union[i, w]
        _set_bit(row, i)
        last = starts[i + 1] - 1
        for e in range(starts[i], starts[i + 1], 4):
            # Nearly always none of four is needed, and one look at all four is enough.
            a, b = union[targets[e]], union[targets[min(e + 1, last)]]
            c, d = union[targets[min(e + 2, last)]], union[targets[min(e + 3, last)]]
            if _grows(row, a, b, c, d):
                for f in range(e, min(e + 4, last + 1)):
                    other = union[targets[f]]
                    if _grows(row, other, other, other, other):
                        for w in range(words):
                            row[w] |= other[w]
                        kept[end] = targets[f]
                        end += 1
                if _count_row(row) == n:
                    break
        kept_starts[i + 1] = end
    return kept_starts, kept[:end]


@numba.njit(cache=True)
def _merge(
    row: np.ndarray, own: np.ndarray, reach: np.ndarray, targets: np.ndarray, begin: int, end: int
) -> np.int64:
    """Fill `row` with the bits of `own` and of reach[targets[begin:end]]; return their number."""
    for w in range(row.shape[0]):
        row[w] = own[w]
    for e in range(begin, end, 4):
        # Four at a time, so that the row is read and written once for four.
        a, b = reach[targets[e]], reach[targets[min(e + 1, end - 1)]]
        c, d = reach[targets[min(e + 2, end - 1)]], reach[targets[min(e + 3, end - 1)]]
        for w in range(row.shape[0]):
            row[w] |= a[w] | b[w] | c[w] | d[w]
    return _count_row(row)


@numba.njit(cache=True)
def _block_hops(
    reach: np.ndarray, sources: int, starts: np.ndarray, targets: np.ndarray
) -> tuple[np.ndarray, int, int]:
    """Return (reach of any number of hops, sum of hops, longest one) to `sources` points.

    reach (n, words): bits of those of them within one hop of each of n points; used up.
    """
    n = reach.shape[0]
    reached = 0
    for i in range(n):
        reached += int(_count_row(reach[i]))
    # Pairs first reached at a level weigh their level; those never reached weigh nothing.
    total = reached - sources
    level = 1 if reached > sources else 0
    following, done = np.empty_like(reach), np.zeros(n, dtype=np.bool_)
    while reached < n * sources:
        now = 0
        for i in range(n):
            row, begin = following[i], starts[i]
            # A full row has nothing to gain, but must be full in both arrays.
            end = begin if done[i] else starts[i + 1]
            count = _merge(row, reach[i], reach, targets, begin, min(begin + _STRIDE, end))
            while count < sources and begin + _STRIDE < end:
                begin += _STRIDE
                count = _merge(row, row, reach, targets, begin, min(begin + _STRIDE, end))
            done[i] = count == sources
            now += int(count)
        if now == reached:
            break
        level += 1
        total += level * (now - reached)
        reached = now
        reach, following = following, reach
    return reach, total, level


@numba.njit(cache=True)
def hop_sums(
    union: np.ndarray, starts: np.ndarray, targets: np.ndarray, many_levels: bool
) -> tuple[int, int, int]:
    """Return (sum of hops over ordered pairs, components, longest finite hop distance).

    many_levels: whether thinning the lists is expected to pay; the result is the same.

    All points are searched at once, level by level. A path of t + 1 >= 2 hops from i begins with
    a neighbour e and one of e's, y. If y is also a neighbour of i or of s, another neighbour of
    i, then the path's end lies within t hops of i or of s. So the points within t + 1 hops of i
    are those within t hops of i or of any set of its neighbours that together with i have all
    neighbours that i's neighbours have: `cover_neighbours`, found once, serves every level.

    Sources are taken in blocks that stay in the processor's cache and are independent of each
    other. Pairs in different components add nothing to the sum: it is a geodesic mass only where
    there is one component.
    """
    n, words = union.shape
    if many_levels:
        starts, targets = cover_neighbours(union, starts, targets)
    total, longest = 0, 0
    leads = np.ones(n, dtype=np.bool_)  # whether a point is the first of its component
    for first in range(0, words, _BLOCK_WORDS):
        reach = union[:, first : first + _BLOCK_WORDS].copy()
        start = first << 6
        sources = min(n - start, reach.shape[1] << 6)
        for s in range(sources):
            _set_bit(reach[start + s], s)
        reach, hops, level = _block_hops(reach, sources, starts, targets)
        total += hops
        longest = max(longest, level)
        for i in range(start, n):
            for s in range(min(sources, i - start)):
                if reach[i, s >> 6] >> np.uint64(s & 63) & _ONE:
                    leads[i] = False
                    break
    return total, int(leads.sum()), longest
