"""A filter by heat flow on the cloud of points."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from ricci_flow.networks.heat import heat_modes
from ricci_flow.networks.layers.base import (
    Layer,
    Shape,
    Surroundings,
    activation_module,
    initialise,
    size,
)
from ricci_flow.networks.layers.dense import Width

if TYPE_CHECKING:
    from torch import nn


class HeatFilter(Layer):
    """activation(sum over k of exp(-k t L) x W_k + b), k from 0 to taps - 1.

    Wang, Ruiz and Ribeiro 2022 (arXiv 2210.00376). L is the Laplacian of the points that enter the
    network (networks/heat.py), all points at once: of the training set while it is trained, of the
    test set when that is measured. t is the buffer `time`, 1 if the trainer does not set it.
    """

    together: ClassVar[bool] = True

    kind: Literal["heat_filter"] = "heat_filter"
    width: Width
    """Units"""
    taps: Annotated[int, Field(ge=1, le=100)] = 3
    """Terms of the sum"""

    @property
    def label(self) -> str:
        """The width, marked: "25h"."""
        return f"{self.width}h"

    def build(self, entering: Shape, around: Surroundings) -> "tuple[nn.Module, Shape]":
        """Return filter and activation."""
        import torch
        from torch import Tensor, nn

        taps, width = self.taps, self.width
        fan_in = taps * size(entering)

        class Filter(nn.Module):
            time: Tensor

            def __init__(self) -> None:
                super().__init__()
                self.linear = nn.Linear(fan_in, width)
                self.activation = activation_module(around.activation)
                self.register_buffer("time", torch.ones(()))

            def forward(self, x: Tensor) -> Tensor:
                found = heat_modes(around.entered[0].cpu().numpy())
                rates, modes = (torch.from_numpy(values).to(x) for values in found)
                falls = [torch.exp(-k * self.time * rates) for k in range(taps)]
                # A column is a mode: points first would have a matrix of modes for each network.
                along = x.flatten(1).T @ modes
                mixed = self.linear.weight @ torch.cat([along * fall for fall in falls])
                return self.activation((mixed @ modes.T).T + self.linear.bias)

        made = Filter()
        initialise(made.linear, around, fan_in, width, (fan_in, width))
        return made, (width,)


LAYER = HeatFilter
