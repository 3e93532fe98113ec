"""Layers of the networks that are shown, at the end of their training and at checkpoints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ricci_flow.explore.motion import follow
from ricci_flow.measurement.sources import read_layers
from ricci_flow.networks.weights import part_of
from ricci_flow.tables.keys import CheckpointUnit


@dataclass(frozen=True)
class Run:
    """One network at one checkpoint, None at the end of its training.

    layers: (n, width) each, as the network has them. scores: (layers, n, 3), where the points are
    shown; shares: of the variance of each layer that this shows.
    """

    network: int
    checkpoint: int | None
    layers: list[np.ndarray]
    scores: np.ndarray
    shares: list[float]

    @property
    def key(self) -> tuple[int, int | None]:
        """What tells it from the others of its ensemble."""
        return self.network, self.checkpoint


def read_runs(
    folder: Path,
    n: int,
    networks: Sequence[int],
    reached: Mapping[int, Sequence[int]],
    unit: CheckpointUnit = "epochs",
) -> list[Run]:
    """Return the runs of an ensemble.

    folder: of its activations, with n test points. networks: those that are shown. reached: those
    of them that have a checkpoint. unit: what these count. A layer of a checkpoint is turned to the
    same layer of the next one, too, so that the end of the training stays as it is without
    checkpoints.
    """
    runs = _runs(folder / "layers.safetensors", n, networks, None, "", {})
    after = {run.network: run for run in runs}
    for checkpoint in sorted(reached, reverse=True):
        path, of = folder / "checkpoints.safetensors", sorted(reached[checkpoint])
        part = part_of(checkpoint, unit)
        found = _runs(path, n, of, checkpoint, part, after)
        after |= {run.network: run for run in found}
        runs += found
    return runs


def _runs(
    path: Path,
    n: int,
    networks: Sequence[int],
    checkpoint: int | None,
    part: str,
    after: Mapping[int, Run],
) -> list[Run]:
    layers = read_layers(path, networks, n, part)
    runs = []
    for place, network in enumerate(networks):
        own = [layer[place] for layer in layers]
        beside = list(after[network].scores) if network in after else None
        scores, shares = zip(*follow(own, beside), strict=True)
        runs.append(Run(network, checkpoint, own, np.array(scores), list(shares)))
    return runs
