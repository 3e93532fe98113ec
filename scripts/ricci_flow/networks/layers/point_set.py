"""A vector as a set of points in space."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ricci_flow.errors import InputError
from ricci_flow.networks.layers.base import Layer, Shape, Surroundings, size

if TYPE_CHECKING:
    from torch import Tensor, nn


class PointSet(Layer):
    """The numbers of an object as its points, in the coordinates given or those of their distances.

    An object is one point of the data set, its vector the coordinates of its points one after the
    other. There are no weights.
    """

    kind: Literal["point_set"] = "point_set"
    measured: bool = False
    """Whether the output is one of the layers 1..L whose geometry is measured"""
    dimensions: Annotated[int, Field(ge=1, le=1000)] = 3
    """Coordinates of a point"""
    coordinates: Literal["given", "mds"] = "given"
    """Coordinates that leave: as they enter, or by multidimensional scaling, the same however an
    object is turned, mirrored, moved or scaled"""

    @property
    def label(self) -> str:
        """Nothing: there are no units."""
        return ""

    def build(self, entering: Shape, around: Surroundings) -> "tuple[nn.Module, Shape]":
        """Return the points of every object, (points, dimensions)."""
        from torch import Tensor, nn

        points, rest = divmod(size(entering), self.dimensions)
        if rest:
            raise InputError(
                f"layer point_set: {size(entering)} numbers of an object enter, which are no "
                f"points of {self.dimensions} coordinates; change dimensions, or the data set"
            )
        shape, scaled = (points, self.dimensions), self.coordinates == "mds"

        class Points(nn.Module):
            def forward(self, x: Tensor) -> Tensor:
                given = x.flatten(1).unflatten(1, shape)
                return principal_coordinates(given) if scaled else given

        return Points(), shape


def principal_coordinates(points: "Tensor") -> "Tensor":
    """Return coordinates (..., m, d) that depend on the distances between m points (..., m, d).

    Classical multidimensional scaling: U Lambda^(1/2), from the d largest eigenvalues of
    B = -1/2 J D J, D being the squared distances and J = I - 1 1^T / m. Of distances in space it is
    the same as principal components (Gower 1966), which need a d x d matrix in place of B. Each
    axis points to where the sum of cubes along it is positive, and the mean square of the points is
    1, that is, coordinates are times (m / tr B)^(1/2). So translation, rotation, reflection and
    scale of the points change nothing, and their order changes the order of what is returned.

    Zero where all points are one. Undefined, but something, where two eigenvalues are equal or a
    sum of cubes is zero.
    """
    import torch

    # In float64: products of float32 leave too little of axes that are nearly as long.
    centred = points.double()
    centred = centred - centred.mean(-2, keepdim=True)
    spread = centred.square().sum(-1, keepdim=True).mean(-2, keepdim=True).sqrt()
    centred = centred / spread.clamp_min(torch.finfo(torch.float64).tiny)
    _, axes = torch.linalg.eigh(centred.mT @ centred)
    found = centred @ axes.flip(-1)
    signs = torch.where(found.pow(3).sum(-2, keepdim=True) < 0, -1.0, 1.0)
    return (found * signs).to(points.dtype)


LAYER = PointSet
