"""The mutual kNN graph: an edge where both points are among the nearest of each other."""

from ricci_flow.graphs.cloud import Cloud
from ricci_flow.graphs.edges import mutual_bits
from ricci_flow.graphs.graph import Graph, graph_of_bits
from ricci_flow.graphs.neighbours import row_ends


def build(cloud: Cloud, k: int, union: Graph) -> Graph:
    """Return the graph; it has no directed edges."""
    lists = cloud.lists
    bits = mutual_bits(lists.starts[:-1], row_ends(lists, k), lists.indices)
    return graph_of_bits(bits, hops=True)
