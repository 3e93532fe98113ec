"""A fully connected layer."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ricci_flow.networks.layers.base import (
    Layer,
    Shape,
    Surroundings,
    activation_module,
    chain,
    initialise,
    size,
)

if TYPE_CHECKING:
    from torch import nn


Width = Annotated[int, Field(ge=1, le=100_000)]


class Dense(Layer):
    """activation(x W + b); images are flattened first."""

    kind: Literal["dense"] = "dense"
    width: Width
    """Units"""
    activated: bool = True
    """Whether the activation function follows; not where batch_norm comes between"""

    @property
    def label(self) -> str:
        """The width."""
        return str(self.width)

    def build(self, entering: Shape, around: Surroundings) -> "tuple[nn.Module, Shape]":
        """Return linear map and activation."""
        from torch import nn

        fan_in = size(entering)
        linear = nn.Linear(fan_in, self.width)
        initialise(linear, around, fan_in, self.width, (fan_in, self.width))
        before = {"flatten": nn.Flatten()} if len(entering) > 1 else {}
        after = activation_module(around.activation if self.activated else "linear")
        return chain(**before, linear=linear, activation=after), (self.width,)


LAYER = Dense
