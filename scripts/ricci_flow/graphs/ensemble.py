"""Neighbour lists of a whole ensemble, and the file that holds them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ricci_flow.errors import InputError
from ricci_flow.graphs.grid import resolve_grid
from ricci_flow.graphs.neighbours import NeighbourLists, nearest_neighbours
from ricci_flow.storage import TensorFile, write_table, write_tensors

Lists = dict[int, list[NeighbourLists]]  # layer -> one a network

TIES_SCHEMA = {
    "data_set": pl.String,
    "architecture": pl.String,
    "condition": pl.String,
    "network": pl.Int32,
    "layer": pl.Int32,
    "k_max": pl.Int32,
    "dead_units": pl.Int32,
    "duplicate_points": pl.Int32,
    "tied_points": pl.Int32,
    "extra_neighbours": pl.Int64,
}


def find_neighbours(
    layers: Path,
    grid: Sequence[int] | None,
    fractions: Sequence[float] | None,
    names: Sequence[str],
    progress: Callable[[str], None],
) -> tuple[Lists, pl.DataFrame]:
    """Search every network and layer of activations layers.safetensors.

    grid or fractions: the k, or their shares of the points; only the largest counts. names: data
    set, architecture, condition. Returns the lists and the table of ties.
    Raises InputError where a k is not below the number of points.
    """
    lists: Lists = {}
    rows: list[tuple[object, ...]] = []
    with TensorFile(layers) as file:
        depth = len(file.names)
        for layer in range(1, depth + 1):
            activations = file[f"layer_{layer}"]
            networks, n, _ = activations.shape
            k_max = resolve_grid(grid, fractions, n)[-1]
            lists[layer] = []
            for network in range(networks):
                found = nearest_neighbours(activations[network], k_max)
                lists[layer].append(found)
                rows.append((*names, network, layer, *_ties(activations[network], found)))
            progress(f"layer {layer} of {depth} searched, {networks} networks, k_max {k_max}")
    return lists, pl.DataFrame(rows, schema=TIES_SCHEMA, orient="row").sort("network", "layer")


def _ties(activations: np.ndarray, found: NeighbourLists) -> tuple[int, int, int, int, int]:
    """Return k_max, dead units, duplicate points, tied points, extra neighbours."""
    excess = np.diff(found.starts) - found.k_max
    dead = int((activations == 0).all(axis=0).sum())
    return found.k_max, dead, found.duplicates, int((excess > 0).sum()), int(excess.sum())


def write_graphs(neighbours: Path, ties_path: Path, lists: Lists, ties: pl.DataFrame) -> None:
    """Write graphs neighbours.safetensors and ties.parquet (schema: workflow/README.md)."""
    tensors: dict[str, np.ndarray] = {}
    for layer, members in lists.items():
        offsets = np.cumsum([0, *(len(member.indices) for member in members)])
        tensors[f"neighbours_{layer}"] = np.concatenate([member.indices for member in members])
        tensors[f"tied_{layer}"] = np.packbits(np.concatenate([member.tied for member in members]))
        tensors[f"starts_{layer}"] = np.concatenate(
            [
                *(m.starts[:-1] + offset for m, offset in zip(members, offsets, strict=False)),
                offsets[-1:],
            ]
        ).astype(np.int64)
    first = lists[1][0]
    metadata = {
        "n": first.n,
        "networks": len(lists[1]),
        "layers": len(lists),
        "k_max": first.k_max,
    }
    write_tensors(neighbours, tensors, {key: str(value) for key, value in metadata.items()})
    write_table(ties_path, ties)


@dataclass(frozen=True)
class GraphFile:
    """An open graphs neighbours.safetensors: n points, S networks, L layers, largest k."""

    file: TensorFile
    n: int
    networks: int
    layers: int
    k_max: int

    def layer(self, layer: int) -> list[NeighbourLists]:
        """Return the neighbour lists of one layer (1..L), one a network."""
        starts = self.file[f"starts_{layer}"]
        indices = self.file[f"neighbours_{layer}"]
        tied = np.unpackbits(self.file[f"tied_{layer}"], count=len(indices)).view(bool)
        members = []
        for network in range(self.networks):
            rows = starts[network * self.n : (network + 1) * self.n + 1]
            part = slice(rows[0], rows[-1])
            members.append(
                # The duplicates were counted when the lists were made: see ties.parquet.
                NeighbourLists(rows - rows[0], indices[part], tied[part], self.k_max, -1)
            )
        return members


@contextmanager
def open_graphs(path: Path) -> Iterator[GraphFile]:
    """Open graphs neighbours.safetensors; raises InputError where it is damaged."""
    with TensorFile(path) as file:
        try:
            facts = [int(file.metadata[name]) for name in ("n", "networks", "layers", "k_max")]
        except (KeyError, ValueError):
            raise InputError(f"{path}: lacks its metadata; delete it and run again") from None
        yield GraphFile(file, *facts)
