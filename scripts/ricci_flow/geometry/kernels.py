"""Compiled kernels on graphs held as rows of bits, 64 points to a word."""

import numba
import numpy as np

_ONE = np.uint64(1)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
# Neighbours merged between two looks at whether everything is reached already.
_STRIDE = 16


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
def hop_sums(union: np.ndarray, starts: np.ndarray, targets: np.ndarray) -> tuple[int, int, int]:
    """Return (sum of hops over ordered pairs, components, longest finite hop distance).

    All points are searched at once, level by level: the points within t + 1 hops of i are those
    within t hops of one of its neighbours. The sum of hops is the sum over t >= 0 of the number
    of ordered pairs farther than t, so only counts are needed. Pairs in different components add
    nothing to the sum: it is a geodesic mass only where there is one component.
    """
    n, words = union.shape
    reach = union.copy()
    for i in range(n):
        reach[i, i >> 6] |= _ONE << np.uint64(i & 63)
    full = np.empty(words, dtype=np.uint64)
    full[:] = _ALL
    if n & 63:
        full[words - 1] = (_ONE << np.uint64(n & 63)) - _ONE
    reached = np.int64(0)
    done = np.zeros(n, dtype=np.bool_)
    for i in range(n):
        for w in range(words):
            reached += np.int64(_popcount(reach[i, w]))
    # Pairs reached at each level weigh their level; summing levels backwards needs no guess of
    # how many pairs are unreachable.
    total = reached - n
    level = 1 if reached > n else 0
    following = reach.copy()
    while reached < n * n:
        for i in range(n):
            if done[i]:
                continue
            row = following[i]
            complete = False
            for e in range(starts[i], starts[i + 1]):
                other = reach[targets[e]]
                for w in range(words):
                    row[w] |= other[w]
                if e % _STRIDE == 0:
                    missing = np.uint64(0)
                    for w in range(words):
                        missing |= row[w] ^ full[w]
                    if missing == 0:
                        complete = True
                        break
            done[i] = complete
        now = np.int64(0)
        for i in range(n):
            for w in range(words):
                now += np.int64(_popcount(following[i, w]))
        if now == reached:
            break
        level += 1
        total += level * (now - reached)
        reached = now
        reach[:] = following
    components = 0
    for i in range(n):
        first = True
        for w in range(i >> 6):
            if reach[i, w]:
                first = False
                break
        if first and (reach[i, i >> 6] & ((_ONE << np.uint64(i & 63)) - _ONE)) == 0:
            components += 1
    return total, components, level
