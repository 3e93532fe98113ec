"""Vector instructions for `kernels`, written as LLVM code.

LLVM makes them of plain loops only after asking whether the arrays overlap, which for rows as
short as these takes as long as the work. A machine with shorter registers uses several of them.
"""

from collections.abc import Callable
from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ricci_flow.graphs.units import LANES


class _Rows:
    """Builder of a loop over the vectors of rows of words, with a vector that is carried along."""

    def __init__(self, target: Any, builder: Any, signature: Any, arguments: Any) -> None:
        from llvmlite import ir

        self.builder, self.arguments = builder, arguments
        self.word = ir.IntType(64)
        self.vector = ir.VectorType(self.word, LANES)
        self.zero = ir.Constant(self.vector, [0] * LANES)
        self.ones = ir.Constant(self.vector, [-1] * LANES)
        self.bases = {
            place: target.make_array(kind)(target, builder, arguments[place]).data
            for place, kind in enumerate(signature.args)
            if isinstance(kind, types.Array)
        }

    def call(self, name: str, result: Any, vector: Any) -> Any:
        """Apply one of LLVM's functions of a vector."""
        from llvmlite import ir

        kind = ir.FunctionType(result, [self.vector])
        name = f"{name}.v{LANES}i64"
        function = cgutils.get_or_insert_function(self.builder.module, kind, name)
        return self.builder.call(function, [vector])

    def pointer(self, array: int, first: int, w: Any) -> Any:
        """Return where the vector at w of the row lies that starts at an argument of an array."""
        index = self.builder.add(self.arguments[first], w)
        place = self.builder.gep(self.bases[array], [index])
        return self.builder.bitcast(place, self.vector.as_pointer())

    def load(self, array: int, first: int, w: Any) -> Any:
        """Load that vector."""
        return self.builder.load(self.pointer(array, first, w), align=8)

    def union(self, array: int, rows: tuple[int, ...], w: Any) -> Any:
        """Return the bits of several rows of an array."""
        bits = self.load(array, rows[0], w)
        for first in rows[1:]:
            bits = self.builder.or_(bits, self.load(array, first, w))
        return bits

    def loop(self, words: int, step: Callable[[Any, Any], Any]) -> Any:
        """Return the vector after step(w, vector) at every w of a row."""
        from llvmlite import ir

        carried = cgutils.alloca_once_value(self.builder, self.zero)
        bounds = (ir.Constant(self.word, 0), self.arguments[words], ir.Constant(self.word, LANES))
        with cgutils.for_range_slice(self.builder, *bounds, self.word) as (w, _):
            self.builder.store(step(w, self.builder.load(carried)), carried)
        return self.builder.load(carried)


@intrinsic
def merge_rows(context, out, o, own, p, rows, a, b, c, d, words):  # type: ignore[no-untyped-def]
    """Fill out[o:o + words] with own[p:] and four of `rows`, from a, b, c, d on; count its bits.

    All arrays are C-contiguous uint64, indices are those of the flat array and unchecked; `words`
    is a multiple of LANES.
    """

    def generate(target, builder, signature, arguments):  # type: ignore[no-untyped-def]
        at = _Rows(target, builder, signature, arguments)

        def step(w, counts):  # type: ignore[no-untyped-def]
            merged = builder.or_(at.load(2, 3, w), at.union(4, (5, 6, 7, 8), w))
            builder.store(merged, at.pointer(0, 1, w), align=8)
            return builder.add(counts, at.call("llvm.ctpop", at.vector, merged))

        return at.call("llvm.vector.reduce.add", at.word, at.loop(9, step))

    return types.int64(out, o, own, p, rows, a, b, c, d, words), generate


@intrinsic
def new_bits(context, own, p, rows, a, b, c, d, words):  # type: ignore[no-untyped-def]
    """Return whether (not 0) four of `rows` have a bit that own[p:p + words] lacks.

    Arrays, indices and words as in `merge_rows`.
    """

    def generate(target, builder, signature, arguments):  # type: ignore[no-untyped-def]
        at = _Rows(target, builder, signature, arguments)

        def step(w, grown):  # type: ignore[no-untyped-def]
            lacking = builder.xor(at.load(0, 1, w), at.ones)
            found = builder.and_(at.union(2, (3, 4, 5, 6), w), lacking)
            return builder.or_(grown, found)

        return at.call("llvm.vector.reduce.or", at.word, at.loop(7, step))

    return types.int64(own, p, rows, a, b, c, d, words), generate
