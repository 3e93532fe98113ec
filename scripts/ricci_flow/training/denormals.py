"""Flushing of denormal floats to zero, in the calling thread."""

import platform
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

# Bits of the x86 control register MXCSR: denormal results, and denormal operands, are zero.
_FLUSH = 0x8040


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """Treat denormal floats as zero inside; as before outside.

    As a loss goes to zero its gradients become denormal, and arithmetic on them is several times
    slower. torch does the same with `set_flush_denormal`, but importing it takes over a second;
    so it is only asked on processors other than x86.
    """
    if platform.machine().lower() in ("x86_64", "amd64"):
        before = _read_control()
        _write_control(before | _FLUSH)
        try:
            yield
        finally:
            _write_control(before)
    else:
        import torch

        torch.set_flush_denormal(True)
        try:
            yield
        finally:
            torch.set_flush_denormal(False)


def _pass_pointer(instruction, cell):  # type: ignore[no-untyped-def]
    """Return the typing and code of `instruction` applied to the address of `cell`."""

    def generate(target, builder, signature, arguments):  # type: ignore[no-untyped-def]
        from llvmlite import ir  # type: ignore[import-untyped]

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


@njit(cache=True)
def _store(cell):  # type: ignore[no-untyped-def]
    _store_control(cell)


@njit(cache=True)
def _load(cell):  # type: ignore[no-untyped-def]
    _load_control(cell)


def _read_control() -> int:
    cell = np.zeros(1, np.uint32)
    _store(cell)
    return int(cell[0])


def _write_control(value: int) -> None:
    _load(np.array([value], np.uint32))
