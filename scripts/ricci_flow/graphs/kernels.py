"""Kernels of the neighbour search, loaded by `compiled.Kernels`."""

import numba
import numpy as np

# Nothing is allocated here: see `compiled`.
_kernel = numba.njit(_nrt=False)  # type: ignore[call-overload]

# Columns of the distance matrix at once, so that a row and a coordinate stay in the first level.
_TILE = 2048
# The key of what must not be chosen.
_LAST = np.uint64(0xFFFFFFFFFFFFFFFF)


@_kernel
def squared_distances(
    points: np.ndarray, columns: np.ndarray, start: int, distances: np.ndarray, keys: np.ndarray
) -> None:
    """Fill `distances` (rows, n) with squared distances from points[start:] to all, and `keys`.

    A key is a distance's bit pattern with its last bits replaced by the column. Patterns of
    positive floats order as the floats do, so sorting keys sorts distances, to all but those last
    bits, and carries the columns along; equals come in order of column. A point to itself comes
    last of all.
    """
    low = _low_bits(distances.shape[1])
    for left in range(0, distances.shape[1], _TILE):
        for r in range(distances.shape[0]):
            row = distances[r, left : left + _TILE]
            row[:] = 0.0
            for f in range(columns.shape[0]):
                here = points[start + r, f]
                column = columns[f, left : left + _TILE]
                for j in range(column.shape[0]):
                    difference = here - column[j]
                    row[j] += difference * difference
            patterns, key = row.view(np.uint64), keys[r, left : left + _TILE]
            for j in range(row.shape[0]):
                key[j] = (patterns[j] & ~low) | np.uint64(left + j)
    for r in range(distances.shape[0]):
        keys[r, start + r] = _LAST


@_kernel
def _low_bits(n: int) -> np.uint64:
    """Return the word whose low bits, as many as a column below n takes, are set."""
    low = np.uint64(1)
    while low < np.uint64(n - 1):
        low = (low << np.uint64(1)) | np.uint64(1)
    return low


@_kernel
def gather_rivals(keys: np.ndarray, k_max: int, counts: np.ndarray) -> None:
    """Move keys that may tie with the k_max-th, or precede it, to the front of their row.

    keys: rows partitioned at k_max - 1. counts: filled with the keys that stand in front then.
    """
    low = _low_bits(keys.shape[1])
    for r in range(keys.shape[0]):
        row = keys[r]
        bound = row[k_max - 1] | low
        count = k_max
        for j in range(k_max, row.shape[0]):
            if row[j] <= bound:
                row[j], row[count] = row[count], row[j]
                count += 1
        counts[r] = count


@_kernel
def _sort_run(distances: np.ndarray, run: np.ndarray, buffer: np.ndarray) -> None:
    """Sort columns, given ascending, by their distances; equals stay in order of column.

    A merge sort; buffer: as long as `run`.
    """
    count = run.shape[0]
    ordered = True
    for i in range(1, count):
        ordered &= distances[run[i - 1]] <= distances[run[i]]
    width = 1
    while not ordered and width < count:
        for begin in range(0, count, 2 * width):
            middle, end = min(begin + width, count), min(begin + 2 * width, count)
            left, right = begin, middle
            for i in range(begin, end):
                if right >= end or (
                    left < middle and distances[run[left]] <= distances[run[right]]
                ):
                    buffer[i] = run[left]
                    left += 1
                else:
                    buffer[i] = run[right]
                    right += 1
        for i in range(count):
            run[i] = buffer[i]
        width *= 2


@_kernel
def list_neighbours(
    distances: np.ndarray,
    keys: np.ndarray,
    counts: np.ndarray,
    k_max: int,
    indices: np.ndarray,
    tied: np.ndarray,
    lengths: np.ndarray,
    buffer: np.ndarray,
) -> tuple[int, int]:
    """Write the rows one after the other into `indices` and `tied`.

    keys: rows whose first `counts` keys are sorted; where neighbouring ones differ in their low
    bits only, the distances themselves decide. lengths: filled with the entries of each row.
    buffer: (2, n) int64, used up.
    Returns the number of entries and the number of rows that begin at distance 0.
    """
    low = _low_bits(keys.shape[1])
    end, duplicates = 0, 0
    for r in range(keys.shape[0]):
        begin, columns = end, buffer[0, : counts[r]]
        for i in range(counts[r]):
            columns[i] = keys[r, i] & low
        i = 0
        while i < len(columns):
            j = i + 1
            while j < len(columns) and keys[r, j] | low == keys[r, i] | low:
                j += 1
            if j > i + 1:
                _sort_run(distances[r], columns[i:j], buffer[1, : j - i])
            i = j
        last = distances[r, columns[0]]
        duplicates += last == 0.0
        for i in range(len(columns)):
            here = distances[r, columns[i]]
            if i >= k_max and here > last:
                break
            indices[end] = columns[i]
            tied[end] = i > 0 and here == last
            last = here
            end += 1
        lengths[r] = end - begin
    return end, duplicates


@_kernel
def row_ends(starts: np.ndarray, tied: np.ndarray, k: int, ends: np.ndarray) -> None:
    """Fill `ends` (n,) with where each row ends at k, its ties included."""
    for i in range(ends.shape[0]):
        end = starts[i] + k
        while end < starts[i + 1] and tied[end]:
            end += 1
        ends[i] = end
