"""What a network is made of, as an entry of the catalogue of architectures says it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from ricci_flow.networks.layers import AnyLayer, LayerSettings, module_of
from ricci_flow.networks.layers.base import (
    Activation,
    Initialisation,
    Layer,
    Shape,
    Surroundings,
    of_place,
    seeded,
    size,
)
from ricci_flow.networks.layers.dense import Dense, Width
from ricci_flow.validation import Keys, PathText, Several, Title, absent, invalid, read

if TYPE_CHECKING:
    from torch import Tensor, nn


def _file_and_function(value: str) -> str:
    file, _, function = value.rpartition(":")
    if not file.endswith(".py") or not function.isidentifier():
        raise invalid("must be a file and a function in it, as my_model.py:build")
    return value


class ArchitectureEntry(Keys):
    """A network, from its layers; a linear map to the logits follows the last. Or a module."""

    widths: (
        Annotated[tuple[Width, ...], Field(strict=False, min_length=3, max_length=1000)] | None
    ) = None
    """Units of every hidden layer, in place of layers. The Ricci coefficient of a network needs
    four layers, its z (and so the link with accuracy) five; with three, all else is measured"""
    layers: (
        Annotated[tuple[AnyLayer, ...], Field(strict=False, min_length=1, max_length=1000)] | None
    ) = None
    """Layers from input to output, each with its kind (networks/layers) and settings"""
    module: Annotated[PathText, AfterValidator(_file_and_function)] | None = None
    """FILE.py:FUNCTION in place of layers: a function of your own that is given the shape of a
    point and the number of logits, and returns a torch module. The path is from the catalogue"""
    measured: Several[Annotated[str, Field(min_length=1)]] | None = None
    """With module: names of its submodules whose output is measured as layers 1..L, in order"""
    activation: Activation = "relu"
    """Activation function of the hidden layers; a module has its own"""
    title: Title | None = None
    """Title in figures, tables and pages, in place of its name; plain text on one line. By
    default the name with spaces for underscores"""

    @model_validator(mode="after")
    def _one_of_three(self) -> "ArchitectureEntry":
        given = [key for key in ("widths", "layers", "module") if getattr(self, key) is not None]
        if len(given) > 1:
            raise invalid(f"must stand alone: give {' or '.join(given)}, not both", given[-1])
        if not given:
            raise absent("widths")
        if self.module is None and self.measured is not None:
            raise invalid("is for a module only; layers have a key measured each", "measured")
        if self.module is not None and self.measured is None:
            raise absent("measured")
        if self.module is not None and "activation" in self.model_fields_set:
            raise invalid("is not for a module, which has its own; leave it out", "activation")
        return self

    def architecture(self) -> "Architecture":
        """Return what the keys describe."""
        if self.module is not None:
            from ricci_flow.networks.own_module import OwnModule

            return OwnModule((), source=self.module, names=self.measured or ())
        if self.widths is not None:
            return Architecture.dense(*self.widths, activation=self.activation)
        return Architecture(self.layers or (), self.activation)


@dataclass(frozen=True)
class Architecture:
    """A list of layers, after which a linear map leads to the logits.

    activation: function of the hidden layers. The layers that are measured, numbered 1 to `depth`,
    are those that say so (all but pooling and batch_norm, by default).
    """

    layers: tuple[Layer, ...]
    activation: Activation = "relu"

    @classmethod
    def dense(cls, *widths: int, activation: Activation = "relu") -> "Architecture":
        """Return an architecture of dense layers."""
        return cls(tuple(Dense(width=width) for width in widths), activation)

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
        labels, label = [], ""
        for layer in self.layers:
            label = layer.label or label
            if layer.measured:
                labels.append(label)
        return "/".join(
            text for place, text in enumerate(labels) if not place or text != labels[place - 1]
        )

    @cached_property
    def widths(self) -> tuple[int, ...] | None:
        """Units of each layer where all are dense, activated and measured; else None."""
        dense = [
            layer
            for layer in self.layers
            if isinstance(layer, Dense) and layer.activated and layer.measured
        ]
        return tuple(layer.width for layer in dense) if len(dense) == len(self.layers) else None

    @property
    def unconstrained(self) -> "Architecture":
        """The same with layers that constrain nothing."""
        return Architecture(tuple(layer.unconstrained for layer in self.layers), self.activation)

    def with_settings(self, settings: LayerSettings) -> "Architecture":
        """Return the same with other settings of its layers, by kind."""
        layers = tuple(layer.with_settings(settings) for layer in self.layers)
        return Architecture(layers, self.activation)

    @property
    def places(self) -> list[str]:
        """Names, in what `build` makes, of the layers that are measured."""
        return [f"layer_{place}" for place in range(1, self.depth + 1)]

    @property
    def children(self) -> list[str]:
        """Names of all its layers, in what `build` makes: by kind and place if not measured."""
        measured = iter(self.places)
        return [
            next(measured) if layer.measured else f"{layer.kind}_{place}"
            for place, layer in enumerate(self.layers, 1)
        ]

    @property
    def smallest_batch(self) -> int:
        """How many points a batch must have to train the layers."""
        return max(layer.smallest_batch for layer in _with_parts(self.layers))

    @property
    def together(self) -> bool:
        """Whether the layers take all points of a set at once."""
        return any(layer.together for layer in _with_parts(self.layers))

    @property
    def from_points(self) -> bool:
        """Whether weights of layers are made of the points trained on, before training."""
        return any(layer.from_points for layer in _with_parts(self.layers))

    def modules(self) -> list[str]:
        """Return the dotted names of the modules of the kinds of its layers, sorted."""
        return sorted({module_of(layer.kind) for layer in _with_parts(self.layers)})

    def build(
        self,
        inputs: Shape,
        outputs: int,
        generator: np.random.Generator,
        initialisation: Initialisation = "glorot",
    ) -> "nn.Sequential":
        """Return a network with initial weights from `generator`: (n, features) -> (n, outputs).

        inputs: shape of one point, (features,) or that of an image, (channels, rows, columns),
        whose pixels the features are. initialisation: see `layers.base.initialise`. Children are
        named `layer_1` .. `layer_L` where they are measured, else by kind and place; the last is
        `output`. Raises InputError where a layer cannot take what enters it.
        """
        from torch import nn

        around = Surroundings(self.activation, generator, initialisation)
        network, entering = nn.Sequential(), inputs
        if len(inputs) > 1:
            if self.widths is None:
                network.add_module("image", nn.Unflatten(1, inputs))
            else:
                entering = (size(inputs),)
        # Layers of kinds that leave torch to draw their weights have them from the stream as well.
        with seeded(generator):
            for place, (name, layer) in enumerate(zip(self.children, self.layers, strict=True)):
                own = of_place(initialisation, first=place == 0)
                module, entering = layer.build(entering, replace(around, initialisation=own))
                network.add_module(name, module)
            last = Surroundings("linear", generator, of_place(initialisation, last=True))
            network.add_module("output", Dense(width=outputs).build(entering, last)[0])
        if self.together:

            def enter(_: nn.Module, arguments: tuple["Tensor", ...]) -> None:
                around.entered[:] = arguments

            network.register_forward_pre_hook(enter)
        return network


def read_architecture(entry: Mapping[str, Any], where: str = "architecture") -> Architecture:
    """Return the architecture of a catalogue's entry.

    Raises InputError, one line, for the first thing that is wrong.
    """
    return read(ArchitectureEntry.model_validate, entry, where).architecture()


def _with_parts(layers: tuple[Layer, ...]) -> Iterator[Layer]:
    for layer in layers:
        yield layer
        yield from _with_parts(layer.parts)
