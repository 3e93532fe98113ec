"""Every random choice of training, each from a stream named after what it is for.

A stream is named by study, data set, architecture, network and purpose, never by the condition:
networks of every condition share their initialisation, held-out rows and batches, so conditions
differ by the recipe alone. The number of networks is no part of the name either: a network does not
depend on those trained with it.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ricci_flow.networks.layers.base import glorot_uniform
from ricci_flow.networks.recipe import Recipe
from ricci_flow.seeds import derive_generator, derive_seed


class Streams(NamedTuple):
    """The names that the random streams of an ensemble share."""

    seed_name: str
    data_set: str
    architecture: str

    def seed(self, network: int, purpose: str = "init") -> int:
        """Return the seed of a network's stream."""
        return derive_seed(*self, network, purpose)

    def generator(self, network: int, purpose: str) -> np.random.Generator:
        """Return a network's stream, at its beginning."""
        return derive_generator(*self, network, purpose)


class Rows(NamedTuple):
    """Rows of the training set: `kept` (S, n_kept) and `held` out (S, n - n_kept), int64."""

    kept: np.ndarray
    held: np.ndarray


def draw_weights(
    streams: Streams, networks: Sequence[int], sizes: Sequence[int]
) -> list[np.ndarray]:
    """Return Glorot-uniform weights, one (S, fan_in, fan_out) float32 array per layer.

    See `glorot_uniform`. `sizes` are the widths from the input to the output. Biases start at zero
    and are not drawn.
    """
    stacks = [np.empty((len(networks), *shape), np.float32) for shape in pairwise(sizes)]
    for s, network in enumerate(networks):
        generator = streams.generator(network, "init")
        for stack in stacks:
            fan_in, fan_out = stack.shape[1:]
            stack[s] = glorot_uniform(generator, fan_in, fan_out, (fan_in, fan_out))
    return stacks


def draw_rows(streams: Streams, networks: Sequence[int], rows: int, recipe: Recipe) -> Rows:
    """Return which of `rows` training rows each network trains on, and which are held out."""
    order = np.tile(np.arange(rows), (len(networks), 1))
    if recipe.validation == "random":
        for s, network in enumerate(networks):
            order[s] = streams.generator(network, "validation").permutation(rows)
    kept = recipe.rows_kept(rows)
    return Rows(order[:, :kept], order[:, kept:])


def draw_labels(
    streams: Streams, networks: Sequence[int], y: np.ndarray, rows: Rows, recipe: Recipe
) -> np.ndarray:
    """Return the training labels of each network, (S, n) uint8: `y`, or permutations of it.

    Shuffled labels change places among the network's kept rows, and among its held-out rows, never
    between the two. Rows held out by `tail` are of one class: with labels from there a control
    would be trained on other class frequencies than the networks that it is a control of.
    """
    labels = np.tile(y.astype(np.uint8), (len(networks), 1))
    if recipe.labels == "shuffled":
        for s, network in enumerate(networks):
            generator = streams.generator(network, "labels")
            for part in (rows.kept[s], rows.held[s]):
                labels[s, part] = generator.permutation(labels[s, part])
    return labels


def draw_orders(
    streams: Streams, networks: Sequence[int], kept: np.ndarray, epochs: int
) -> Iterator[np.ndarray]:
    """Yield, for each epoch, the kept rows in the order in which they are trained on, (S, n_kept).

    Batches are consecutive runs of an order; the last one is smaller where they do not divide.
    """
    generators = [streams.generator(network, "batches") for network in networks]
    for _ in range(epochs):
        yield np.stack(
            [
                rows[generator.permutation(rows.size)]
                for rows, generator in zip(kept, generators, strict=True)
            ]
        )
