"""Words of 64 bits in kernels."""

import numba
import numpy as np


@numba.njit(_nrt=False, inline="always")  # type: ignore[call-overload]
def popcount(word: np.uint64) -> np.uint64:
    """Return the number of set bits of a word."""
    # The usual bit-parallel count, which LLVM turns into the processor's own instruction.
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)
