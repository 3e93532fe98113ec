"""The tables of variants and of policies of a whole ensemble."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from ricci_flow.datasets.stored import read_scaled
from ricci_flow.errors import InputError
from ricci_flow.networks.weights import is_dense, read_weights
from ricci_flow.robustness.kept import fallen_apart, policies_of, read_kept
from ricci_flow.robustness.network import FURTHER, NO_WEIGHTS, NOT_DENSE, Layer, Plan, network_rows
from ricci_flow.robustness.policies import policy_rows
from ricci_flow.robustness.schema import ENSEMBLE, POLICIES_SCHEMA, VARIANTS_SCHEMA
from ricci_flow.seeds import derive_generator
from ricci_flow.storage import TensorFile, damaged


def measure_ensemble(
    data: Path,
    facts: Path,
    layers: Path,
    weights: Path | None,
    variants: Sequence[str],
    fractions: Sequence[float],
    networks: int,
    draws: int,
    scale: str,
    names: Sequence[str],
    seed_name: str,
    progress: Callable[[str], None],
) -> pl.DataFrame:
    """Return robustness variants.parquet of the first networks of one ensemble.

    data, facts: the data set; layers: activations layers.safetensors; weights: training
    weights.safetensors, None for a condition without networks; scale: none, unit, standard, or
    catalogue, as the facts say; names: data set, architecture, condition. Other arguments: `Plan`.
    """
    labels = dict(zip(ENSEMBLE, names, strict=True))
    X = read_points(data, facts, scale)
    parameters: dict[str, np.ndarray] = {}
    activation, reason = "", NO_WEIGHTS
    if weights and is_dense(weights):
        parameters, activation = read_weights(weights, X.shape[1])
    elif weights:
        reason = NOT_DENSE
    plan = Plan(
        *(variants, fractions, draws, activation),
        lambda network, purpose, draw: derive_generator(seed_name, *names, network, purpose, draw),
        reason,
    )
    # The same for all networks, and the widest of all layers.
    before = any(FURTHER.get(variant, (False,))[0] for variant in variants)
    entering: Layer = plan.measure(X) if before else {}
    rows = []
    first = read_layers(layers, slice(networks), len(X))
    for network in range(len(first[0])):
        own = {
            name: value[network : network + 1].astype(np.float64)
            for name, value in parameters.items()
        }
        hidden = [layer[network] for layer in first]
        rows += network_rows(plan, network, hidden, X, own or None, entering)
        progress(f"network {network + 1} of {len(first[0])} under {len(variants)} variants")
    filled = [{name: (labels | row).get(name) for name in VARIANTS_SCHEMA} for row in rows]
    return pl.DataFrame(filled, schema=VARIANTS_SCHEMA)


def measure_policies(
    layers: Path,
    networks: Path,
    cell: Path,
    variants: Sequence[str],
    names: Sequence[str],
    progress: Callable[[str], None],
) -> pl.DataFrame:
    """Return robustness policies.parquet of one ensemble, empty where no network is concerned.

    layers: activations layers.safetensors; networks, cell: coefficients networks.parquet and
    cell.parquet; variants: of these the policies; names: data set, architecture, condition.
    """
    policies = policies_of(variants)
    apart = fallen_apart(read_kept(networks, cell, names))
    numbers = apart["network"].unique().sort().to_list() if policies else []
    if not numbers:
        return pl.DataFrame(schema=POLICIES_SCHEMA)
    hidden = read_layers(layers, numbers)
    rows = []
    for place, number in enumerate(numbers):
        own = apart.filter(network=number).rows(named=True)
        rows += policy_rows(own, [layer[place] for layer in hidden], policies, networks)
        progress(f"network {number} at k* under {len(policies)} policies")
    return pl.DataFrame(rows, schema=POLICIES_SCHEMA)


def read_points(data: Path, facts: Path, scale: str) -> np.ndarray:
    """Return the test points (n, d), scaled as for training, float32."""
    return read_scaled(data, facts, scale, ("X_test",))["X_test"]


def read_layers(
    path: Path, networks: slice | Sequence[int], n: int | None = None
) -> list[np.ndarray]:
    """Return (networks, n, width) of layers 1..L, for a slice of all networks or some of them.

    n: the points there must be; as many as in the first layer where None. Raises InputError where
    a layer is damaged, is not of n points or lacks a network, or is not finite.
    """
    layers: list[np.ndarray] = []
    with TensorFile(path) as file:
        for number in range(1, len(file.names) + 1):
            whole = file[f"layer_{number}"]
            if not isinstance(networks, slice) and max(networks) >= len(whole):
                raise damaged(path, f"layer_{number} has no network {max(networks)}")
            layer = whole[networks].copy()  # the others are let go
            n = layer.shape[1] if n is None and layer.ndim == 3 else n
            if layer.ndim != 3 or layer.shape[1] != n or len(layer) != len((*layers, layer)[0]):
                raise damaged(path, f"layer_{number} has shape {layer.shape}, for {n} points")
            if not np.isfinite(layer).all():
                raise InputError(
                    f"{path}: layer {number} is not finite, a training went astray; lower "
                    "training.learning_rate or scale the features"
                )
            layers.append(layer)
    if not layers:
        raise damaged(path, "it holds no layers")
    return layers
