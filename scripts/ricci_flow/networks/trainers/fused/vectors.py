"""Vector instructions for `kernels`, written as LLVM code.

LLVM makes them of plain loops only where it can prove that arrays do not overlap, which here it
cannot. The types are generic: a machine with shorter registers uses several of them.
"""

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ricci_flow.networks.trainers.fused.units import INNER, LANES


@intrinsic
def add_products(context, out, o, columns, b, p, x, y):  # type: ignore[no-untyped-def]
    """Add to LANES floats of two rows of `out`, at o and o + columns, INNER rows of b each.

    out[o + l] += sum_t x[t] * b[p + t * columns + l], and the next row with y. Written as vector
    instructions because LLVM, which cannot know that out and b do not overlap, would not.
    """
    signature = types.void(out, o, columns, b, p, x, y)

    def generate(target, builder, signature, arguments):  # type: ignore[no-untyped-def]
        from llvmlite import ir

        vector = ir.VectorType(ir.FloatType(), LANES)
        undefined = ir.Constant(vector, ir.Undefined)
        lane = ir.IntType(32)
        fused = ("contract",)  # a fused multiply-add where the machine has one

        def pointer(array, index):  # type: ignore[no-untyped-def]
            data = target.make_array(signature.args[array])(target, builder, arguments[array]).data
            return builder.bitcast(builder.gep(data, [index]), vector.as_pointer())

        def spread(value):  # type: ignore[no-untyped-def]
            first = builder.insert_element(undefined, value, lane(0))
            zeros = ir.Constant(ir.VectorType(lane, LANES), [0] * LANES)
            return builder.shuffle_vector(first, undefined, zeros)

        _, first, stride, _, source, xs, ys = arguments
        places = [pointer(0, first), pointer(0, builder.add(first, stride))]
        sums = [builder.load(place, align=4) for place in places]
        for t in range(INNER):
            row = builder.load(pointer(3, source), align=4)
            for r, factors in enumerate((xs, ys)):
                factor = spread(builder.extract_value(factors, t))
                sums[r] = builder.fadd(builder.fmul(factor, row, flags=fused), sums[r], flags=fused)
            source = builder.add(source, stride)
        for place, total in zip(places, sums, strict=True):
            builder.store(total, place, align=4)
        return target.get_dummy_value()

    return signature, generate


@intrinsic
def take(context, a, p, along):  # type: ignore[no-untyped-def]
    """Return the INNER floats a[p], a[p + along], ... as a tuple, indices unchecked."""
    factors = types.UniTuple(types.float32, INNER)

    def generate(target, builder, signature, arguments):  # type: ignore[no-untyped-def]
        data = target.make_array(a)(target, builder, arguments[0]).data
        place, values = builder.gep(data, [arguments[1]]), []
        for _ in range(INNER):
            values.append(builder.load(place))
            place = builder.gep(place, [arguments[2]])
        return target.make_tuple(builder, factors, values)

    return factors(a, p, along), generate


@intrinsic
def prefetch(context, array, index):  # type: ignore[no-untyped-def]
    """Ask for the cache line of array[index] to be brought near."""

    def generate(target, builder, signature, arguments):  # type: ignore[no-untyped-def]
        from llvmlite import ir

        data = target.make_array(signature.args[0])(target, builder, arguments[0]).data
        byte = ir.IntType(8).as_pointer()
        i32 = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, i32, i32, i32])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        place = builder.bitcast(builder.gep(data, [arguments[1]]), byte)
        builder.call(function, [place, i32(0), i32(2), i32(1)])  # read, keep in L2, data
        return target.get_dummy_value()

    return types.void(array, index), generate
