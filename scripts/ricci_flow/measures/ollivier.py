"""Ollivier's curvature: 1 - W1(mu_u, mu_v), hops as cost, exact.

mu_u leaves the share `idleness` at u and spreads the rest evenly over u's neighbours. Source:
Ollivier 2009, Journal of Functional Analysis 256:810-864; W1 by POT's network simplex.
"""

import os

# POT would otherwise import torch, which takes a second and is not used.
os.environ.setdefault("POT_BACKEND_DISABLE_PYTORCH", "1")

import numpy as np
import ot

from ricci_flow.graphs.counts import hops_to_three
from ricci_flow.graphs.graph import Graph

SCOPE = "edge"
COST = "high"
OPTIONS = {"idleness": (0.0, 0.99)}
PAIR_BYTES = 1  # memory, by pair of points
SUBSET = True
_ITERATIONS = 10_000_000


def measure(graph: Graph, idleness: float = 0.0, edges: np.ndarray | None = None) -> np.ndarray:
    """Return the curvature of every edge, (m,) float64, or of these `edges` of it, (s, 2)."""
    edges = graph.edges if edges is None else edges
    return transport_curvature(graph, edges, np.full(len(edges), idleness))


def transport_curvature(graph: Graph, edges: np.ndarray, idleness: np.ndarray) -> np.ndarray:
    """Return the curvature of edges (s, 2), each with an idleness of its own, (s,) float64.

    Neighbours of two joined points are at most three hops apart. Mass that both measures have at
    a point stays there: with a distance as cost that is always optimal.
    Raises RuntimeError where the network simplex does not end.
    """
    hops = hops_to_three(graph)
    degrees = graph.degrees
    ricci = np.empty(len(edges))
    for e, (u, v) in enumerate(edges):
        # Scaled by both degrees, so that without idleness all masses are whole numbers.
        total = float(degrees[u] * degrees[v])
        mass = np.zeros(graph.n)
        for end, other, sign in ((u, v, 1), (v, u, -1)):
            mass[end] += sign * idleness[e] * total
            near = graph.targets[graph.starts[end] : graph.starts[end + 1]]
            mass[near] += sign * (1 - idleness[e]) * float(degrees[other])
        ricci[e] = 1 - _transport(mass, hops) / total
    return ricci


def _transport(mass: np.ndarray, hops: np.ndarray) -> float:
    """Return the least cost of moving what is positive in `mass` to where it is negative."""
    # What is left of shares that cancel is rounding.
    least = 1e-12 * np.abs(mass).max()
    sources, sinks = np.flatnonzero(mass > least), np.flatnonzero(mass < -least)
    if not len(sources):
        return 0.0
    cost = hops[np.ix_(sources, sinks)].astype(np.float64)
    value, log = ot.emd2(mass[sources], -mass[sinks], cost, numItermax=_ITERATIONS, log=True)
    if log["warning"] is not None:
        raise RuntimeError(f"optimal transport failed: {log['warning']}")
    return float(value)
