"""The weights of an ensemble, as later stages read them."""

import re
from pathlib import Path
from typing import get_args

import numpy as np

from ricci_flow.networks.layers.base import Activation
from ricci_flow.storage import TensorFile, damaged
from ricci_flow.tables.keys import CheckpointUnit


def read_weights(path: Path, features: int, part: str = "") -> tuple[dict[str, np.ndarray], str]:
    """Read training weights.safetensors: the parameters W1.., b1.. and the activation's name.

    features: of the data set; part: of the file, as of `TensorFile`. Raises InputError naming the
    file where it is damaged, a matrix does not fit the one before it, or the first does not fit the
    features.
    """
    with TensorFile(path, part) as file:
        parameters = {name: file[name] for name in file.names}
        activation = file.metadata.get("activation", "")
    if activation not in get_args(Activation):
        raise damaged(path, f"its activation is {activation!r}, none that is known")
    layers = sum(name.startswith("W") for name in parameters)
    if layers == 0 or len(parameters) != 2 * layers:
        raise damaged(path, "it holds no networks")
    networks, entering = parameters[min(parameters)].shape[:1], features
    for layer in range(1, layers + 1):
        W, b = parameters.get(f"W{layer}"), parameters.get(f"b{layer}")
        if W is None or b is None:
            raise damaged(path, f"it lacks W{layer} or b{layer}")
        if W.ndim != 3 or W.shape[:1] != networks or b.shape != (W.shape[0], W.shape[2]):
            raise damaged(path, f"W{layer} has shape {W.shape}, b{layer} {b.shape}")
        if W.shape[1] != entering:
            raise damaged(
                path,
                f"W{layer} takes {W.shape[1]} values per point, but there are {entering}; were "
                "they trained on this data set?",
            )
        entering = W.shape[2]
    return parameters, activation


def read_output(
    path: Path, layers: int, width: int, part: str = ""
) -> dict[str, np.ndarray] | None:
    """Read what the output layer makes of the last hidden layer, of networks that torch trained.

    As W1 (networks, width, outputs) and b1 (networks, outputs). layers, width: hidden layers that
    were recorded, and the width of the last one. None where there may be a layer between this one
    and the output: where the file has more layers than were recorded, or no such output.
    """
    with TensorFile(path, part) as file:
        if "W1" in file.names:
            W, b = (file[f"{kind}{layers + 1}"] for kind in "Wb")
            return {"W1": W, "b1": b}
        numbers = [int(n[1]) for name in file.names if (n := re.match(r"layer_(\d+)\.", name))]
        if "output.linear.weight" not in file.names or max(numbers, default=layers + 1) > layers:
            return None
        W, b = file["output.linear.weight"].swapaxes(1, 2), file["output.linear.bias"]
    return {"W1": W, "b1": b} if W.shape[1] == width else None


def part_of(checkpoint: int, unit: CheckpointUnit = "epochs") -> str:
    """Return what the names of the arrays of a checkpoint begin with, in a file of several."""
    return f"{unit.removesuffix('s')}_{checkpoint}/"


def is_dense(path: Path, part: str = "") -> bool:
    """Return whether weights are those of dense relu or linear networks, for `read_weights`.

    Only of these a unit can be rescaled without a change of the function.
    """
    with TensorFile(path, part) as file:
        named = all(name[:1] in "Wb" and name[1:].isdigit() for name in file.names)
        return named and file.metadata.get("activation") in ("relu", "linear", "", None)
