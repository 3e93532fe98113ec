"""A convolution whose filters are made of the images that enter it, before any training."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from ricci_flow.networks.layers.base import (
    Layer,
    Shape,
    Surroundings,
    activation_module,
    chain,
    initialise,
)
from ricci_flow.networks.layers.conv2d import Kernel, check_image

if TYPE_CHECKING:
    from torch import nn


class GrownConv2d(Layer):
    """f(x * W + b) as conv2d, with the filters of networks/growth.py (trainer grow).

    How many filters there are is decided while they are made, by each network. Channels without
    one are zero, and stay it: the buffer `alive` (channels,) is 1 for the others.
    """

    from_points: ClassVar[bool] = True

    kind: Literal["grown_conv2d"] = "grown_conv2d"
    channels: Annotated[int, Field(ge=1, le=10_000)]
    """Filters at most; a layer that would have more is an error"""
    kernel: Kernel = 3
    """Rows and columns of the kernel, odd"""
    images: Annotated[int, Field(ge=1, le=1000)] = 7
    """Images that are given a filter in a round"""
    rounds: Annotated[int, Field(ge=1, le=1000)] = 30
    """Rounds at most"""
    filters: Literal["grown", "patches", "drawn"] = "grown"
    """What they are: grown; as many patches of the images, drawn at random and not fitted; or as
    many as the recipe's initialisation draws them"""
    frozen: bool = True
    """Whether training leaves them as they are"""
    activation: Literal["sigmoid", "relu"] = "sigmoid"
    """Activation function of drawn filters; grown ones and patches have the sigmoid"""

    @property
    def label(self) -> str:
        """The number of channels, marked: "96g"."""
        return f"{self.channels}g"

    def build(self, entering: Shape, around: Surroundings) -> "tuple[nn.Module, Shape]":
        """Return convolution, activation and what leaves channels without a filter at zero."""
        import torch
        from torch import Tensor, nn

        check_image(entering, self.kind)
        convolution = nn.Conv2d(entering[0], self.channels, self.kernel, padding=self.kernel // 2)
        fans = entering[0] * self.kernel**2, self.channels * self.kernel**2
        initialise(convolution, around, *fans, tuple(convolution.weight.shape))
        channels = self.channels

        class Alive(nn.Module):
            alive: Tensor

            def __init__(self) -> None:
                super().__init__()
                self.register_buffer("alive", torch.ones(channels))

            def forward(self, x: Tensor) -> Tensor:
                return x * self.alive[:, None, None]

        activation = activation_module(self.activation if self.filters == "drawn" else "sigmoid")
        made = chain(conv=convolution, activation=activation, only=Alive())
        return made, (self.channels, *entering[1:])


LAYER = GrownConv2d
