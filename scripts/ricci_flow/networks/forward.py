"""What the layers of an ensemble make of points.

Dense relu and linear networks in NumPy, since importing torch would cost more than it takes; all
others in torch, a network at a time.
"""

from collections.abc import Iterator, Mapping
from itertools import count

import numpy as np

from ricci_flow.errors import InputError
from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.layers.base import Shape

Parameters = Mapping[str, np.ndarray]


def forward_layers(parameters: Parameters, X: np.ndarray, activation: str) -> dict[str, np.ndarray]:
    """Return `layer_1 .. layer_L`, each (S, n, width): X after each hidden layer of dense networks.

    As `forward`, without the logits.
    """
    *hidden, _ = forward(parameters, X, activation)
    return {f"layer_{layer}": values for layer, values in enumerate(hidden, 1)}


def forward(parameters: Parameters, X: np.ndarray, activation: str) -> Iterator[np.ndarray]:
    """Yield X after each layer of dense networks, (S, n, width); at last their logits.

    `parameters` W1.. (S, fan_in, fan_out) and b1.. (S, fan_out); `X` (n, d), scaled as for
    training. A layer is activation(x W + b), the last one without the activation, in the type that
    parameters and X have. `activation` relu or linear.

    Raises InputError where the activation is unknown or a matrix does not fit what enters it.
    """
    if activation not in ("relu", "linear"):
        raise InputError(f"weights: activation is {activation!r}; it must be relu or linear")
    entering = X[None]
    for layer in count(1):
        W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
        if W.shape[1] != entering.shape[2]:
            raise InputError(
                f"weights: W{layer} takes {W.shape[1]} values per point, but there are "
                f"{entering.shape[2]}; were they trained on this data set?"
            )
        leaving = np.matmul(entering, W)
        leaving += b[:, None, :]
        last = f"W{layer + 1}" not in parameters
        if activation == "relu" and not last:
            np.maximum(leaving, 0, out=leaving)
        yield leaving
        if last:
            return
        entering = leaving


def in_numpy(architecture: Architecture) -> bool:
    """Return whether networks of an architecture are dense relu or linear ones, for `forward`."""
    return architecture.widths is not None and architecture.activation in ("relu", "linear")


def hidden_layers(
    architecture: Architecture, parameters: Parameters, X: np.ndarray, inputs: Shape, outputs: int
) -> dict[str, np.ndarray]:
    """Return `layer_1 .. layer_L`, each (S, n, width) float32: X after each layer that is measured.

    `X` (n, features) float32, scaled as for training; inputs, outputs: as of
    `Architecture.build`. Images are flattened, channels outermost.
    """
    if in_numpy(architecture):
        return forward_layers(parameters, X, architecture.activation)
    from ricci_flow.networks.recording import load_networks, record

    recorded = [
        record(network, X, architecture.places, _at_once(architecture, X))
        for network in load_networks(architecture, parameters, inputs, outputs)
    ]
    return {
        f"layer_{layer}": np.stack([values[place].reshape(len(X), -1) for values in recorded])
        for layer, place in enumerate(architecture.places, 1)
    }


def logits(
    architecture: Architecture, parameters: Parameters, X: np.ndarray, inputs: Shape, outputs: int
) -> Iterator[np.ndarray]:
    """Yield the logits of each network, (n, outputs) float64; arguments as of `hidden_layers`."""
    if in_numpy(architecture):
        for s in range(len(parameters["W1"])):
            one = {name: stack[s : s + 1].astype(np.float64) for name, stack in parameters.items()}
            *_, last = forward(one, X.astype(np.float64), architecture.activation)
            yield last[0]
        return
    from ricci_flow.networks.recording import load_networks, record

    for network in load_networks(architecture, parameters, inputs, outputs):
        size = _at_once(architecture, X)
        yield record(network.double(), X.astype(np.float64), [""], size)[""]


def _at_once(architecture: Architecture, X: np.ndarray) -> int:
    """Return how many of the points X go through a network at a time."""
    from ricci_flow.networks.recording import BATCH

    return len(X) if architecture.together else BATCH
