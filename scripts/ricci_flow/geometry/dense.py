"""A growing graph as a matrix in torch, for a CUDA device."""

import numpy as np
import torch

from ricci_flow.graphs.neighbours import NeighbourLists

# Entries of the matrix of reached pairs held at once; 512 MB in half precision.
_BLOCK_ENTRIES = 2**28


class DenseGraph:
    """What `BitGraph` is, with integers equal to its, on a torch device (cpu, cuda).

    The adjacency takes 2 n^2 bytes (4 on a CPU, where torch is slow in half precision).
    """

    def __init__(self, lists: NeighbourLists, device: str) -> None:
        n = lists.n
        self.device = torch.device(device)
        kind = torch.float16 if self.device.type == "cuda" else torch.float32
        self.union = torch.zeros(n, n, dtype=kind, device=self.device)
        self.indices = torch.from_numpy(lists.indices.astype(np.int64)).to(self.device)
        self.in_degrees = np.zeros(n, dtype=np.int64)
        self.degrees = np.zeros(n, dtype=np.int64)

    def add(self, begins: np.ndarray, ends: np.ndarray) -> None:
        """Add the edges from every point i to indices[begins[i]:ends[i]]."""
        n, lengths = len(begins), ends - begins
        sources = np.repeat(np.arange(n), lengths)
        # Entries begins[0], begins[0] + 1, .. ends[0] - 1, begins[1], ...
        entries = np.arange(len(sources)) + np.repeat(
            begins - (lengths.cumsum() - lengths), lengths
        )
        i = torch.from_numpy(sources).to(self.device)
        j = self.indices[torch.from_numpy(entries).to(self.device)]
        self.union[i, j] = 1
        self.union[j, i] = 1
        self.in_degrees += torch.bincount(j, minlength=n).cpu().numpy()
        self.degrees = self.union.count_nonzero(dim=1).cpu().numpy()

    def hops(self) -> tuple[int, int, int]:
        """Return (sum over ordered pairs, components, longest finite hop distance).

        One matrix product a level: a point is within t + 1 hops of i if it is within t hops of
        one of its neighbours. Only whether a product is 0 counts, which no rounding changes: its
        terms are 0 and 1.
        """
        n = len(self.union)
        points = torch.arange(n, device=self.device)
        leads = torch.ones(n, dtype=torch.bool, device=self.device)  # first of their component
        total = longest = 0
        for sources in points.split(max(1, _BLOCK_ENTRIES // n)):
            itself = points[:, None] == sources
            reach = (self.union[:, sources] + itself) > 0
            reached = int(reach.sum())
            total += reached - len(sources)
            level = int(reached > len(sources))
            while reached < n * len(sources):
                reach |= (self.union @ reach.to(self.union.dtype)) > 0
                now = int(reach.sum())
                if now == reached:
                    break
                level += 1
                total += level * (now - reached)
                reached = now
            longest = max(longest, level)
            leads &= ~(reach & (sources < points[:, None])).any(1)
        return total, int(leads.sum()), longest
