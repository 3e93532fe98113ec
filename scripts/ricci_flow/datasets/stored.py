"""A made data set, as later stages read it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ricci_flow.datasets.precision import check_raw
from ricci_flow.datasets.scale import scale_features
from ricci_flow.storage import TensorFile, damaged, read_json


def read_data_set(
    tensors: Path,
    facts: Path,
    needed: Sequence[str] = ("scale", "unit"),
    parts: Sequence[str] = ("train", "test"),
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read datasets/D.safetensors and D.json, and check that they belong together.

    needed: facts that there must be; parts: those to read, train the first, maybe spare: test
    points that were not drawn. Returns the arrays X_train, y_train, X_test, y_test by name, and the
    facts. Raises InputError naming the file that is damaged, or of another data set than the other
    file.
    """
    known = read_json(facts, needed)
    with TensorFile(tensors) as file:
        arrays = {name: file[name] for part in parts for name in (f"X_{part}", f"y_{part}")}
    classes = len(known.get("classes", ("0", "1")))
    kind = np.float64 if arrays["X_train"].dtype == np.float64 else np.float32
    for part in parts:
        X, y = arrays[f"X_{part}"], arrays[f"y_{part}"]
        if X.ndim != 2 or X.shape[1] != arrays["X_train"].shape[1] or X.dtype != kind:
            raise damaged(tensors, f"X_{part} is {X.dtype} of shape {X.shape}")
        if y.shape != (len(X),) or y.dtype != np.uint8 or (y >= classes).any():
            raise damaged(tensors, f"y_{part} holds no labels of {len(X)} rows")
        if known.get(f"n_{part}", len(X)) != len(X):
            raise damaged(tensors, f"{len(X)} rows in X_{part}, {known[f'n_{part}']} in {facts}")
    if known.get("features", X.shape[1]) != X.shape[1]:
        raise damaged(tensors, f"{X.shape[1]} features, {known['features']} in {facts}")
    return arrays, known


def read_scaled(
    tensors: Path, facts: Path, scale: str, names: Sequence[str] = ("X_train", "X_test")
) -> dict[str, np.ndarray]:
    """Read a data set as networks see it: the arrays of `names` scaled, float32.

    scale: none, unit or standard, or catalogue for what the facts say. Raises InputError also where
    the scale leaves a column raw whose values float32 cannot tell apart.
    """
    spare = ("spare",) if "X_spare" in names else ()
    arrays, known = read_data_set(tensors, facts, parts=("train", "test", *spare))
    scale = known["scale"] if scale == "catalogue" else scale
    check_raw(known, scale)
    scaled = {
        name: scale_features(arrays[name], scale, known["unit"], arrays["X_train"])
        for name in names
    }
    return arrays | scaled
