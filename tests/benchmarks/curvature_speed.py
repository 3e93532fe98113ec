"""Curvatures: what each notion costs a graph, and the jobs of the default study.

Union kNN graphs of one layer of a random ReLU network, k a share of n. What takes an optimal
transport an edge is timed on a random part of the edges, and scaled.
"""

import argparse
import time
from functools import partial

import common
import numpy as np

from ricci_flow.curvatures.catalogue import known_modules, read_constants
from ricci_flow.curvatures.interface import UnionGraph, graph_of_lists
from ricci_flow.curvatures.local import local_changes
from ricci_flow.curvatures.registry import load_notions
from ricci_flow.graphs.neighbours import nearest_neighbours


def part_of(graph: UnionGraph, edges: int) -> UnionGraph:
    """Return the graph with a random part of its edges to be measured."""
    chosen = np.random.default_rng(0).permutation(len(graph.edges))[:edges]
    return UnionGraph(graph.starts, graph.targets, graph.bits, graph.edges[np.sort(chosen)])


def main() -> None:
    """Print a line a notion and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, nargs="+", default=[300, 1000, 2000])
    parser.add_argument("--share", type=float, default=0.05, help="k as a share of n")
    parser.add_argument("--edges", type=int, default=600, help="of a costly notion")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    notions = load_notions([f"{name}={name}" for name in known_modules()])
    costly = {name for name in notions if read_constants(name)["COST"] == "high"}
    for n in arguments.n:
        k = round(arguments.share * n)
        layers = common.make_layers(n, 2)
        lists = [nearest_neighbours(points, k) for points in layers]
        first, second = (graph_of_lists(each, k)[0] for each in lists)
        print(f"n = {n}, k = {k}, {len(first.edges)} edges")
        for label, work in (
            ("search", lambda layers=layers, k=k: nearest_neighbours(layers[0], k)),
            ("graph and mass", lambda lists=lists, k=k: graph_of_lists(lists[0], k)),
            ("local changes", lambda a=first, b=second: local_changes(a, b)),
        ):
            print(f"  {label:24}{common.clock(work, arguments.repeats):12.4f} s")
        for name, notion in notions.items():
            if name in costly:
                part = part_of(first, arguments.edges)
                notion(part_of(first, 1))
                begun = time.process_time()
                notion(part)
                spent = (time.process_time() - begun) * len(first.edges) / len(part.edges)
                print(f"  {name:24}{spent:12.1f} s, from {len(part.edges)} edges")
            else:
                spent = common.clock(partial(notion, first), arguments.repeats)
                print(f"  {name:24}{spent:12.4f} s")


if __name__ == "__main__":
    main()
