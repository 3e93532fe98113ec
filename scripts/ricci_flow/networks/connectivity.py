"""How the nodes of a cell are connected: depth, width and kernel of its graph.

Chen, Huang, Gong, Hanin and Wang 2022 (NeurIPS, arXiv 2205.05662). A graph is text as "2_21_112":
for each node after the first one a digit per node before it, that says how it leads there. A node
is the sum of what leads to it.
"""

import numpy as np

Graph = tuple[tuple[int, ...], ...]
# Digits: no edge, the node before as it is, and activation(x W).
CUT, SKIP, LINEAR = 0, 1, 2


def read_graph(text: str) -> Graph:
    """Return the digits of every node after the first one.

    Raises ValueError, with the cure, where there is no such graph, or a node lies on no path from
    the first to the last.
    """
    nodes = text.split("_")
    if not all(
        len(node) == place and set(node) <= set("012") for place, node in enumerate(nodes, 1)
    ):
        raise ValueError("must have 1, 2, 3, ... digits 0, 1 or 2 between its _, as 2_21_112")
    graph = tuple(tuple(map(int, node)) for node in nodes)
    led_on = {s for edges in graph for s, edge in enumerate(edges) if edge}
    if not all(any(edges) for edges in graph) or led_on != set(range(len(graph))):
        raise ValueError("must have an edge to every node after the first, and on from all others")
    return graph


def path_depths(graph: Graph) -> list[int]:
    """Return, of every path from the first node to the last, how many of its edges are linear."""
    depths = [[0]]
    for edges in graph:
        depths.append(
            [d + (edge == LINEAR) for s, edge in enumerate(edges) if edge for d in depths[s]]
        )
    return depths[-1]


def effective_depth_and_width(graph: Graph) -> tuple[float, float]:
    """Return the mean depth of the paths, and how many are not skips, per effective depth.

    Definition 4.1. The width is nan where all paths are skips.
    """
    depths = path_depths(graph)
    depth = float(np.mean(depths))
    return depth, sum(d > 0 for d in depths) / depth if depth else np.nan


def relu_kernel(c: np.ndarray) -> np.ndarray:
    """Return 2 E[relu(u) relu(v)] for u, v normal of variance 1 and correlation c; 1 where c is.

    The arc-cosine kernel of degree 1 (Cho and Saul 2009).
    """
    c = np.clip(c, -1.0, 1.0)
    return np.asarray((c * (np.pi - np.arccos(c)) + np.sqrt(1 - c**2)) / np.pi)


def path_kernel(graph: Graph, c: np.ndarray) -> np.ndarray:
    """Return the published kernel of points of correlations c: one term per path of the graph.

    Its diagonal is the number of paths. Products of different paths are left out; see
    `wide_kernel`.
    """
    total = np.zeros(np.shape(c))
    for depth in path_depths(graph):
        term = np.asarray(c, dtype=float)
        for _ in range(depth):
            term = relu_kernel(term)
        total += term
    return total


def eigenvalue_bound(graph: Graph, c: np.ndarray) -> float:
    """Return what the least eigenvalue of the published kernel cannot exceed (equation 12).

    c: correlations of points, without those of points with themselves.
    """
    return float(np.min(len(path_depths(graph)) - path_kernel(graph, c)))


def wide_kernel(graph: Graph, entering: np.ndarray) -> np.ndarray:
    """Return E[x y] over the units of the last node, (n, n), for ReLU networks of infinite width.

    Weights are normal of variance 2 / fan_in. entering: (n, n) the same of the first node, whose
    units have mean 0. Unlike the published kernel it has the products of what is summed: ReLU units
    have means, and skips share units.
    """
    n, nodes = len(entering), len(graph) + 1
    kernel, means = np.zeros((nodes, nodes, n, n)), np.zeros((nodes, n))
    kernel[0, 0] = entering
    for t, edges in enumerate(graph, 1):
        skips, linear = ([s for s in range(t) if edges[s] == kind] for kind in (SKIP, LINEAR))
        size = [np.sqrt(np.diag(kernel[s, s])) for s in range(t)]
        # The mean of relu(u) for u of variance 2 v is sqrt(v / pi).
        gains = {s: size[s] / np.sqrt(np.pi) for s in linear}
        gain, skipped = sum(gains.values(), np.zeros(n)), means[skips].sum(axis=0)
        for s in range(t):
            kernel[t, s] = kernel[skips, s].sum(axis=0) + np.outer(gain, means[s])
            kernel[s, t] = kernel[t, s].T
        own = kernel[t, skips].sum(axis=0) + np.outer(skipped + gain, gain)
        for s in linear:
            # One map of the same node: its units go together, not only their means.
            together = np.outer(size[s], size[s])
            own += together * relu_kernel(kernel[s, s] / together) - np.outer(gains[s], gains[s])
        kernel[t, t], means[t] = own, skipped + gain
    return np.asarray(kernel[-1, -1])
