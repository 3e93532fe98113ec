"""Networks whose units are means over the units before them: steps, and features before training.

Source: Fang, Lee, Yang and Zhang 2021 (COLT, PMLR 134, 1887; arXiv 2007.01452). A unit of a layer
is activation((1/n) sum over the n units h_i before of v_i h_i + b), the v of the same size however
large n is. That of the first layer sums the features of a point, of which there is one number. With
n units before and m units in a layer, its gradients are of the size 1 / (n m), 1 / m in the first
layer, 1 / n in the output, and steps are multiplied by the inverse: then training has a limit.

Everywhere else weights are W = v / n, so that a layer is activation(x W + b) as any other. The
gradient in W is n times that in v, and W moves by 1 / n of v: a step of v times n m is one of W
times m / n.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ricci_flow.errors import InputError
from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.layers.base import Features, Independent
from ricci_flow.networks.recipe import SGD, Recipe

if TYPE_CHECKING:
    from torch import Tensor, nn


def check_mean_field(architecture: Architecture, recipe: Recipe) -> None:
    """Check that a recipe of mean-field networks fits itself and the architecture.

    Raises InputError.
    """
    mean_field = recipe.parametrisation == "mean_field"
    drawn = isinstance(recipe.initialisation, Independent | Features)
    key = "parametrisation: mean_field"
    if not mean_field and drawn:
        key = f"initialisation: {recipe.initialisation.name}"  # type: ignore[union-attr]
    if (mean_field or drawn) and not architecture.widths:
        raise InputError(f"training: {key} is for dense layers alone; change it or the layers")
    if mean_field and not (
        isinstance(recipe.optimiser, SGD) and recipe.optimiser.weight_decay == 0
    ):
        raise InputError(f"training: {key} needs optimiser: sgd, without weight_decay; change it")
    if mean_field and recipe.trainer not in ("auto", "torch"):
        raise InputError(f"training: {key} needs trainer: torch, not {recipe.trainer}; change it")


def step_shares(weights: "Mapping[str, Tensor]") -> dict[str, float]:
    """Return what the learning rate of W and b is multiplied by, by name: m / n and m.

    weights: of dense layers from the first to the output, by the names of torch's state dict, a
    matrix (networks, m, n) before its bias (networks, m).
    """
    matrices = [name for name in weights if name.endswith(".weight")]
    shares = {}
    for place, name in enumerate(matrices):
        _, units, before = weights[name].shape
        m = 1 if place == len(matrices) - 1 else units
        shares[name] = m / (before if place else 1)
        shares[name.removesuffix("weight") + "bias"] = float(m)
    return shares


def reach_features(network: "nn.Sequential", X: np.ndarray) -> None:
    """Give the hidden layers after the first the least weights with the same features on X.

    network: dense layers and the output, in place; X: (n, features) points. Of all weights that
    give every unit the values on X that it has, those of least norm are taken. Where points say all
    of the weights, as of n units or fewer before, they stay as they are.
    """
    import torch

    first, *middle, _ = network.children()
    with torch.no_grad():
        H = first(torch.from_numpy(X))
        for layer in middle:
            weight, entering = layer.get_parameter("linear.weight"), H.double()
            reached = torch.linalg.pinv(entering) @ (entering @ weight.T.double())
            weight.copy_(reached.T)
            H = layer(H)
