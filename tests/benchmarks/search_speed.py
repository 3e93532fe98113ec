"""The neighbour search against exact candidates: which find the same lists, and how fast.

Two clouds: one layer of a ReLU network without ties, and one of few distinct distances with ties
everywhere. `rows` is the share of points whose neighbours are ours, order included; `sets` the
same without order. Candidates return k neighbours, never the ties of the k-th, so on the second
cloud none can be whole.
"""

import argparse
from collections.abc import Callable

import common
import numpy as np
import torch
from sklearn.neighbors import NearestNeighbors

from ricci_flow.graphs.neighbours import NeighbourLists, nearest_neighbours

Search = Callable[[np.ndarray, int], object]


def sklearn_brute(points: np.ndarray, k: int) -> np.ndarray:
    """Return indices (n, k) by scikit-learn, float64."""
    model = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(points.astype(np.float64))
    return np.asarray(model.kneighbors(return_distance=False))


def torch_topk(points: np.ndarray, k: int) -> np.ndarray:
    """Return indices (n, k) by torch.cdist and topk, float64, from differences."""
    x = torch.from_numpy(points.astype(np.float64))
    distances = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")
    distances.fill_diagonal_(torch.inf)
    return distances.topk(k, dim=1, largest=False).indices.numpy()


def torch_topk_product(points: np.ndarray, k: int) -> np.ndarray:
    """Return the same by a matrix product in float32, the fastest and least exact."""
    x = torch.from_numpy(points)
    distances = torch.cdist(x, x, compute_mode="use_mm_for_euclid_dist")
    distances.fill_diagonal_(torch.inf)
    return distances.topk(k, dim=1, largest=False).indices.numpy()


def faiss_flat(points: np.ndarray, k: int) -> np.ndarray:
    """Return indices (n, k) by faiss' IndexFlatL2, float32; oneself taken out."""
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatL2(points.shape[1])
    index.add(points)
    found = index.search(points, k + 1)[1]
    others = found != np.arange(len(points))[:, None]
    others[others.all(axis=1), -1] = False  # a twin took one's place
    return found[others].reshape(-1, k)


def agreement(found: object, expected: NeighbourLists) -> tuple[float, float]:
    """Return the shares of points with the same row, and with the same set."""
    rows = np.split(expected.indices, expected.starts[1:-1])
    if isinstance(found, NeighbourLists):
        others = np.split(found.indices, found.starts[1:-1])
    else:
        others = list(np.asarray(found))
    pairs = list(zip(rows, others, strict=True))
    same = [np.array_equal(a, b) for a, b in pairs]
    return float(np.mean(same)), float(np.mean([set(a) == set(b) for a, b in pairs]))


def main() -> None:
    """Print one line a candidate and cloud."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--k", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    candidates: dict[str, Search] = {
        "ours": nearest_neighbours,
        "scikit-learn brute": sklearn_brute,
        "torch cdist + topk": torch_topk,
        "torch, by product": torch_topk_product,
        "faiss IndexFlatL2": faiss_flat,
    }
    generator = np.random.default_rng(0)
    clouds = {
        "ReLU layer": common.make_layers(arguments.n, 3)[-1],
        "ties": generator.integers(0, 4, (arguments.n, 50)).astype(np.float32),
    }
    for cloud, points in clouds.items():
        expected = nearest_neighbours(points, arguments.k)
        base = common.clock(lambda: nearest_neighbours(points, arguments.k), arguments.repeats)  # noqa: B023
        for name, search in candidates.items():
            try:
                same, sets = agreement(search(points, arguments.k), expected)
            except ImportError as error:
                print(f"{cloud:10}  {name:20}  skipped: {error}")
                continue
            took = common.clock(lambda: search(points, arguments.k), arguments.repeats)  # noqa: B023
            print(
                f"{cloud:10}  {name:20}  {took / base:6.2f} of our time  rows {same:6.1%}  "
                f"sets {sets:6.1%}"
            )


if __name__ == "__main__":
    main()
