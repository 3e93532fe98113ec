"""A residual block: layers whose output is added to what enters them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from ricci_flow.errors import InputError
from ricci_flow.networks.layers import AnyLayer
from ricci_flow.networks.layers.base import Layer, Shape, Surroundings

if TYPE_CHECKING:
    from torch import nn


class Residual(Layer):
    """x + f(x) with f the block's layers, one after the other (He et al. 2016, arXiv 1512.03385).

    The output, after the sum, is the one layer that is measured of a block.
    """

    kind: Literal["residual"] = "residual"
    layers: Annotated[tuple[AnyLayer, ...], Field(strict=False, min_length=1)]
    """The block's layers"""

    @property
    def label(self) -> str:
        """The last layer's width, marked: "25r"."""
        return f"{self.layers[-1].label}r"

    @property
    def parts(self) -> tuple[Layer, ...]:
        """The block's layers."""
        return self.layers

    @property
    def unconstrained(self) -> Layer:
        """The block of layers without constraints."""
        return self.model_copy(update={"layers": tuple(part.unconstrained for part in self.layers)})

    def with_settings(self, settings: Mapping[str, Mapping[str, Any]]) -> Layer:
        """Return the block with other settings, its layers too."""
        layers = tuple(part.with_settings(settings) for part in self.layers)
        return super().with_settings(settings).model_copy(update={"layers": layers})

    def build(self, entering: Shape, around: Surroundings) -> "tuple[nn.Module, Shape]":
        """Return the block."""
        from torch import Tensor, nn

        inner, leaving = [], entering
        for layer in self.layers:
            module, leaving = layer.build(leaving, around)
            inner.append(module)
        if leaving != entering:
            raise InputError(
                f"layer residual: {entering} numbers of a point enter and {leaving} leave; a block "
                "must keep them: give its last layer the width of the layer before the block"
            )

        class Block(nn.Sequential):
            def forward(self, x: Tensor) -> Tensor:
                return x + super().forward(x)

        return Block(*inner), leaving


LAYER = Residual
