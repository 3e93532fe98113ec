"""The forward pass in NumPy: importing torch would cost more than the arithmetic."""

from collections.abc import Mapping

import numpy as np

from ricci_flow.errors import InputError


def forward_layers(
    parameters: Mapping[str, np.ndarray], X: np.ndarray, activation: str
) -> dict[str, np.ndarray]:
    """Return `layer_1 .. layer_L`, each (S, n, width) float32: X after each hidden layer.

    `parameters` W1.. (S, fan_in, fan_out) and b1.. (S, fan_out) of all L + 1 layers; the output
    layer is left out. `X` (n, d) float32, scaled as for training. A layer is
    activation(x @ W + b), all in float32; `activation` relu or linear.

    Raises InputError where the activation is unknown or a matrix does not fit what enters it.
    """
    if activation not in ("relu", "linear"):
        raise InputError(f"weights: activation is {activation!r}; it must be relu or linear")
    depth = sum(name.startswith("W") for name in parameters) - 1
    layers: dict[str, np.ndarray] = {}
    entering = X[None].astype(np.float32, copy=False)
    for layer in range(1, depth + 1):
        W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
        if W.shape[1] != entering.shape[2]:
            raise InputError(
                f"weights: W{layer} takes {W.shape[1]} values a point, but there are "
                f"{entering.shape[2]}; were they trained on this data set?"
            )
        leaving = np.matmul(entering, W)
        leaving += b[:, None, :]
        if activation == "relu":
            np.maximum(leaving, 0, out=leaving)
        layers[f"layer_{layer}"] = entering = leaving
    return layers
