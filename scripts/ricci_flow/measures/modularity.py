"""Modularity of the classes in a graph.

The share of edges within classes, less what the degrees would give by chance. Source: Newman and
Girvan 2004, Physical Review E 69:026113.
"""

from typing import Any

from ricci_flow.measures.base import Layer

SCOPE = "layer"
COST = "low"
OPTIONS: dict[str, Any] = {}


def measure(layer: Layer) -> float:
    """Return the modularity; undefined where a class has no edge."""
    parts = layer.partition()
    shares = parts.volumes / (2 * parts.edges)
    return float((parts.edges - parts.between) / parts.edges - (shares**2).sum())
