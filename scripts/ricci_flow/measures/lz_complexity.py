"""How complex a Boolean function is: Lempel-Ziv complexity of the string of all its values.

The function is that of a network on the cube, its class for each of the 2^d strings of d bits, or
the target itself, the classes of the points. Its values are read in the order of the inputs as
binary numbers. With n values and N words in the parse of Lempel and Ziv 1976,

    K = log2(n) (N(values) + N(values reversed)) / 2,   log2(n) where all values are equal

Source: Dingle, Camargo and Louis 2018 (Nature Communications 9:761), as Mingard et al. 2025
(Nature Communications 16:220) use it. N as in Kaspar and Schuster 1987 (Physical Review A 36, 842),
or with `released: 1` as code that is passed around has it, which gives the numbers of Mingard et
al.: there a word that can be copied up to the last three values, or nearer to the end, is the last
one, and a last value by itself is no word.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ricci_flow.measures.base import Layer, Undefined

SCOPE = "network"
COST = "low"
OPTIONS: dict[str, Any] = {"released": (0, 1), "of_classes": (0, 1)}
POINTS = True


def measure(layers: Sequence[Layer], *, released: float = 0, of_classes: float = 0) -> float:
    """Return K of a network's outputs, or of the classes of its points; in bits.

    The first layer is the input, the last one the single output (probability of class 1), as in the
    setting with_input_and_output. Undefined where they are not.
    """
    inputs = np.asarray(layers[0].points)
    distinct = len(np.unique(inputs, axis=0))
    if not np.isin(inputs, (0, 1)).all() or not distinct == len(inputs) == 2 ** inputs.shape[1]:
        raise Undefined("the first layer is not all strings of bits")
    if of_classes:
        values = layers[0].classes()
    else:
        output = np.asarray(layers[-1].points)
        if output.shape[1] != 1:
            raise Undefined("the last layer is not a single output")
        values = output[:, 0] > 0.5
    in_order = np.lexsort(inputs.T[::-1])
    return complexity(values[in_order].astype(int).tolist(), released=bool(released))


def complexity(values: Sequence[int], *, released: bool = False) -> float:
    """Return K of a string of values."""
    times = 1.0
    if len(set(values)) > 1:
        times = (words(values, released=released) + words(values[::-1], released=released)) / 2
    return float(np.log2(len(values))) * times


def words(values: Sequence[int], *, released: bool = False) -> int:
    """Return N: each word is the shortest string that cannot be copied from where it began before.

    Copies may overlap what they are copied to. The first word is the first value.
    """
    n = len(values)
    # How far a copy reaches with which the string ends, and up to where words begin.
    reach, begin = (n - 3, n - 1) if released else (n, n)
    found, start = 1, 1
    while start < begin:
        found, longest = found + 1, 0
        for source in range(start):
            length = 0
            while values[source + length] == values[start + length]:
                length += 1
                if start + length >= reach:
                    return found
            longest = max(longest, length)
        start += longest + 1
    return found
