"""Training of networks whose filters are grown out of the points before it (networks/growth.py)."""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from ricci_flow.errors import InputError
from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.growth import Filters, grow, patches_of, random_patches
from ricci_flow.networks.layers import LayerSettings
from ricci_flow.networks.layers.base import Surroundings, initialise
from ricci_flow.networks.layers.grown_conv2d import GrownConv2d
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import Task
from ricci_flow.networks.trainers.torch_trainer import TorchTrainer, make_optimiser


class GrowTrainer(TorchTrainer):
    """As the general trainer, after the layers grown_conv2d were made, one after the other.

    Patches and drawn filters are as many as are grown, so that networks of all three have the same
    shape.
    """

    takes: ClassVar[str] = (
        "validation none, and layers grown_conv2d with the same filters that are no part of another"
    )

    def __init__(self, task: Task) -> None:
        places = zip(task.architecture.children, task.architecture.layers, strict=True)
        self._layers = {name: layer for name, layer in places if isinstance(layer, GrownConv2d)}
        super().__init__(task)
        frozen = tuple(f"{name}.conv." for name, layer in self._layers.items() if layer.frozen)
        trained = []
        for name, values in self._weights.items():
            if name.startswith(frozen):
                values.requires_grad_(requires_grad=False)
            else:
                trained.append(values)
        self.optimiser = make_optimiser(trained, task.recipe.learning_rate, task.recipe.optimiser)

    @classmethod
    def supports(
        cls, architecture: Architecture, recipe: Recipe, outputs: int, device: str
    ) -> bool:
        """Return whether there is something to grow, and no point that it must not see."""
        filters = {layer.filters for layer in architecture.layers if isinstance(layer, GrownConv2d)}
        inside = any(Architecture(layer.parts).from_points for layer in architecture.layers)
        here = len(filters) == 1 and not inside and not architecture.together
        return here and recipe.validation == "none"

    def _member(self, network: int) -> nn.Sequential:
        """Return a network with the filters that its layers ask for; see `TorchTrainer`."""
        member = super()._member(network)
        grown = self._grow(network)
        generator = self.task.streams.generator(network, "filters")
        for name, layer, entering in self._on_the_way(member):
            patches, count = _patches(layer, entering), len(grown[name].biases)
            made = (
                grown[name][:2]
                if layer.filters == "grown"
                else random_patches(patches, generator, count)
                if layer.filters == "patches"
                else self._drawn(layer, patches.shape[2], count, generator)
            )
            _set_filters(member, name, entering, *made)
        return member

    def _grow(self, network: int) -> dict[str, Filters]:
        """Return the filters that a network grows, by layer."""
        task = self.task
        of_kind: LayerSettings = {"grown_conv2d": {"filters": "grown"}}
        growing = task.architecture.with_settings(of_kind).build(
            task.inputs, task.outputs, np.random.default_rng(0)
        )
        generator = task.streams.generator(network, "growth")
        grown = {}
        for name, layer, entering in self._on_the_way(growing):
            try:
                grown[name] = grow(
                    _patches(layer, entering),
                    generator,
                    images=layer.images,
                    rounds=layer.rounds,
                    most=layer.channels,
                )
            except OverflowError:
                raise InputError(
                    f"training: network {network} grows more filters in {name} than its "
                    f"{layer.channels} channels; give grown_conv2d more channels, or fewer rounds"
                ) from None
            _set_filters(growing, name, entering, *grown[name][:2])
        return grown

    @torch.no_grad()
    def _on_the_way(self, member: nn.Sequential) -> Iterator[tuple[str, GrownConv2d, np.ndarray]]:
        """Yield every layer to be made and what enters it, the layers before being as they are."""
        points = torch.from_numpy(self.task.X)
        for name, module in member.named_children():
            if name in self._layers:
                yield name, self._layers[name], points.numpy()
            points = module(points)

    def _drawn(
        self, layer: GrownConv2d, fan_in: int, count: int, generator: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return weights (count, fan_in) and biases, drawn as the recipe says."""
        drawn = nn.Conv1d(fan_in, count, 1)
        around = Surroundings(layer.activation, generator, self.task.recipe.initialisation)
        initialise(drawn, around, fan_in, count * layer.kernel**2, (count, fan_in, 1))
        weight, bias = (values.detach().numpy() for values in drawn.parameters())
        return weight, bias


def _patches(layer: GrownConv2d, entering: np.ndarray) -> np.ndarray:
    """Return the patches that a layer sees, without the channels that have no filter."""
    return patches_of(entering[:, _used(entering)], layer.kernel)


def _used(entering: np.ndarray) -> np.ndarray:
    """Return which channels of images (n, channels, rows, columns) are not zero everywhere."""
    return np.flatnonzero((entering != 0).any(axis=(0, 2, 3)))


@torch.no_grad()
def _set_filters(
    member: nn.Sequential,
    name: str,
    entering: np.ndarray,
    weights: np.ndarray,
    biases: np.ndarray,
) -> None:
    """Give the first channels of a layer filters of the channels that enter; none to the others.

    weights: (filters, used channels * kernel * kernel); biases: (filters,).
    """
    weight, bias = (member.get_parameter(f"{name}.conv.{of}") for of in ("weight", "bias"))
    alive = member.get_buffer(f"{name}.only.alive")
    for values in (weight, bias, alive):
        values.zero_()
    used, count = torch.from_numpy(_used(entering)), len(biases)
    own = torch.from_numpy(weights.astype(np.float32))
    weight[:count, used] = own.reshape(count, len(used), *weight.shape[2:])
    bias[:count] = torch.from_numpy(biases)
    alive[:count] = 1.0


TRAINER = GrowTrainer
