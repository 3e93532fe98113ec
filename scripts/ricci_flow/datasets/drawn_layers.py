"""Kind `drawn_layers`: layers that a source draws, without data and without networks."""

from typing import Any

import numpy as np

from ricci_flow.datasets.given import Outline, given_data_set
from ricci_flow.datasets.layer_sources import LAYER_SOURCES
from ricci_flow.datasets.request import DrawnLayers, Request
from ricci_flow.seeds import derive_seed


def outline(entry: DrawnLayers) -> Outline:
    """Return what will be drawn: networks, points, and the width of every layer."""
    source, parameters = LAYER_SOURCES[entry.source].draw, entry.values()
    # Sources say how wide their layers are by drawing some.
    few = source(np.random.default_rng(0), entry.points, entry.depth, **parameters)
    names = tuple(f"layer_{number}" for number in range(1, entry.depth + 1))
    return Outline(entry.networks, entry.points, (few.shape[2],) * entry.depth, names)


def seed_of(seed_name: str, data_set: str, network: int) -> int:
    """Return the seed of the layers that stand for a network."""
    return derive_seed(seed_name, data_set, network, "layers")


def read(
    entry: DrawnLayers, seed_name: str, data_set: str, condition: str
) -> tuple[dict[str, np.ndarray], list[int | None]]:
    """Draw layer_1 .. layer_L, each (networks, n, width) float32, with the seed of each network.

    Raises InputError, one line, where the parameters of the source will not do.
    """
    draw, parameters = LAYER_SOURCES[entry.source].draw, entry.values()
    seeds = [seed_of(seed_name, data_set, network) for network in range(entry.networks)]
    drawn = np.stack(
        [
            draw(np.random.default_rng(seed), entry.points, entry.depth, **parameters)
            for seed in seeds
        ]
    ).astype(np.float32)
    layers = {f"layer_{number + 1}": drawn[:, number] for number in range(entry.depth)}
    return layers, [*seeds]


def load(request: Request, entry: DrawnLayers) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return tensors and facts of a data set of drawn layers: it has no points of its own."""
    note = f"layers without networks: {LAYER_SOURCES[entry.source].note}"
    found = outline(entry)
    parameters = {"source": entry.source, **entry.values()}
    empty = np.empty(0, np.uint8)
    return given_data_set(request, found, f"layers {entry.source}", [note], (), empty, parameters)
