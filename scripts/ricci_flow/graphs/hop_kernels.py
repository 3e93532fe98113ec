"""Kernels of `bits` and `hops`, loaded by `compiled.Kernels`: rows of bits, 64 points to a word."""

import numba
import numpy as np

from ricci_flow.graphs.vectors import merge_rows, new_bits
from ricci_flow.graphs.words import popcount

# Nothing is allocated here: see `compiled`.
_kernel = numba.njit(_nrt=False)  # type: ignore[call-overload]
_ONE, _NO_BITS = np.uint64(1), np.uint64(0)
# Neighbours merged between two looks at whether everything is reached already.
_STRIDE = 32


@_kernel
def _count_row(row: np.ndarray) -> np.int64:
    """Return the number of set bits of a row of words."""
    total = np.uint64(0)
    for w in range(row.shape[0]):
        total += popcount(row[w])
    return np.int64(total)


@_kernel
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


@_kernel
def list_bits(union: np.ndarray, targets: np.ndarray) -> None:
    """Fill `targets` with the places of the bits that are set, row after row."""
    e = 0
    for i in range(union.shape[0]):
        for w in range(union.shape[1]):
            word = union[i, w]
            while word:
                lowest = word & (~word + _ONE)
                targets[e] = np.int32((w << 6) + np.int64(popcount(lowest - _ONE)))
                e += 1
                word ^= lowest


@_kernel
def _set_bit(row: np.ndarray, i: int) -> None:
    row[i >> 6] |= _ONE << np.uint64(i & 63)


@_kernel
def _drop_needless(
    union: np.ndarray, i: int, kept: np.ndarray, begin: int, end: int, buffer: np.ndarray
) -> int:
    """Leave out those of kept[begin:end] whose bits point i and the others have; return the end.

    What came early is often made needless by what came later. buffer: (rows, words), used up; no
    more than fit in it are looked at.
    """
    words, count = union.shape[1], end - begin
    if count < 2 or count + 2 > buffer.shape[0]:
        return end
    # Row f + 1: the bits of kept[begin + f:]; row 0: of the point and what stays.
    buffer[count + 1] = _NO_BITS
    for f in range(count - 1, -1, -1):
        other = kept[begin + f] * words
        merge_rows(  # type: ignore[call-arg]
            buffer,
            (f + 1) * words,
            buffer,
            (f + 2) * words,
            union,
            other,
            other,
            other,
            other,
            words,
        )
    for w in range(words):
        buffer[0, w] = union[i, w]
    _set_bit(buffer[0], i)
    last = begin
    for f in range(count):
        other = kept[begin + f] * words
        # Row f + 1 is needed no more: the point, what stays and what is still to come.
        merge_rows(buffer, (f + 1) * words, buffer, (f + 2) * words, buffer, 0, 0, 0, 0, words)  # type: ignore[call-arg]
        if new_bits(buffer, (f + 1) * words, union, other, other, other, other, words):
            merge_rows(buffer, 0, buffer, 0, union, other, other, other, other, words)
            kept[last] = kept[begin + f]
            last += 1
    return last


@_kernel
def cover(
    union: np.ndarray,
    starts: np.ndarray,
    targets: np.ndarray,
    kept_starts: np.ndarray,
    kept: np.ndarray,
    buffer: np.ndarray,
    thorough: bool,
) -> int:
    """Fill `kept` with what `hops.cover_neighbours` describes; return how many were kept.

    union: (n, words), padded with zeros to whole registers; buffer: (rows, words), used up.
    """
    n, words = union.shape
    row, end = buffer[0], 0
    kept_starts[0] = 0
    for i in range(n):
        for w in range(words):
            row[w] = union[i, w]
        _set_bit(row, i)
        last = starts[i + 1] - 1
        for e in range(starts[i], starts[i + 1], 4):
            # Nearly always none of four is needed, and one look at all four is enough.
            a, b = targets[e] * words, targets[min(e + 1, last)] * words
            c, d = targets[min(e + 2, last)] * words, targets[min(e + 3, last)] * words
            if new_bits(row, 0, union, a, b, c, d, words):  # type: ignore[call-arg]
                for f in range(e, min(e + 4, last + 1)):
                    other = targets[f] * words
                    if new_bits(row, 0, union, other, other, other, other, words):
                        merge_rows(row, 0, row, 0, union, other, other, other, other, words)
                        kept[end] = targets[f]
                        end += 1
                if _count_row(row) == n:
                    break
        if thorough:
            end = _drop_needless(union, i, kept, kept_starts[i], end, buffer)
        kept_starts[i + 1] = end
    return end


@_kernel
def _merge(
    following: np.ndarray,
    i: int,
    own: np.ndarray,
    reach: np.ndarray,
    targets: np.ndarray,
    begin: int,
    end: int,
) -> np.int64:
    """Fill following[i] with own[i] and reach[targets[begin:end]]; return how many bits it has."""
    words, total = reach.shape[1], np.int64(0)
    for e in range(begin, end, 4):
        a, b = targets[e] * words, targets[min(e + 1, end - 1)] * words
        c, d = targets[min(e + 2, end - 1)] * words, targets[min(e + 3, end - 1)] * words
        # Four at a time, so that the row is read and written once for four.
        total = merge_rows(following, i * words, own, i * words, reach, a, b, c, d, words)  # type: ignore[call-arg]
        own = following
    return total


@_kernel
def block_hops(
    first: int,
    sources: int,
    reach: np.ndarray,
    following: np.ndarray,
    done: np.ndarray,
    starts: np.ndarray,
    targets: np.ndarray,
    leads: np.ndarray,
) -> tuple[int, int]:
    """Return (sum of hops, longest one) from n points to the `sources` points from `first` on.

    reach (n, words): bits of the sources that are a neighbour of each point; used up, as are
    following (n, words) and done (n,). leads (n,): cleared where a source that is earlier
    is in the same component.
    """
    n = reach.shape[0]
    for s in range(sources):
        _set_bit(reach[first + s], s)
    reached = 0
    for i in range(n):
        done[i] = 0
        reached += int(_count_row(reach[i]))
    # Pairs first reached at a level weigh their level; those never reached weigh nothing.
    total = reached - sources
    level = 1 if reached > sources else 0
    while reached < n * sources:
        now = 0
        for i in range(n):
            row, begin, end = following[i], starts[i], starts[i + 1]
            if done[i] or begin == end:
                # A full row has nothing to gain, but must be full in both arrays; nor has one
                # without neighbours.
                count = sources if done[i] else _count_row(reach[i])
                if done[i] < 2:
                    for w in range(row.shape[0]):
                        row[w] = reach[i, w]
                    done[i] += done[i]
            else:
                stop = min(begin + _STRIDE, end)
                count = _merge(following, i, reach, reach, targets, begin, stop)
                while count < sources and begin + _STRIDE < end:
                    begin += _STRIDE
                    stop = min(begin + _STRIDE, end)
                    count = _merge(following, i, following, reach, targets, begin, stop)
                done[i] = count == sources
            now += int(count)
        if now == reached:
            break
        level += 1
        total += level * (now - reached)
        reached = now
        reach, following = following, reach
    for i in range(first, n):
        for s in range(min(sources, i - first)):
            if reach[i, s >> 6] >> np.uint64(s & 63) & _ONE:
                leads[i] = False
                break
    return total, level
