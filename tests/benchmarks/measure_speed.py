"""Main measures of a network over the paper's grid of k: against its search, and literally.

Two networks: one of random weights, and one trained on data set A, whose later layers draw the
cloud out into long threads; hops then take many levels. Or one of a study: --activations FILE.

The literal side makes the same table as one would write it with networkx (both curvatures edge by
edge, components) and scipy (hops of all pairs, csgraph.shortest_path). It takes minutes for a
whole network, so it is run on the last layer only, and its ratio is of that layer's table.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import common
import networkx as nx
import numpy as np
from scipy.sparse import csgraph

from ricci_flow.graphs.graph import union_graphs
from ricci_flow.graphs.neighbours import NeighbourLists, nearest_neighbours, row_ends
from ricci_flow.measures import forman_directed, forman_union
from ricci_flow.measures.base import Layer
from ricci_flow.storage import TensorFile


class Row(NamedTuple):
    """One layer at one k by one measure."""

    k: int
    measure: str
    edges: int
    components: int
    curvature: float
    in_degree_variance: float
    geodesic_mass: float | None
    diameter: int | None


def measure_layer(lists: NeighbourLists, grid: Sequence[int]) -> list[Row]:
    """Return the rows of one layer, as the stage of measures makes them."""
    rows = []
    for k, graph in zip(sorted(grid), union_graphs(lists, grid), strict=True):
        directed = int(graph.out_degrees.sum())
        for measure, edges, value in (
            ("forman_directed", directed, forman_directed.measure(Layer(graph))),
            ("forman_union", int(graph.degrees.sum()) // 2, forman_union.total(graph)),
        ):
            variance = float(np.var(graph.in_degrees))
            longest = graph.diameter if graph.connected else None
            rows.append(
                Row(
                    k,
                    measure,
                    edges,
                    graph.components,
                    value,
                    variance,
                    graph.geodesic_mass,
                    longest,
                )
            )
    return rows


def measure_literally(lists: NeighbourLists, grid: Sequence[int]) -> list[Row]:
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
        for measure, graph in (("forman_directed", directed), ("forman_union", union)):
            degree = dict(graph.degree)
            table.append(
                Row(
                    k=k,
                    measure=measure,
                    edges=graph.number_of_edges(),
                    components=nx.number_connected_components(union),
                    curvature=float(sum(4 - degree[i] - degree[j] for i, j in graph.edges)),
                    in_degree_variance=float(np.var(in_degrees)),
                    geodesic_mass=float(hops.sum() / 2) if connected else None,
                    diameter=int(hops.max()) if connected else None,
                )
            )
    return table


def trained_layers(n: int, depth: int) -> list[np.ndarray]:
    """Return activations of n test points in a network of `depth` layers trained on data set A."""
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder).joinpath
        source = {"kind": "synthetic", "generator": "double_swiss_roll", "n_test": n}
        made = {"tensors": at("data"), "facts": at("facts")}
        common.run_job("make_dataset", name="A", source=source, **made)
        common.run_job(
            "train_ensemble",
            data=at("data"),
            facts=at("facts"),
            data_set="A",
            architecture="wide",
            condition="trained",
            entry={"widths": [50] * depth},
            networks=1,
            device="cpu",
            weights=at("weights"),
            network_table=at("networks"),
            history=at("history"),
            layers=at("layers"),
        )
        return read_layers(at("layers"))


def read_layers(path: Path) -> list[np.ndarray]:
    """Return the layers of the first network of activations layers.safetensors."""
    with TensorFile(path) as file:
        return [file.rows(f"layer_{i + 1}", 0, 1)[0] for i in range(len(file.names))]


def compare(name: str, layers: list[np.ndarray], literal: Sequence[int], repeats: int) -> None:
    """Print the ratio to the search, and to the literal side in the last layer."""
    k_max = common.IMAGE_GRID[-1]
    lists = [nearest_neighbours(points, k_max) for points in layers]
    tables = [measure_layer(each, common.IMAGE_GRID) for each in lists]
    search = common.clock(lambda: [nearest_neighbours(points, k_max) for points in layers], repeats)
    geometry = common.clock(
        lambda: [measure_layer(each, common.IMAGE_GRID) for each in lists], repeats
    )
    longest = [row.diameter for row in tables[-1] if row.measure == "forman_union"]
    print(f"{name}: n = {len(layers[0])}, {len(layers)} layers, k of {common.IMAGE_GRID}")
    print(f"  longest hop distances in the last layer: {longest}")
    print(f"  search   {search * 1e3:9.1f} ms a network")
    print(f"  geometry {geometry * 1e3:9.1f} ms, ratio to the search {geometry / search:5.2f}")
    if literal:
        expected: list[Row] = []
        slow = common.clock(lambda: expected.extend(measure_literally(lists[-1], literal)), 1)
        ours = common.clock(lambda: measure_layer(lists[-1], literal), repeats)
        assert measure_layer(lists[-1], literal) == expected
        print(
            f"  literal, last layer, k of {list(literal)}: {slow * 1e3:.0f} ms against "
            f"{ours * 1e3:.0f}, ratio {slow / ours:.0f}, tables equal"
        )


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--activations", type=Path, help="a study's layers.safetensors instead")
    parser.add_argument("--literal-k", type=int, nargs="*", default=common.IMAGE_GRID)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.activations:
        networks = {str(arguments.activations): read_layers(arguments.activations)}
    else:
        networks = {
            "random weights": common.make_layers(arguments.n, arguments.layers),
            "trained on A": trained_layers(arguments.n, arguments.layers),
        }
    for name, layers in networks.items():
        compare(name, layers, arguments.literal_k, arguments.repeats)


if __name__ == "__main__":
    main()
