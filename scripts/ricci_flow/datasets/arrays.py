"""Arrays in safetensors files, mapped; and the order of names with numbers in them."""

import json
import re
from pathlib import Path

import numpy as np

# Numbers as safetensors has them.
TYPES = {
    **{"F16": "<f2", "F32": "<f4", "F64": "<f8", "BOOL": "?", "U8": "u1", "I8": "i1"},
    **{"U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8", "I64": "<i8"},
}


def natural(path: Path | str) -> list[tuple[int, str]]:
    """Return what sorts names by the numbers in them: layer_2 before layer_10."""
    parts = re.findall(r"\d+|\D+", path.name if isinstance(path, Path) else path)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def map_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a safetensors file, mapped: read from the disk where they are used.

    In the order that `layer_file` gave them; of another writer in order of their names.
    Raises ValueError where it is no such file.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not 2 <= size <= path.stat().st_size - 8:
            raise ValueError("no safetensors file, or a truncated one")
        header = json.loads(file.read(size))
    facts = json.loads(header.pop("__metadata__", {}).get("facts", "{}"))
    found: dict[str, np.ndarray] = {}
    for name in facts.get("layers", sorted(header, key=natural)):
        entry = header[name]
        if entry["dtype"] not in TYPES:
            raise ValueError(f"{name} holds {entry['dtype']}")
        found[name] = np.memmap(
            path, TYPES[entry["dtype"]], "r", 8 + size + entry["data_offsets"][0],
            tuple(entry["shape"]),
        )  # fmt: skip
    return found
