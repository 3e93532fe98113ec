"""The kNN graph and a Euclidean minimum spanning tree, so that it is always connected."""

from dataclasses import replace

from ricci_flow.graphs.bits import set_bits
from ricci_flow.graphs.cloud import Cloud
from ricci_flow.graphs.graph import Graph, graph_of_bits


def build(cloud: Cloud, k: int, union: Graph) -> Graph:
    """Return the graph; edges of the tree that the kNN graph lacks count in both directions."""
    bits = union.bits.copy()
    set_bits(bits, cloud.tree)
    graph = graph_of_bits(bits, hops=True)
    new = graph.degrees - union.degrees
    if union.out_degrees is None or union.in_degrees is None:
        return graph
    return replace(graph, out_degrees=union.out_degrees + new, in_degrees=union.in_degrees + new)
