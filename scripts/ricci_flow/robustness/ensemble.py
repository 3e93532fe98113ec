"""The table of variants of a whole ensemble."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from ricci_flow.datasets.scale import scale_features
from ricci_flow.robustness.network import FURTHER, NEEDS_WEIGHTS, Layer, Plan, network_rows
from ricci_flow.robustness.rescaling import Parameters
from ricci_flow.robustness.schema import ENSEMBLE, VARIANTS_SCHEMA
from ricci_flow.seeds import derive_generator
from ricci_flow.storage import TensorFile, read_json


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
    activation = ""
    if weights is not None:
        with TensorFile(weights) as file:
            activation = file.metadata.get("activation", "")
    plan = Plan(
        *(variants, fractions, draws, activation),
        lambda network, purpose, draw: derive_generator(seed_name, *names, network, purpose, draw),
    )
    # The same for all networks, and the widest of all layers.
    before = any(FURTHER.get(variant, (False,))[0] for variant in variants)
    entering: Layer = plan.measure(X) if before else {}
    needed = weights is not None and any(variant in NEEDS_WEIGHTS for variant in variants)
    rows = []
    with TensorFile(layers) as file:
        depth = len(file.names)
        available = min(networks, len(file["layer_1"]))
        for network in range(available):
            hidden = [
                file.rows(f"layer_{layer}", network, network + 1)[0]
                for layer in range(1, depth + 1)
            ]
            parameters = _parameters(weights, network) if weights and needed else None
            rows += network_rows(plan, network, hidden, X, parameters, entering)
            progress(f"network {network + 1} of {available} under {len(variants)} variants")
    filled = [{name: (labels | row).get(name) for name in VARIANTS_SCHEMA} for row in rows]
    return pl.DataFrame(filled, schema=VARIANTS_SCHEMA)


def read_points(data: Path, facts: Path, scale: str) -> np.ndarray:
    """Return the test points (n, d), scaled as for training, float32."""
    about = read_json(facts)
    scale = about["scale"] if scale == "catalogue" else scale
    with TensorFile(data) as file:
        X = file["X_test"]
        # Only z-scores look at the training points, which may be large.
        X_train = file["X_train"] if scale == "standard" else X
    return scale_features(X, scale, about["unit"], X_train)


def _parameters(weights: Path, network: int) -> Parameters:
    with TensorFile(weights) as file:
        return {
            name: file.rows(name, network, network + 1).astype(np.float64) for name in file.names
        }
