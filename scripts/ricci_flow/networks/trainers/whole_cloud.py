"""Training in which all points are one batch, of which a point's layers depend on all others."""

import sys
from typing import ClassVar

import numpy as np
import torch

from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.performance import Performance
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import Task, options_of
from ricci_flow.networks.trainers.torch_trainer import TorchTrainer

# Default, lowest and highest value. time: of heat filters; 0 leaves every point by itself.
OPTIONS = {"time": (1.0, 0.0, 1000.0)}


class WholeCloudTrainer(TorchTrainer):
    """As the general trainer. All networks have the points in the order in which they are stored.

    The order of a batch changes nothing, and so what is known of the cloud is known for all.
    """

    takes: ClassVar[str] = "batch_size full and validation none, without layers grown_conv2d"
    chunk: ClassVar[int] = sys.maxsize
    points_axis: ClassVar[int | None] = None

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        for name, values in self._buffers.items():
            if name.endswith(".time"):
                values.fill_(options_of(task.recipe)["time"])

    @classmethod
    def supports(
        cls, architecture: Architecture, recipe: Recipe, outputs: int, device: str
    ) -> bool:
        """Return whether a batch is the whole training set."""
        whole = recipe.batch_size == "full" and recipe.validation == "none"
        return whole and not architecture.from_points

    def run_batches(self, rows: np.ndarray, epoch: int) -> Performance:
        """Train on all points in one step; see `Trainer`."""
        return super().run_batches(np.sort(rows, axis=1), epoch)

    def _forward(self, points: torch.Tensor) -> torch.Tensor:
        return super()._forward(points[0])


TRAINER = WholeCloudTrainer
