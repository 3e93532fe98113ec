"""Kernels of `denormals`, loaded by `compiled.Kernels`: the x86 control register MXCSR."""

from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

# Nothing is allocated here: see `compiled`.
_kernel = njit(_nrt=False)  # type: ignore[call-overload]


def _pass_pointer(instruction, cell):  # type: ignore[no-untyped-def]
    """Return the typing and code of `instruction` applied to the address of `cell`."""

    def generate(target, builder, signature, arguments):  # type: ignore[no-untyped-def]
        from llvmlite import ir

        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte])
        function = cgutils.get_or_insert_function(builder.module, kind, instruction)
        data = target.make_array(cell)(target, builder, arguments[0]).data
        builder.call(function, [builder.bitcast(data, byte)])
        return target.get_dummy_value()

    return types.void(cell), generate


@intrinsic
def _store_control(context, cell):  # type: ignore[no-untyped-def]
    return _pass_pointer("llvm.x86.sse.stmxcsr", cell)


@intrinsic
def _load_control(context, cell):  # type: ignore[no-untyped-def]
    return _pass_pointer("llvm.x86.sse.ldmxcsr", cell)


@_kernel
def store(cell):  # type: ignore[no-untyped-def]
    """Write the register to cell[0], uint32."""
    _store_control(cell)


@_kernel
def load(cell):  # type: ignore[no-untyped-def]
    """Read the register from cell[0], uint32."""
    _load_control(cell)
