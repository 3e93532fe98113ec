"""A fully connected layer whose weights are sums of few outer products."""

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from ricci_flow.errors import InputError
from ricci_flow.networks.layers.base import (
    Layer,
    Shape,
    Surroundings,
    activation_module,
    chain,
    size,
)
from ricci_flow.networks.layers.dense import Dense, Width

if TYPE_CHECKING:
    from torch import nn


class CPDense(Layer):
    """activation(<X, W> + b), the weights of a unit being W = sum over r of w_1r o w_2r o ...

    A canonical polyadic decomposition of the weights, with one vector per axis of a point and term:
    a Rank-R network (Makantasis et al. 2021, IEEE Access 9). Whatever the recipe's initialisation,
    factors are normal, such that weights have Glorot's variance, 2 / (fan_in + fan_out).
    """

    kind: Literal["cp_dense"] = "cp_dense"
    width: Width
    """Units"""
    rank: Annotated[int, Field(ge=1, le=1000)]
    """Outer products in the weights of each unit"""
    shape: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(strict=False, min_length=2)]
    """Axes of a point, as 8, 8; its features in this order, the last axis fastest"""

    @property
    def label(self) -> str:
        """The width, with the rank: "25R2"."""
        return f"{self.width}R{self.rank}"

    @property
    def unconstrained(self) -> Layer:
        """A dense layer of as many units."""
        return Dense(width=self.width, measured=self.measured)

    def build(self, entering: Shape, around: Surroundings) -> "tuple[nn.Module, Shape]":
        """Return the layer."""
        import torch
        from torch import nn

        features, shape, rank = size(entering), self.shape, self.rank
        if int(np.prod(shape)) != features:
            raise InputError(
                f"layer cp_dense: its shape {list(shape)} has {int(np.prod(shape))} numbers, and "
                f"{features} of a point enter; change the shape"
            )
        variance = 2.0 / (features + self.width)
        scale = float((variance / rank) ** (0.5 / len(shape)))
        drawn = [
            scale * around.generator.standard_normal((self.width, rank, length)) for length in shape
        ]

        class CPLinear(nn.Module):
            def __init__(self, factors: list[np.ndarray]) -> None:
                super().__init__()
                self.factors = nn.ParameterList(
                    nn.Parameter(torch.from_numpy(factor.astype(np.float32))) for factor in factors
                )
                self.bias = nn.Parameter(torch.zeros(factors[0].shape[0]))

            def forward(self, x: torch.Tensor) -> torch.Tensor:
                weights = self.factors[0]  # (units, rank, numbers of the axes so far)
                for factor in list(self.factors)[1:]:
                    weights = (weights[..., :, None] * factor[..., None, :]).flatten(2)
                return x.flatten(1) @ weights.sum(1).T + self.bias

        return chain(cp=CPLinear(drawn), activation=activation_module(around.activation)), (
            self.width,
        )


LAYER = CPDense
