"""Measures: what each costs per graph, and the jobs of the default study.

Union kNN graphs of one layer of a random ReLU network, k a share of n. What takes an optimal
transport per edge is timed on a random part of the edges, and scaled.
"""

import argparse
import time
from dataclasses import replace
from functools import partial

import common
import numpy as np

from ricci_flow.graphs.graph import Graph, union_graphs
from ricci_flow.graphs.neighbours import NeighbourLists, nearest_neighbours
from ricci_flow.measurement.catalogue import known_modules, read_constants
from ricci_flow.measurement.points import local_changes
from ricci_flow.measurement.registry import load_measures
from ricci_flow.measures.base import Layer


def part_of(graph: Graph, edges: int) -> Graph:
    """Return the graph with a random part of its edges to be measured."""
    chosen = np.random.default_rng(0).permutation(len(graph.edges))[:edges]
    part = replace(graph)
    vars(part)["edges"] = graph.edges[np.sort(chosen)]  # what the cached property would compute
    return part


def graph_of(lists: NeighbourLists, k: int) -> Graph:
    """Return the kNN graph at one k, with its hops."""
    return next(union_graphs(lists, [k])).kept()


def main() -> None:
    """Print a line per measure and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, nargs="+", default=[300, 1000, 2000])
    parser.add_argument("--share", type=float, default=0.05, help="k as a share of n")
    parser.add_argument("--edges", type=int, default=600, help="of a costly measure")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    entries = {name: {"module": name} for name in known_modules()}
    measures = load_measures(entries, "benchmark")
    costly = {name for name in measures if read_constants(name)["COST"] == "high"}
    for n in arguments.n:
        k = round(arguments.share * n)
        layers = common.make_layers(n, 2)
        lists = [nearest_neighbours(points, k) for points in layers]
        first, second = (graph_of(each, k) for each in lists)
        print(f"n = {n}, k = {k}, {len(first.edges)} edges")
        for label, work in (
            ("search", lambda layers=layers, k=k: nearest_neighbours(layers[0], k)),
            ("graph and mass", lambda lists=lists, k=k: graph_of(lists[0], k)),
            ("local changes", lambda a=first, b=second: local_changes(a, b)),
        ):
            print(f"  {label:24}{common.clock(work, arguments.repeats):12.4f} s")
        labels = (np.arange(n) % 2).astype(np.uint8)
        for name, measure in measures.items():
            notion = measure.function
            if measure.scope == "layer":
                spent = common.clock(partial(notion, Layer(first, labels)), arguments.repeats)
                print(f"  {name:24}{spent:12.4f} s")
            elif name in costly:
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
