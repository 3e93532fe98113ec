"""Kernels of `counts`, loaded by `compiled.Kernels`: graphs as rows of bits, 64 points a word."""

import numba
import numpy as np

from ricci_flow.graphs.words import popcount

# Nothing is allocated here: see `compiled`.
_kernel = numba.njit(_nrt=False)  # type: ignore[call-overload]
_ONE = np.uint64(1)


@_kernel
def _count_common(a: np.ndarray, b: np.ndarray) -> np.int64:
    total = np.uint64(0)
    for w in range(a.shape[0]):
        total += popcount(a[w] & b[w])
    return np.int64(total)


@_kernel
def _has(row: np.ndarray, i: int) -> bool:
    return (row[i >> 6] >> np.uint64(i & 63)) & _ONE != 0


@_kernel
def count_triangles(bits: np.ndarray, edges: np.ndarray, found: np.ndarray) -> None:
    """Fill `found` (m,) with the common neighbours of each edge's ends."""
    for e in range(edges.shape[0]):
        found[e] = _count_common(bits[edges[e, 0]], bits[edges[e, 1]])


@_kernel
def count_squares(
    bits: np.ndarray,
    starts: np.ndarray,
    targets: np.ndarray,
    edges: np.ndarray,
    only: np.ndarray,
    squares: np.ndarray,
    gamma: np.ndarray,
) -> None:
    """Add to `squares` and `gamma` (m,), given as zeros, what `counts.count_squares` returns.

    only: a buffer for a row of words.
    """
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


@_kernel
def hops_to_three(
    bits: np.ndarray, starts: np.ndarray, targets: np.ndarray, row: np.ndarray, hops: np.ndarray
) -> None:
    """Fill `hops` (n, n), given as 3, as `counts.hops_to_three` says; row: a buffer of words."""
    n, words = bits.shape
    for i in range(n):
        for w in range(words):
            row[w] = np.uint64(0)
        for e in range(starts[i], starts[i + 1]):
            for w in range(words):
                row[w] |= bits[targets[e], w]
        for j in range(n):
            if _has(row, j):
                hops[i, j] = 2
            if _has(bits[i], j):
                hops[i, j] = 1
        hops[i, i] = 0


@_kernel
def hops_of_pairs(
    reach: np.ndarray,
    following: np.ndarray,
    starts: np.ndarray,
    targets: np.ndarray,
    pairs: np.ndarray,
    pending: np.ndarray,
    hops: np.ndarray,
) -> None:
    """Fill `hops` (p,), given as zeros, as `counts.hops_of_pairs` says.

    reach: bits of the points within one hop, used up; following: as many words; pending: the
    numbers 0..p-1, used up.
    """
    n, words = reach.shape
    left = pairs.shape[0]
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
            return
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
            return
        reach, following = following, reach
        level += 1
