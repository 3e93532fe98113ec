"""A checksum of what a data set holds, whatever the order of its rows."""

import hashlib

import numpy as np

from ricci_flow.datasets.cloud import Cloud
from ricci_flow.datasets.request import Request
from ricci_flow.errors import InputError


def content_sha256(cloud: Cloud) -> str:
    """Return the SHA-256 of the kept rows, in hexadecimal.

    For the training part, then the test part: the SHA-256 of every row's bytes (its features as
    little-endian float32, or float64 where they are kept so, then y as one byte), these 32-byte
    digests sorted, and all of them joined behind the text "train" or "test". Copies of a source
    that order its rows differently therefore agree; one changed pixel, label or a row on the other
    side of the split does not.
    """
    total = hashlib.sha256()
    for name, part in (("train", cloud.train), ("test", cloud.test)):
        X = np.ascontiguousarray(part.X, dtype=part.X.dtype.newbyteorder("<"))
        y = part.y.astype(np.uint8)
        rows = sorted(
            hashlib.sha256(X[row].tobytes() + y[row].tobytes()).digest() for row in range(len(y))
        )
        total.update(name.encode() + b"".join(rows))
    return total.hexdigest()


def check_sha256(actual: str, request: Request, pinned: str | None) -> None:
    """Raise InputError where the entry pins another checksum than `actual`."""
    if pinned is not None and actual != pinned.lower():
        raise InputError(
            f"{request.where}: the data have sha256 {actual}, not {pinned} as key 'sha256' "
            "says; fetch them again, or remove the key if the new data are meant"
        )
