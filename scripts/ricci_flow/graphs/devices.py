"""Where neighbours are searched and hops counted: compiled code on a CPU, or torch on CUDA."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from ricci_flow.errors import InputError
from ricci_flow.graphs.neighbours import NeighbourLists, nearest_neighbours

DEVICES = ("auto", "cpu", "cuda")


def choose_device(device: str) -> str:
    """Return cpu or cuda; `auto` is cuda where torch finds one.

    Raises InputError for an unknown name, or for cuda where there is none.
    """
    if device not in DEVICES:
        raise InputError(f"geometry: device is {device!r}; it must be {', '.join(DEVICES)}")
    if device == "cpu" or (device == "auto" and not _may_have_cuda()):
        return "cpu"
    import torch  # a second and a half, so only where it may be needed

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise InputError("geometry: device is cuda, but torch finds none; use auto or cpu")
    return "cpu"


def make_search(device: str) -> Callable[[np.ndarray, int], NeighbourLists]:
    """Return the function that searches (points, k_max) on cpu or cuda."""
    if device == "cpu":
        return nearest_neighbours
    from ricci_flow.graphs.accelerated import nearest_neighbours_on

    return partial(nearest_neighbours_on, device=device)


def _may_have_cuda() -> bool:
    """Return whether asking torch is worth the second that importing it takes."""
    drivers = ("/dev/nvidiactl", "/dev/dxg")  # Linux, and Linux inside Windows
    return sys.platform != "linux" or any(Path(driver).exists() for driver in drivers)
