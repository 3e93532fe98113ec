"""Which trainer does the arithmetic, and where."""

from typing import Protocol

import numpy as np

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


def make_trainer(
    weights: list[np.ndarray], X: np.ndarray, labels: np.ndarray, recipe: Recipe, device: str
) -> Trainer:
    """Return the trainer for a device; the one not used is not imported."""
    if device == "cpu":
        from ricci_flow.training.fused import FusedTrainer

        return FusedTrainer(weights, X, labels, recipe)
    from ricci_flow.training.stacked import StackedTrainer

    return StackedTrainer(weights, X, labels, recipe, device)
