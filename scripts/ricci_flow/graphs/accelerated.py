"""The neighbour search in torch, for a CUDA device.

Each difference, square and sum is a step of its own, so no device may fuse two of them and round
once instead of twice: the distances, and with them the lists, are those of `nearest_neighbours`
to the bit, ties included.
"""

import numpy as np
import torch

from ricci_flow.graphs.neighbours import NeighbourLists, check_points, index_type

# Rows of the distance matrix held at once: 16 MB of float64, five times that while sorting.
_BLOCK_ENTRIES = 2_000_000


def nearest_neighbours_on(points: np.ndarray, k_max: int, device: str) -> NeighbourLists:
    """Return what `nearest_neighbours` returns, computed on a torch device (cpu, cuda).

    points: (n, d) finite, n > k_max >= 1.
    Raises ValueError where k_max does not lie in 1..n-1 or a coordinate is not finite.
    """
    n = len(points)
    columns = torch.from_numpy(check_points(points, k_max)).to(device).T.contiguous()
    height = max(1, _BLOCK_ENTRIES // n)
    blocks = [
        _search(columns, start, min(n, start + height), k_max) for start in range(0, n, height)
    ]
    lengths, rows, flags, twins = zip(*blocks, strict=True)
    starts = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(torch.cat(lengths).cpu().numpy(), out=starts[1:])
    indices = torch.cat(rows).cpu().numpy().astype(index_type(n))
    return NeighbourLists(starts, indices, torch.cat(flags).cpu().numpy(), k_max, sum(twins))


def _search(
    columns: torch.Tensor, start: int, stop: int, k_max: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, int]:
    """Return row lengths, neighbours, ties and the number of rows that begin at distance 0."""
    n = columns.shape[1]
    distances = torch.zeros(stop - start, n, dtype=columns.dtype, device=columns.device)
    for column in columns:
        difference = column[start:stop, None] - column
        distances += difference.square_()
    distances[:, start:stop].fill_diagonal_(torch.inf)
    # A stable sort leaves equals in order of index; the point itself comes last.
    distances, order = distances.sort(dim=1, stable=True)
    distances, order = distances[:, : n - 1], order[:, : n - 1]
    within = distances <= distances[:, k_max - 1 : k_max]
    tied = torch.zeros_like(within)
    tied[:, 1:] = distances[:, 1:] == distances[:, :-1]
    return within.sum(1), order[within], tied[within], int((distances[:, 0] == 0).sum())
