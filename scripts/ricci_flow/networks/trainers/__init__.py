"""Which trainer does the arithmetic, and where."""

from typing import Protocol

import numpy as np

from ricci_flow.networks.performance import Performance
from ricci_flow.networks.recipe import Recipe


class Trainer(Protocol):
    """What `stacked` and `fused` have in common; shapes as in `StackedTrainer`."""

    def run_epoch(self, orders: np.ndarray) -> Performance:
        """Train one epoch; return the running means."""

    def evaluate(self, X: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> Performance:
        """Return loss and accuracy on some rows."""

    def parameters(self) -> dict[str, np.ndarray]:
        """Return W1.., b1..."""


def make_trainer(
    weights: list[np.ndarray], X: np.ndarray, labels: np.ndarray, recipe: Recipe, device: str
) -> Trainer:
    """Return the trainer for a device; the one not used is not imported."""
    if device == "cpu":
        from ricci_flow.networks.trainers.fused.trainer import FusedTrainer

        return FusedTrainer(weights, X, labels, recipe)
    from ricci_flow.networks.trainers.torch_trainer import StackedTrainer

    return StackedTrainer(weights, X, labels, recipe, device)
