"""The kNN graph with the geodesic mass within its components, whether it is connected or not.

Released code of Baptista et al. 2024 sums hop distances so: it drops pairs that no path joins.
"""

from dataclasses import replace
from hashlib import blake2b

from ricci_flow.graphs.cloud import Cloud
from ricci_flow.graphs.components import component_labels
from ricci_flow.graphs.graph import Graph


def build(cloud: Cloud, k: int, union: Graph) -> Graph:
    """Return the graph with the number of its partition."""
    labels = component_labels(*union.lists).astype("<i8")  # numbered in the order of the points
    digest = blake2b(labels.tobytes(), digest_size=8).digest()
    return replace(union, partition=int.from_bytes(digest, "little", signed=True))
