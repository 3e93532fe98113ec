"""Normalised cut of the classes: the sum over classes of the edges that leave one by its volume.

Source: Shi and Malik 2000, IEEE TPAMI 22:888-905; Hehl et al. 2025, arXiv 2509.22362, take half.
"""

from typing import Any

from ricci_flow.measures.base import Layer

SCOPE = "layer"
COST = "low"
OPTIONS: dict[str, Any] = {}


def measure(layer: Layer) -> float:
    """Return the normalised cut; undefined where a class has no edge."""
    parts = layer.partition()
    return float((parts.leaving / parts.volumes).sum())
