"""Compiled counts on graphs held as rows of bits, 64 points to a word."""

import numba
import numpy as np

# All kernels that use each other are in this file: numba renews what it keeps of a file only when
# that file changes.
_ONE = np.uint64(1)


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
def _count_common(a: np.ndarray, b: np.ndarray) -> np.int64:
    total = np.uint64(0)
    for w in range(a.shape[0]):
        total += _popcount(a[w] & b[w])
    return np.int64(total)


@numba.njit(cache=True)
def _has(row: np.ndarray, i: int) -> bool:
    return (row[i >> 6] >> np.uint64(i & 63)) & _ONE != 0


@numba.njit(cache=True)
def count_triangles(bits: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return how many triangles each edge is in: the common neighbours of its ends, (m,) int64."""
    found = np.empty(edges.shape[0], dtype=np.int64)
    for e in range(edges.shape[0]):
        found[e] = _count_common(bits[edges[e, 0]], bits[edges[e, 1]])
    return found


@numba.njit(cache=True)
def count_squares(
    bits: np.ndarray, starts: np.ndarray, targets: np.ndarray, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return (|#i| + |#j|, gamma_max) of every edge i ~ j, (m,) int64 each, after Topping et al.

    #i: neighbours k of i, other than j and not neighbours of j, that have a neighbour w other
    than i which is one of j and not one of i; so i, k, w, j is a 4-cycle without diagonals.
    gamma_max: the most such w that one k of #i, or of #j with the ends exchanged, has.
    """
    squares = np.zeros(edges.shape[0], dtype=np.int64)
    gamma = np.zeros(edges.shape[0], dtype=np.int64)
    only = np.empty(bits.shape[1], dtype=np.uint64)
    for e in range(edges.shape[0]):
        for side in range(2):
            i, j = edges[e, side], edges[e, 1 - side]
            for w in range(bits.shape[1]):
                only[w] = bits[j, w] & ~bits[i, w]
            only[i >> 6] &= ~(_ONE << np.uint64(i & 63))
            for f in range(starts[i], starts[i + 1]):
                k = targets[f]
                if k == j or _has(bits[j], k):
                    continue
                ways = _count_common(bits[k], only)
                if ways > 0:
                    squares[e] += 1
                    gamma[e] = max(gamma[e], ways)
    return squares, gamma


@numba.njit(cache=True)
def label_components(starts: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the number of each point's component, from 0 in order of their first points, (n,)."""
    n = starts.shape[0] - 1
    labels = np.full(n, -1, dtype=np.int64)
    stack = np.empty(n, dtype=np.int64)
    count = 0
    for first in range(n):
        if labels[first] >= 0:
            continue
        labels[first] = count
        stack[0], height = first, 1
        while height:
            height -= 1
            i = stack[height]
            for e in range(starts[i], starts[i + 1]):
                j = targets[e]
                if labels[j] < 0:
                    labels[j] = count
                    stack[height] = j
                    height += 1
        count += 1
    return labels


@numba.njit(cache=True)
def hops_to_three(bits: np.ndarray, starts: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return hop distances of all pairs, 3 standing for three or more, (n, n) uint8."""
    n, words = bits.shape
    hops = np.full((n, n), 3, dtype=np.uint8)
    row = np.empty(words, dtype=np.uint64)
    for i in range(n):
        row[:] = 0
        for e in range(starts[i], starts[i + 1]):
            for w in range(words):
                row[w] |= bits[targets[e], w]
        for j in range(n):
            if _has(row, j):
                hops[i, j] = 2
            if _has(bits[i], j):
                hops[i, j] = 1
        hops[i, i] = 0
    return hops


@numba.njit(cache=True)
def hops_of_pairs(
    bits: np.ndarray, starts: np.ndarray, targets: np.ndarray, pairs: np.ndarray
) -> np.ndarray:
    """Return the hop distance of each pair of different points, 0 where there is no path, (p,).

    starts, targets: neighbours, thinned by `cover_neighbours` or not. All points are searched at
    once, level by level, until every pair has met or nothing grows any more.
    """
    n, words = bits.shape
    hops = np.zeros(pairs.shape[0], dtype=np.int64)
    pending = np.arange(pairs.shape[0])
    left = pairs.shape[0]
    reach = bits.copy()
    for i in range(n):
        reach[i, i >> 6] |= _ONE << np.uint64(i & 63)
    following = np.empty_like(reach)
    level = 1
    while True:
        still = 0
        for p in range(left):
            pair = pending[p]
            if _has(reach[pairs[pair, 0]], pairs[pair, 1]):
                hops[pair] = level
            else:
                pending[still] = pair
                still += 1
        left = still
        if left == 0:
            return hops
        grown = np.uint64(0)
        for i in range(n):
            row = following[i]
            for w in range(words):
                row[w] = reach[i, w]
            for e in range(starts[i], starts[i + 1]):
                other = reach[targets[e]]
                for w in range(words):
                    row[w] |= other[w]
            for w in range(words):
                grown |= row[w] ^ reach[i, w]
        if grown == 0:
            return hops
        reach, following = following, reach
        level += 1
