"""Growth of time and memory with points and networks, and the memory of a large job.

Points: search and hops are clocked in this process. Networks, and all memory: entries of scripts/
run as a study runs them, in processes of their own; processor seconds and peak resident memory
(getrusage). What a job of 30 points takes is the fixed cost. Exponents are fitted over the larger
half of the sizes, those of jobs to what is above the fixed cost.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import common
import numpy as np

from ricci_flow.graphs.graph import union_graphs
from ricci_flow.graphs.neighbours import nearest_neighbours
from ricci_flow.storage import write_json, write_tensors

NAMES = ["A", "deep", "trained"]


def write_layers(path: Path, n: int, networks: int, depth: int) -> None:
    """Write activations layers.safetensors of random ReLU networks."""
    members = [common.make_layers(n, depth, seed=seed) for seed in range(networks)]
    write_tensors(path, {f"layer_{i + 1}": np.stack([m[i] for m in members]) for i in range(depth)})


def measure(
    folder: Path, n: int, networks: int, depth: int, grid: Sequence[int]
) -> dict[str, common.Job]:
    """Run the jobs of graphs and of measures of an ensemble."""
    layers, lists = folder / "layers.safetensors", folder / "neighbours.safetensors"
    write_layers(layers, n, networks, depth)
    labels = folder / "labels.safetensors"
    write_tensors(labels, {"y_test": np.zeros(n, np.uint8)})
    jobs = {
        "graphs": common.run_job(
            "build_graphs",
            names=NAMES,
            k=[grid[-1]],
            layers=layers,
            neighbours=lists,
            ties=folder / "ties.parquet",
        ),
        "measures": common.run_job(
            "measure",
            names=NAMES,
            measures=common.FORMAN,
            k=list(grid),
            data=labels,
            neighbours=lists,
            table=folder / "table.parquet",
            local_table=folder / "local.parquet",
        ),
    }
    lists.unlink()
    return jobs


def train(folder: Path, networks: int, rows: int, epochs: int) -> common.Job:
    """Run the training job of an ensemble 50-50-50-50-50-50-1."""
    generator = np.random.default_rng(0)
    X = generator.random((rows, 50)).astype(np.float32)
    y = (X[:, 0] > 0.5).astype(np.uint8)
    write_tensors(
        folder / "data.safetensors", {"X_train": X, "y_train": y, "X_test": X, "y_test": y}
    )
    write_json(folder / "facts.json", {"scale": "none", "unit": 1.0, "classes": [0, 1]})
    return common.run_job(
        "train_ensemble",
        data=folder / "data.safetensors",
        facts=folder / "facts.json",
        data_set="random",
        architecture="wide_5",
        condition="trained",
        entry={"widths": [50] * 5},
        recipe={"epochs": epochs},
        networks=networks,
        device="cpu",
        weights=folder / "weights.safetensors",
        network_table=folder / "networks.parquet",
        history=folder / "history.parquet",
        layers=folder / "layers.safetensors",
    )


def fit(what: str, sizes: Sequence[int], costs: Sequence[float], fixed: float = 0) -> str:
    """Return the exponent of the costs above `fixed` over the larger half of the sizes, as text."""
    half = len(sizes) // 2
    above = [max(cost - fixed, 1e-3) for cost in costs[half:]]
    return f"{what}^{common.exponent(sizes[half:], above):.2f}"


def grow_points(folder: Path, sizes: Sequence[int], k: int, fixed: dict[str, common.Job]) -> None:
    """Print the curves over the points of one layer, with the graph of one k."""
    print(f"points: one layer of 50 units, k = {k}")
    search, hops, jobs = [], [], []
    for n in sizes:
        points = common.make_layers(n, 2)[-1]
        repeats = 5 if n < 5000 else 1
        lists = nearest_neighbours(points, k)
        search.append(common.clock(lambda: nearest_neighbours(points, k), repeats))  # noqa: B023
        hops.append(common.clock(lambda: list(union_graphs(lists, [k])), repeats))  # noqa: B023
        jobs.append(measure(folder, n, 1, 1, [k]))
        print(
            f"  {n:6}:  search {search[-1]:7.4f} s, job {jobs[-1]['graphs'].memory:4.0f} MB   "
            f"measures {hops[-1]:7.4f} s, job {jobs[-1]['measures'].memory:4.0f} MB"
        )
    for name, times in (("graphs", search), ("measures", hops)):
        memory = [job[name].memory for job in jobs]
        print(
            f"  {name}: time ~ {fit('n', sizes, times)}, memory above "
            f"{fixed[name].memory:.0f} MB ~ {fit('n', sizes, memory, fixed[name].memory)}"
        )


def grow_networks(folder: Path, sizes: Sequence[int], k: int, fixed: dict[str, common.Job]) -> None:
    """Print the curves over the networks of an ensemble of five layers."""
    print(f"networks: n = 1000, 5 layers, k = 20 and {k}; training of 100 epochs of 1000 points")
    jobs = []
    for networks in sizes:
        job = measure(folder, 1000, networks, 5, [20, k])
        jobs.append({"training": train(folder, networks, 1000, 100), **job})
        cells = (
            f"{name} {job.seconds:6.2f} s {job.memory:4.0f} MB" for name, job in jobs[-1].items()
        )
        print(f"  {networks:6}:  " + "   ".join(cells))
    for name, base in fixed.items():
        times = [job[name].seconds for job in jobs]
        print(f"  {name}: time above {base.seconds:.2f} s ~ {fit('S', sizes, times, base.seconds)}")


def main() -> None:
    """Print the curves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--points", type=int, nargs="*", default=[500, 1000, 2000, 5000, 10000, 20000]
    )
    parser.add_argument("--networks", type=int, nargs="*", default=[1, 8, 36, 70])
    parser.add_argument("--k", type=int, default=100)
    parser.add_argument("--large", type=int, default=20000, help="points of the large job")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure(folder, 30, 1, 1, [5])  # compiled code is made or found
        fixed = {"training": train(folder, 1, 40, 0)} | measure(folder, 30, 1, 1, [5])
        if arguments.points:
            grow_points(folder, arguments.points, arguments.k, fixed)
        if arguments.networks:
            grow_networks(folder, arguments.networks, arguments.k, fixed)
        if arguments.large:
            for networks in (1, 3):
                jobs = measure(folder, arguments.large, networks, 1, common.IMAGE_GRID)
                for job, took in jobs.items():
                    print(
                        f"large: n = {arguments.large}, {networks} networks, 1 layer, k up to 500: "
                        f"{job} {took.seconds:.1f} s, peak {took.memory:.0f} MB"
                    )


if __name__ == "__main__":
    main()
