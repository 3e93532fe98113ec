"""Maximum over small squares of an image."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ricci_flow.errors import InputError
from ricci_flow.networks.layers.base import Layer, Shape, Surroundings
from ricci_flow.networks.layers.conv2d import check_image

if TYPE_CHECKING:
    from torch import nn


class MaxPool(Layer):
    """Maximum over squares side by side; rows and columns left over at the end are dropped."""

    kind: Literal["max_pool"] = "max_pool"
    measured: bool = False
    """Whether the output is one of the layers 1..L whose geometry is measured"""
    size: Annotated[int, Field(ge=2, le=99)] = 2
    """Rows and columns of a square"""

    @property
    def label(self) -> str:
        """The size of a square: "p2"."""
        return f"p{self.size}"

    def build(self, entering: Shape, around: Surroundings) -> "tuple[nn.Module, Shape]":
        """Return the pooling."""
        from torch import nn

        check_image(entering, self.kind)
        channels, rows, columns = entering
        if min(rows, columns) < self.size:
            raise InputError(
                f"layer max_pool: size is {self.size}, the image {rows} x {columns}; give a "
                "smaller size, or fewer layers"
            )
        return nn.MaxPool2d(self.size), (channels, rows // self.size, columns // self.size)


LAYER = MaxPool
