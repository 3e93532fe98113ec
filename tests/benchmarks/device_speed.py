"""Search and hops in torch against compiled code: equality asserted, ratio printed.

On CUDA where there is one, else on torch's CPU device, where it is slow and only the equality is
of interest.
"""

import argparse
import time
from collections.abc import Callable

import common
import numpy as np
import torch

from ricci_flow.geometry.dense import DenseGraph
from ricci_flow.geometry.measure import measure_layer
from ricci_flow.graphs.accelerated import nearest_neighbours_on
from ricci_flow.graphs.neighbours import nearest_neighbours


def wall(work: Callable[[], object], repeats: int) -> float:
    """Return the least of `repeats` wall times of work(), in seconds: a GPU's time is no CPU's."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> None:
    """Print the ratios of one layer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    points, grid = common.make_layers(arguments.n, 3)[-1], common.IMAGE_GRID
    expected = nearest_neighbours(points, grid[-1])
    lists = nearest_neighbours_on(points, grid[-1], device)
    for name in ("starts", "indices", "tied"):
        assert np.array_equal(getattr(lists, name), getattr(expected, name))
    assert measure_layer(lists, grid, DenseGraph(lists, device)) == measure_layer(lists, grid)
    pairs = {
        "search": (
            lambda: nearest_neighbours_on(points, grid[-1], device),
            lambda: nearest_neighbours(points, grid[-1]),
        ),
        "geometry": (
            lambda: measure_layer(lists, grid, DenseGraph(lists, device)),
            lambda: measure_layer(lists, grid),
        ),
    }
    for name, (torch_side, compiled) in pairs.items():
        theirs, ours = wall(torch_side, arguments.repeats), wall(compiled, arguments.repeats)
        print(f"{name:8}  torch on {device} takes {theirs / ours:6.2f} of compiled code, equal")


if __name__ == "__main__":
    main()
