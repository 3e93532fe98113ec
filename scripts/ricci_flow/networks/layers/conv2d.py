"""A convolution of images."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from ricci_flow.errors import InputError
from ricci_flow.networks.layers.base import (
    Layer,
    Shape,
    Surroundings,
    activation_module,
    chain,
    initialise,
)
from ricci_flow.validation import invalid

if TYPE_CHECKING:
    from torch import nn


def _odd(value: int) -> int:
    if value % 2 == 0:
        raise invalid("must be odd")
    return value


Kernel = Annotated[int, Field(ge=1, le=99), AfterValidator(_odd)]


class Conv2d(Layer):
    """activation(x * W + b), stride 1, images padded by zeros so that their size stays.

    Its output of one point is measured as one vector, channels outermost.
    """

    kind: Literal["conv2d"] = "conv2d"
    channels: Annotated[int, Field(ge=1, le=10_000)]
    """Channels of the output"""
    kernel: Kernel = 3
    """Rows and columns of the kernel, odd"""
    activated: bool = True
    """Whether the activation function follows; not where batch_norm comes between"""

    @property
    def label(self) -> str:
        """The number of channels: "8c"."""
        return f"{self.channels}c"

    def build(self, entering: Shape, around: Surroundings) -> "tuple[nn.Module, Shape]":
        """Return convolution and activation."""
        from torch import nn

        check_image(entering, self.kind)
        convolution = nn.Conv2d(entering[0], self.channels, self.kernel, padding=self.kernel // 2)
        field = self.kernel**2
        fans = entering[0] * field, self.channels * field
        initialise(convolution, around, *fans, tuple(convolution.weight.shape))
        after = activation_module(around.activation if self.activated else "linear")
        return chain(conv=convolution, activation=after), (self.channels, *entering[1:])


def check_image(entering: Shape, kind: str) -> None:
    """Raise InputError where what enters a layer is no image."""
    if len(entering) != 3:
        raise InputError(
            f"layer {kind}: {' x '.join(map(str, entering))} features enter, not an image; give "
            "the data set an image_shape, and no dense layer before this one"
        )


LAYER = Conv2d
