"""Geometry of a network over the paper's grid of k: against its neighbour search, and literally.

The literal side makes the same table as one would write it with networkx (both curvatures edge by
edge, components) and scipy (hops of all pairs, csgraph.shortest_path). It takes minutes for a
whole network, so it is run on one layer at a few k, and its ratio is of exactly those tables.
"""

import argparse
from collections.abc import Sequence

import common
import networkx as nx
import numpy as np
from scipy.sparse import csgraph

from ricci_flow.geometry.measure import LayerGeometry, measure_layer
from ricci_flow.graphs.neighbours import NeighbourLists, nearest_neighbours, row_ends


def measure_literally(lists: NeighbourLists, grid: Sequence[int]) -> list[LayerGeometry]:
    """Return what measure_layer does, with networkx and scipy."""
    table = []
    for k in grid:
        rows = zip(lists.starts[:-1], row_ends(lists, k), strict=True)
        directed = nx.DiGraph()
        directed.add_nodes_from(range(lists.n))
        directed.add_edges_from(
            (i, int(j)) for i, (a, b) in enumerate(rows) for j in lists.indices[a:b]
        )
        union = directed.to_undirected()
        hops = csgraph.shortest_path(nx.to_scipy_sparse_array(union), unweighted=True)
        connected = nx.is_connected(union)
        in_degrees = [degree for _, degree in directed.in_degree]
        for convention, graph in (("directed", directed), ("union", union)):
            degree = dict(graph.degree)
            table.append(
                LayerGeometry(
                    k=k,
                    convention=convention,
                    n=lists.n,
                    edges=graph.number_of_edges(),
                    components=nx.number_connected_components(union),
                    connected=connected,
                    curvature=float(sum(4 - degree[i] - degree[j] for i, j in graph.edges)),
                    in_degree_variance=float(np.var(in_degrees)),
                    geodesic_mass=float(hops.sum() / 2) if connected else None,
                    diameter=int(hops.max()) if connected else None,
                )
            )
    return table


def main() -> None:
    """Print both ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--literal-k", type=int, nargs="*", default=[10, 100, 500])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    layers, k_max = common.make_layers(arguments.n, arguments.layers), common.IMAGE_GRID[-1]
    lists = [nearest_neighbours(points, k_max) for points in layers]
    measure_layer(lists[0], common.IMAGE_GRID)  # compiled or loaded before the common.clock runs
    search = common.clock(
        lambda: [nearest_neighbours(points, k_max) for points in layers], arguments.repeats
    )
    geometry = common.clock(
        lambda: [measure_layer(each, common.IMAGE_GRID) for each in lists], arguments.repeats
    )
    print(f"n = {arguments.n}, {arguments.layers} layers, {len(common.IMAGE_GRID)} k up to {k_max}")
    print(f"  search   {search * 1e3:9.1f} ms a network")
    print(f"  geometry {geometry * 1e3:9.1f} ms, ratio to the search {geometry / search:5.2f}")
    for k in arguments.literal_k:
        ours = common.clock(lambda: measure_layer(lists[-1], [k]), arguments.repeats)  # noqa: B023
        expected: list[LayerGeometry] = []
        literal = common.clock(lambda: expected.extend(measure_literally(lists[-1], [k])), 1)  # noqa: B023
        assert measure_layer(lists[-1], [k]) == expected
        print(
            f"  literal, last layer, k = {k:3}: {literal * 1e3:9.1f} ms against {ours * 1e3:6.1f}, "
            f"ratio {literal / ours:6.0f}, tables equal"
        )


if __name__ == "__main__":
    main()
