"""Writing of graphs neighbours.safetensors, one network and layer after the other."""

import json
from pathlib import Path
from types import TracebackType

import numpy as np

from ricci_flow.graphs.neighbours import NeighbourLists, index_type
from ricci_flow.storage import checksum


def lists_checksum(lists: NeighbourLists) -> str:
    """Return the CRC-32 of one network's lists, eight hexadecimal digits."""
    crc = checksum(lists.tied, checksum(lists.indices))
    return f"{checksum(lists.starts.astype('<i8'), crc):08x}"


class NeighbourWriter:
    """Writer of graphs neighbours.safetensors (schema: reports/guide/files.md); a context manager.

    A file of many networks is larger than memory, and safetensors' own writer takes whole tensors,
    so lists go to the file as they are found: space for the header and for all `starts` (their size
    is known beforehand), the neighbours, then the packed ties. The file appears under its name
    only once it is complete.
    """

    def __init__(self, path: Path, n: int, networks: int, layers: int, k_max: int) -> None:
        self.path, self.n, self.networks = path, n, networks
        facts = {"n": n, "networks": networks, "layers": layers, "k_max": k_max}
        self._facts = {key: str(value) for key, value in facts.items()}
        self._crc = [""] * layers  # of each layer's networks, one after the other
        self._lengths = [[0] for _ in range(layers)]  # entries of each network, from a 0 on
        self._starts: list[list[np.ndarray]] = [[] for _ in range(layers)]
        self._flags = np.empty(0, bool)  # of the layer being written, those that fill no byte yet
        self._packed: list[np.ndarray] = []  # of the same layer, all before
        self._tied: list[np.ndarray] = []  # of layers written, packed
        self._room = 8 * (128 + (64 + networks) * layers)  # bytes of the header, padded with blanks
        path.parent.mkdir(parents=True, exist_ok=True)
        # The same name every time, so that what a killed job left behind is replaced by the next.
        self._part = path.with_name(f".{path.name}.part")
        self._file = self._part.open("wb")
        self._file.seek(8 + self._room + layers * 8 * (networks * n + 1))

    def add(self, layer: int, lists: NeighbourLists) -> None:
        """Add the next network of a layer (1..L), in order of layer, then network."""
        lengths, starts = self._lengths[layer - 1], self._starts[layer - 1]
        self._file.write(lists.indices.data)
        self._crc[layer - 1] += lists_checksum(lists)
        flags = np.concatenate([self._flags, lists.tied])
        whole = len(flags) // 8 * 8
        self._packed.append(np.packbits(flags[:whole]))
        self._flags = flags[whole:].copy()
        starts.append(lists.starts[: self.n] + sum(lengths))
        lengths.append(len(lists.indices))
        if len(starts) == self.networks:
            starts.append(np.array([sum(lengths)]))
            self._tied.append(np.concatenate([*self._packed, np.packbits(self._flags)]))
            self._flags, self._packed = self._flags[:0], []

    def __enter__(self) -> "NeighbourWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            with self._file:  # closing fails, too, where the disk is full
                if kind is None:
                    self._finish()
            if kind is None:
                self._part.replace(self.path)
        finally:
            self._part.unlink(missing_ok=True)

    def _finish(self) -> None:
        for packed in self._tied:
            self._file.write(packed.data)
        self._file.seek(0)
        header = json.dumps(self._header()).encode().ljust(self._room)
        self._file.write(len(header).to_bytes(8, "little") + header)
        for starts in self._starts:
            self._file.write(np.concatenate(starts).astype("<i8").data)

    def _header(self) -> dict[str, dict[str, object]]:
        entry = np.dtype(index_type(self.n))
        totals = [sum(lengths) for lengths in self._lengths]
        columns = (
            ("starts", "I64", 8, [self.networks * self.n + 1] * len(totals)),
            ("neighbours", "U16" if entry.itemsize == 2 else "I32", entry.itemsize, totals),
            ("tied", "U8", 1, [len(packed) for packed in self._tied]),
        )
        checks = {f"crc32_{layer}": digits for layer, digits in enumerate(self._crc, 1)}
        header: dict[str, dict[str, object]] = {
            "__metadata__": {"facts": json.dumps(self._facts | checks, sort_keys=True)}
        }
        end = 0
        for name, kind, width, counts in columns:
            for layer, count in enumerate(counts, 1):
                begin, end = end, end + width * count
                header[f"{name}_{layer}"] = {
                    "dtype": kind,
                    "shape": [count],
                    "data_offsets": [begin, end],
                }
        return header
