"""The largest component of the kNN graph, of equally large ones that of the first point."""

from dataclasses import replace

import numpy as np

from ricci_flow.graphs.cloud import Cloud
from ricci_flow.graphs.components import component_labels
from ricci_flow.graphs.graph import Graph, graph_of_bits


def build(cloud: Cloud, k: int, union: Graph) -> Graph:
    """Return the component: the graph itself where it is connected, else without other points.

    A component has all edges of its points, so their degrees stand.
    """
    if union.connected:
        return union
    labels = component_labels(*union.lists)
    inside = labels == np.bincount(labels).argmax()
    graph = graph_of_bits(np.where(inside[:, None], union.bits, np.uint64(0)), hops=True)
    outside = int((~inside).sum())
    # Every point without edges was counted as a component of its own.
    graph = replace(graph, components=(graph.components or 0) - outside, left_out=outside)
    if union.out_degrees is None or union.in_degrees is None:
        return graph
    return replace(
        graph,
        out_degrees=np.where(inside, union.out_degrees, 0),
        in_degrees=np.where(inside, union.in_degrees, 0),
    )
