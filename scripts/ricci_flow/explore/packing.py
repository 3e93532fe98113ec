"""Facts and arrays as text in a page, to be unpacked by the browser."""

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

# What the page's script knows.
TYPES = {"uint8": "u1", "int16": "<i2"}


def pack(facts: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None) -> str:
    """Return facts and arrays as base64 of gzip; the same gives the same text.

    Inside are the length of a JSON text (uint32, little endian), the text, and the arrays, each
    from a multiple of four bytes on. Its key `arrays` says type, shape and place of each. Raises
    ValueError where a number of the facts is not finite.
    """
    places: dict[str, Any] = {}
    content = b""
    for name, array in (arrays or {}).items():
        places[name] = {"type": str(array.dtype), "shape": array.shape, "at": len(content)}
        content += _padded(array.astype(TYPES[str(array.dtype)]).tobytes())
    head = json.dumps({**facts, "arrays": places}, ensure_ascii=True, allow_nan=False).encode()
    head = _padded(head, b" ")
    whole = len(head).to_bytes(4, "little") + head + content
    return base64.b64encode(gzip.compress(whole, 9, mtime=0)).decode()


def _padded(content: bytes, filler: bytes = b"\0") -> bytes:
    return content + filler * (-len(content) % 4)


def quantise(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return values in low..high as uint8 from 0 to 254; 255 where there is none (nan)."""
    steps = (values - low) * (254 / (high - low or 1.0))
    return np.where(np.isnan(values), 255, np.rint(np.nan_to_num(steps))).astype(np.uint8)


def whole_numbers(values: np.ndarray, largest: float) -> np.ndarray:
    """Return values in -largest..largest as int16 from -32767 to 32767."""
    return np.rint(values * (32767 / (largest or 1.0))).astype(np.int16)
