"""Batch normalisation."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from ricci_flow.networks.layers.base import Layer, Shape, Surroundings, activation_module, chain
from ricci_flow.networks.layers.conv2d import check_image

if TYPE_CHECKING:
    from torch import nn


class BatchNorm(Layer):
    """Every unit, or channel, less its mean and over its deviation, then scaled and shifted.

    Ioffe and Szegedy 2015 (arXiv 1502.03167), as in torch. Training takes mean and variance of the
    batch; evaluation, and with it every layer that is measured, running means of these.
    """

    kind: Literal["batch_norm"] = "batch_norm"
    measured: bool = False
    """Whether the output is one of the layers 1..L whose geometry is measured"""
    activated: bool = False
    """Whether the activation function follows"""
    momentum: Annotated[float, Field(gt=0, le=1)] = 0.1
    """Share of a batch in the running mean and variance"""
    epsilon: Annotated[float, Field(gt=0)] = 1e-5
    """Added to the variance"""

    smallest_batch: ClassVar[int] = 2

    @property
    def label(self) -> str:
        """Nothing: the width stays."""
        return ""

    def build(self, entering: Shape, around: Surroundings) -> "tuple[nn.Module, Shape]":
        """Return normalisation, and activation if it follows."""
        from torch import nn

        if len(entering) > 1:
            check_image(entering, self.kind)
        kind = nn.BatchNorm1d if len(entering) == 1 else nn.BatchNorm2d
        norm = kind(entering[0], eps=self.epsilon, momentum=self.momentum)
        after = {"activation": activation_module(around.activation)} if self.activated else {}
        return chain(norm=norm, **after), entering


LAYER = BatchNorm
