"""Rescaled units: other weights and other layers, the same function.

A ReLU (and a linear) unit multiplied by c > 0 after its activation is the same as its incoming
weights and its bias multiplied by c. Divide its outgoing weights by c, and the network computes
what it did. The cloud of its layer is stretched along one axis, and with it every neighbour graph.
"""

import numpy as np

# Largest factor; factors are log-uniform between its inverse and itself.
LARGEST = 4.0
# Rounding of float64 through a dozen layers stays orders below, a wrong factor orders above.
_TOLERANCE = 1e-9

# One network's W1 (1, fan_in, fan_out) .. and b1 (1, fan_out) .., float64, for `forward_layers`.
Parameters = dict[str, np.ndarray]


def rescale(parameters: Parameters, generator: np.random.Generator) -> Parameters:
    """Return the parameters with every hidden unit rescaled by a factor of its own."""
    depth = sum(name.startswith("W") for name in parameters)
    scaled = dict(parameters)
    for layer in range(1, depth):
        width = parameters[f"W{layer}"].shape[2]
        factors = np.exp(generator.uniform(-np.log(LARGEST), np.log(LARGEST), width))
        scaled[f"W{layer}"] = scaled[f"W{layer}"] * factors
        scaled[f"b{layer}"] = scaled[f"b{layer}"] * factors
        scaled[f"W{layer + 1}"] = scaled[f"W{layer + 1}"] / factors[:, None]
    return scaled


def logits(parameters: Parameters, last_layer: np.ndarray) -> np.ndarray:
    """Return the logits (n, outputs) of one network from its last hidden layer (n, width)."""
    last = sum(name.startswith("W") for name in parameters)
    return last_layer @ parameters[f"W{last}"][0] + parameters[f"b{last}"][0]


def output_layer(values: np.ndarray) -> np.ndarray:
    """Return what the output layer makes of logits (n, outputs): probabilities of that shape.

    The sigmoid of a single logit, which is that of the second of two classes; else the softmax.
    """
    if values.shape[1] == 1:
        return sigmoid(values)
    powers = np.exp(values.astype(np.float64) - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def sigmoid(values: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x)) in float64, without overflow; 1 exactly from some 37 on."""
    small = np.exp(-np.abs(values.astype(np.float64)))
    return np.where(values >= 0, 1.0, small) / (1.0 + small)


def deviation(expected: np.ndarray, found: np.ndarray) -> float:
    """Return the largest difference of logits, as a share of the largest logit (at least 1).

    Raises RuntimeError where it is more than rounding: the function was not preserved.
    """
    worst = float(np.abs(found - expected).max() / max(1.0, np.abs(expected).max()))
    if not worst <= _TOLERANCE:
        raise RuntimeError(f"rescaling changed the logits by {worst:.1e} of the largest")
    return worst
