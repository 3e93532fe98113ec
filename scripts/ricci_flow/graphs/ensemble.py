"""Neighbour lists of a whole ensemble, and the file that holds them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ricci_flow.disk import naming
from ricci_flow.errors import InputError
from ricci_flow.graphs.grid import resolve_grid
from ricci_flow.graphs.neighbours import NeighbourLists, nearest_neighbours
from ricci_flow.graphs.writing import NeighbourWriter, lists_checksum
from ricci_flow.storage import TensorFile, damaged
from ricci_flow.tables.graphs import TIES


def build_graphs(
    layers: Path,
    neighbours: Path,
    grid: Sequence[int] | None,
    fractions: Sequence[float] | None,
    names: Sequence[str],
    progress: Callable[[str], None],
) -> pl.DataFrame:
    """Search every network and layer of activations layers.safetensors; return the table of ties.

    neighbours: the lists are written there as they are found, so memory holds one layer's
    activations and one network's lists. grid or fractions: the k, or their shares of the points;
    only the largest counts. names: data set, architecture, condition.
    Raises InputError where a k is not below the number of points, the layers do not fit each
    other, or an activation is not finite.
    """
    rows: list[tuple[object, ...]] = []
    with TensorFile(layers) as file, ExitStack() as stack:
        depth, networks, n = len(file.names), 0, 0
        if depth == 0:
            raise damaged(layers, "it holds no layers")
        for layer in range(1, depth + 1):
            activations = file[f"layer_{layer}"]
            if activations.ndim != 3 or (rows and activations.shape[:2] != (networks, n)):
                raise damaged(layers, f"layer_{layer} has shape {activations.shape}")
            networks, n = activations.shape[:2]
            broken = np.flatnonzero(~np.isfinite(activations).all(axis=(1, 2)))
            if broken.size:
                raise InputError(
                    f"{layers}: layer {layer} of network {broken[0]} is not finite, its training "
                    "diverged; lower training.learning_rate or scale the features"
                )
            if layer == 1:
                k_max = resolve_grid(grid, fractions, n)[-1]
                stack.enter_context(naming(neighbours))
                writer = stack.enter_context(NeighbourWriter(neighbours, n, networks, depth, k_max))
            for network in range(networks):
                found = nearest_neighbours(activations[network], k_max)
                writer.add(layer, found)
                rows.append((*names, network, layer, *_ties(activations[network], found)))
            progress(f"layer {layer} of {depth} searched, {networks} networks, k_max {k_max}")
    return pl.DataFrame(rows, schema=TIES.schema, orient="row").sort("network", "layer")


def _ties(activations: np.ndarray, found: NeighbourLists) -> tuple[int, int, int, int, int]:
    """Return k_max, dead units, duplicate points, tied points, extra neighbours."""
    excess = np.diff(found.starts) - found.k_max
    dead = int((activations == 0).all(axis=0).sum())
    return found.k_max, dead, found.duplicates, int((excess > 0).sum()), int(excess.sum())


@dataclass(frozen=True)
class GraphFile:
    """An open graphs neighbours.safetensors: n points, S networks, L layers, largest k."""

    file: TensorFile
    n: int
    networks: int
    layers: int
    k_max: int

    def lists(self, layer: int, network: int) -> NeighbourLists:
        """Return the neighbour lists of one layer (1..L) and network; no others are read.

        Raises InputError where they do not match their checksum or are no lists of n points.
        """
        first = network * self.n
        starts = self.file.rows(f"starts_{layer}", first, first + self.n + 1)
        begin, end = int(starts[0]), int(starts[-1])
        indices = self.file.rows(f"neighbours_{layer}", begin, end)
        octets = self.file.rows(f"tied_{layer}", begin // 8, (end + 7) // 8)
        tied = np.unpackbits(octets)[begin % 8 :][: end - begin].view(bool)
        # The duplicates were counted when the lists were made: see ties.parquet.
        lists = NeighbourLists(starts - begin, indices, tied, self.k_max, -1)
        what = f"layer {layer}, network {network}"
        if (np.diff(lists.starts) < self.k_max).any() or (indices >= self.n).any():
            raise damaged(self.file.path, f"{what}: no neighbour lists of {self.n} points")
        crc = self.file.metadata.get(f"crc32_{layer}", "")[8 * network : 8 * network + 8]
        if crc and crc != lists_checksum(lists):
            raise damaged(self.file.path, f"{what} does not match its checksum")
        return lists


@contextmanager
def open_graphs(path: Path) -> Iterator[GraphFile]:
    """Open graphs neighbours.safetensors; raises InputError where it is damaged."""
    with TensorFile(path) as file:
        try:
            facts = [int(file.metadata[name]) for name in ("n", "networks", "layers", "k_max")]
        except (KeyError, ValueError):
            raise damaged(path, "it lacks its metadata") from None
        graphs = GraphFile(file, *facts)
        checks = [file.metadata.get(f"crc32_{layer}") for layer in range(1, graphs.layers + 1)]
        if any(checks) and (
            any(len(digits or "") != 8 * graphs.networks for digits in checks)
            or 3 * graphs.layers != len(file.names)
        ):
            raise damaged(path, "its metadata do not fit its lists")
        yield graphs
