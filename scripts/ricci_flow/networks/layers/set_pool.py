"""One vector from a set of points, in whatever order they are."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ricci_flow.errors import InputError
from ricci_flow.networks.layers.base import (
    Layer,
    Shape,
    Surroundings,
    activation_module,
    chain,
    initialise,
)
from ricci_flow.networks.layers.dense import Width

if TYPE_CHECKING:
    from torch import nn


class SetPool(Layer):
    """The maximum over points, unit by unit, of dense layers that take every point by itself.

    A PointNet without its alignment networks (Qi et al. 2017, arXiv 1612.00593).
    """

    kind: Literal["set_pool"] = "set_pool"
    widths: Annotated[tuple[Width, ...], Field(strict=False, min_length=1, max_length=100)]
    """Units of the dense layers; the last is what leaves"""

    @property
    def label(self) -> str:
        """The last width, marked: "32s"."""
        return f"{self.widths[-1]}s"

    def build(self, entering: Shape, around: Surroundings) -> "tuple[nn.Module, Shape]":
        """Return dense layers and maximum."""
        from collections import OrderedDict

        from torch import Tensor, nn

        if len(entering) != 2:
            raise InputError(
                f"layer set_pool: {' x '.join(map(str, entering))} numbers enter, and no set of "
                "points; put a layer point_set before it"
            )
        made, fan_in = {}, entering[1]
        for place, width in enumerate(self.widths, 1):
            linear = nn.Linear(fan_in, width)
            initialise(linear, around, fan_in, width, (fan_in, width))
            made[f"dense_{place}"] = chain(
                linear=linear, activation=activation_module(around.activation)
            )
            fan_in = width

        class Pool(nn.Sequential):
            def forward(self, x: Tensor) -> Tensor:
                found: Tensor = super().forward(x)
                return found.amax(-2)

        return Pool(OrderedDict(made)), (fan_in,)


LAYER = SetPool
