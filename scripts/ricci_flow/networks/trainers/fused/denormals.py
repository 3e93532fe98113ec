"""Flushing of denormal floats to zero, in the calling thread."""

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from ricci_flow.compiled import Kernels

if TYPE_CHECKING:
    from ricci_flow.networks.trainers.fused import control
else:
    control = Kernels("ricci_flow.networks.trainers.fused.control")

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


def _read_control() -> int:
    cell = np.zeros(1, np.uint32)
    control.store(cell)
    return int(cell[0])


def _write_control(value: int) -> None:
    control.load(np.array([value], np.uint32))
