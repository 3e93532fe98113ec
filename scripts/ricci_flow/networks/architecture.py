"""What a network is made of, as an entry of the catalogue of architectures says it."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ricci_flow.errors import InputError
from ricci_flow.networks.layers import AnyLayer, module_of
from ricci_flow.networks.layers.base import Activation, Layer, Shape, Surroundings, size
from ricci_flow.networks.layers.dense import Dense
from ricci_flow.networks.recipe import first_error

if TYPE_CHECKING:
    from torch import nn


class Architecture(BaseModel):
    """A list of layers, after which a linear map leads to the logits.

    `widths: [25, 25]` is short for two dense layers. The layers that are measured, numbered 1 to
    `depth`, are those that say so (all but pooling, by default). Raises pydantic's ValidationError
    where an entry is wrong; `read_architecture` says the same in one line.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    layers: tuple[AnyLayer, ...] = Field(
        min_length=1,
        max_length=1000,
        description="Layers from input to output, each with its kind and settings",
    )
    activation: Activation = Field(
        default="relu", description="Activation function of the hidden layers"
    )

    @model_validator(mode="before")
    @classmethod
    def _from_widths(cls, entry: Any) -> Any:
        if not isinstance(entry, Mapping) or "widths" not in entry:
            return entry
        if "layers" in entry:
            raise ValueError("an architecture has layers or widths, not both")
        rest = {key: value for key, value in entry.items() if key != "widths"}
        widths = entry["widths"]
        if not isinstance(widths, list | tuple):
            raise ValueError("widths must be a list of numbers of units")
        return {**rest, "layers": [{"kind": "dense", "width": width} for width in widths]}

    @classmethod
    def dense(cls, *widths: int, activation: Activation = "relu") -> "Architecture":
        """Return an architecture of dense layers."""
        return cls(layers=tuple(Dense(width=width) for width in widths), activation=activation)

    @property
    def measured(self) -> list[Layer]:
        """The layers that are measured, in their order."""
        return [layer for layer in self.layers if layer.measured]

    @property
    def depth(self) -> int:
        """How many layers are measured."""
        return len(self.measured)

    @property
    def width(self) -> str:
        """The shape without the depth: "25", or "50/25/50" for a bottleneck."""
        labels = [layer.label for layer in self.measured]
        return "/".join(
            text for place, text in enumerate(labels) if not place or text != labels[place - 1]
        )

    @cached_property
    def widths(self) -> tuple[int, ...] | None:
        """Units of each layer where all are dense and measured; None of any other architecture."""
        dense = [layer for layer in self.layers if isinstance(layer, Dense) and layer.measured]
        return tuple(layer.width for layer in dense) if len(dense) == len(self.layers) else None

    def modules(self) -> list[str]:
        """Return the dotted names of the modules of the kinds of its layers, sorted."""
        return sorted({module_of(layer.kind) for layer in _with_parts(self.layers)})

    def build(self, inputs: Shape, outputs: int, generator: np.random.Generator) -> "nn.Sequential":
        """Return a network with initial weights from `generator`: (n, features) -> (n, outputs).

        inputs: shape of one point, (features,) or that of an image, (channels, rows, columns),
        whose pixels the features are. Children are named `layer_1` .. `layer_L` where they are
        measured, else by kind and place; the last is `output`. Raises InputError where a layer
        cannot take what enters it.
        """
        import torch
        from torch import nn

        around = Surroundings(self.activation, generator)
        network, entering, measured = nn.Sequential(), inputs, 0
        if len(inputs) > 1:
            if self.widths is None:
                network.add_module("image", nn.Unflatten(1, inputs))
            else:
                entering = (size(inputs),)
        # Layers of kinds that leave torch to draw their weights have them from the stream as well.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(generator.spawn(1)[0].integers(2**63)))
            for place, layer in enumerate(self.layers, 1):
                module, entering = layer.build(entering, around)
                measured += layer.measured
                name = f"layer_{measured}" if layer.measured else f"{layer.kind}_{place}"
                network.add_module(name, module)
            around = Surroundings("linear", generator)
            network.add_module("output", Dense(width=outputs).build(entering, around)[0])
        return network


def read_architecture(entry: Mapping[str, Any], where: str = "architecture") -> Architecture:
    """Return the architecture of a catalogue's entry, `title` and the like left out.

    Raises InputError, one line, for the first thing that is wrong.
    """
    known = {key: entry[key] for key in ("widths", "layers", "activation") if key in entry}
    try:
        return Architecture.model_validate(known)
    except ValidationError as error:
        raise InputError(f"{where}: {first_error(error)}") from None


def _with_parts(layers: tuple[Layer, ...]) -> Iterator[Layer]:
    for layer in layers:
        yield layer
        yield from _with_parts(layer.parts)
