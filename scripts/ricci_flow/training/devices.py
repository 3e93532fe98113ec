"""Which trainer does the arithmetic, and where."""

import sys
from pathlib import Path
from typing import Protocol

import numpy as np

from ricci_flow.errors import InputError
from ricci_flow.training.measures import Measures
from ricci_flow.training.recipe import Recipe


class Trainer(Protocol):
    """What `stacked` and `fused` have in common; shapes as in `StackedTrainer`."""

    def run_epoch(self, orders: np.ndarray) -> Measures:
        """Train one epoch; return the running means."""

    def evaluate(self, X: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> Measures:
        """Return loss and accuracy on some rows."""

    def parameters(self) -> dict[str, np.ndarray]:
        """Return W1.., b1..."""


def choose_device(device: str) -> str:
    """Return cpu or cuda; `auto` is cuda where torch finds one.

    Raises InputError for an unknown name, or for cuda where there is none.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise InputError(f"training: device is {device!r}; it must be auto, cpu or cuda")
    if device == "cpu" or (device == "auto" and not _may_have_cuda()):
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise InputError("training: device is cuda, but torch finds none; use auto or cpu")
    return "cpu"


def make_trainer(
    weights: list[np.ndarray], X: np.ndarray, labels: np.ndarray, recipe: Recipe, device: str
) -> Trainer:
    """Return the trainer for a device; the one not used is not imported."""
    if device == "cpu":
        from ricci_flow.training.fused import FusedTrainer

        return FusedTrainer(weights, X, labels, recipe)
    from ricci_flow.training.stacked import StackedTrainer

    return StackedTrainer(weights, X, labels, recipe, device)


def _may_have_cuda() -> bool:
    """Return whether asking torch is worth the second that importing it takes."""
    drivers = ("/dev/nvidiactl", "/dev/dxg")  # Linux, and Linux inside Windows
    return sys.platform != "linux" or any(Path(driver).exists() for driver in drivers)
