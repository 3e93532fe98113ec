"""Kernels of `permutation`, loaded by `compiled.Kernels`."""

import numba
import numpy as np

# Nothing is allocated here: see `compiled`.
_kernel = numba.njit(_nrt=False)  # type: ignore[call-overload]


@_kernel
def _sink(values: np.ndarray, place: int, end: int) -> None:
    """Let values[place] sink below all children in the heap values[:end] that are larger."""
    value = values[place]
    while 2 * place + 1 < end:
        child = 2 * place + 1
        if child + 1 < end and values[child + 1] > values[child]:
            child += 1
        if values[child] <= value:
            break
        values[place] = values[child]
        place = child
    values[place] = value


@_kernel
def _sort(values: np.ndarray) -> None:
    """Sort in place, ascending: a heap sort."""
    for place in range(values.shape[0] // 2 - 1, -1, -1):
        _sink(values, place, values.shape[0])
    for end in range(values.shape[0] - 1, 0, -1):
        values[0], values[end] = values[end], values[0]
        _sink(values, 0, end)


@_kernel
def count_at_most(
    x: np.ndarray,
    y: np.ndarray,
    choices: np.ndarray,
    first_orders: np.ndarray,
    last_orders: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    bound: float,
) -> int:
    """Return how many pairings have a sum of products of at most `bound`.

    choices: see `permutation`; orders: of as many indices as each half has; first, last: buffers
    for as many sums as there are orders.
    """
    half = first_orders.shape[1]
    rest = last_orders.shape[1]
    count = 0
    for c in range(choices.shape[0]):
        choice = choices[c]
        for a in range(first.shape[0]):
            total = 0.0
            for i in range(half):
                total += x[i] * y[choice[first_orders[a, i]]]
            first[a] = total
        for b in range(last.shape[0]):
            total = 0.0
            for i in range(rest):
                total += x[half + i] * y[choice[half + last_orders[b, i]]]
            last[b] = total
        _sort(first)
        _sort(last)
        b = last.shape[0]
        for a in range(first.shape[0]):
            while b > 0 and first[a] + last[b - 1] > bound:
                b -= 1
            count += b
    return count
