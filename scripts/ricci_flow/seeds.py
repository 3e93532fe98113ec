"""Random streams named after what they are drawn for."""

import hashlib

import numpy as np

# Names that streams keep from earlier versions, so that what was drawn is drawn again.
_STREAM_NAMES = {"forman_directed": "directed", "forman_union": "union"}


def derive_seed(*names: str | int) -> int:
    """Return a seed in [0, 2**63) that depends on the names alone.

    The names (study, data set, architecture, network, purpose, ...) are joined by "/" and hashed
    with SHA-256, so a network's seed does not depend on how many others are drawn, nor on the
    order in which they are drawn. 63 bits, so that tables can hold it as a signed integer.
    """
    key = "/".join(_STREAM_NAMES.get(str(name), str(name)) for name in names)
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") >> 1


def derive_generator(*names: str | int) -> np.random.Generator:
    """Return NumPy's default generator (PCG64) seeded by `derive_seed(*names)`."""
    return np.random.default_rng(derive_seed(*names))
