"""A cell of nodes that a graph connects."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator

from ricci_flow.errors import InputError
from ricci_flow.networks.connectivity import LINEAR, SKIP, path_depths, read_graph
from ricci_flow.networks.layers.base import Layer, Shape, Surroundings, size
from ricci_flow.networks.layers.dense import Dense, Width
from ricci_flow.validation import invalid

if TYPE_CHECKING:
    from torch import nn


def _graph(text: str) -> str:
    try:
        read_graph(text)
    except ValueError as error:
        raise invalid(str(error)) from None
    return text


class Dag(Layer):
    """The last node of a cell whose nodes are sums of what leads to them from nodes before.

    An edge is nothing, the node itself, or activation(x W + b): Chen et al. 2022 (arXiv
    2205.05662). What enters is the first node; the output, the one layer that is measured of a
    cell, is the last.
    """

    kind: Literal["dag"] = "dag"
    width: Width
    """Units of every node after the first"""
    graph: Annotated[str, AfterValidator(_graph)]
    """For every node after the first a digit per node before it: 0 no edge, 1 the node itself,
    2 a dense layer; as "2_21_112", in quotes, which is a number without"""
    scaled: bool = False
    """Whether the output is divided by the root of the number of paths, so that cells of all
    graphs start with outputs of about the same size"""

    @property
    def label(self) -> str:
        """The width, marked: "25dag"."""
        return f"{self.width}dag"

    def build(self, entering: Shape, around: Surroundings) -> "tuple[nn.Module, Shape]":
        """Return the cell."""
        from torch import Tensor, nn

        graph = read_graph(self.graph)
        shapes = [entering, *[(self.width,)] * len(graph)]
        if entering != (self.width,) and any(edges[0] == SKIP for edges in graph):
            raise InputError(
                f"layer dag: {size(entering)} numbers of a point enter, and graph {self.graph} "
                f"adds them to {self.width} units; put a layer of that width before the cell"
            )
        dense = Dense(width=self.width)
        made = {
            f"from_{s}_to_{t}": dense.build(shapes[s], around)[0]
            for t, edges in enumerate(graph, 1)
            for s, edge in enumerate(edges)
            if edge == LINEAR
        }
        share = len(path_depths(graph)) ** -0.5 if self.scaled else 1.0

        class Cell(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.edges = nn.ModuleDict(made)

            def forward(self, x: Tensor) -> Tensor:
                nodes = [x]
                for t, edges in enumerate(graph, 1):
                    led = [
                        nodes[s] if edge == SKIP else self.edges[f"from_{s}_to_{t}"](nodes[s])
                        for s, edge in enumerate(edges)
                        if edge
                    ]
                    total = led[0]
                    for term in led[1:]:
                        total = total + term
                    nodes.append(total)
                return share * nodes[-1]

        return Cell(), (self.width,)


LAYER = Dag
