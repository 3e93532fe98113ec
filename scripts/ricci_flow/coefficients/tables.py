"""The two tables of stage 6: one row per network and k, one row per cell and k."""

from dataclasses import asdict

import numpy as np
import polars as pl

from ricci_flow.coefficients.nulls import layer_nulls, layer_orders
from ricci_flow.coefficients.ricci import aggregate, eta_and_curvature, ricci_coefficient
from ricci_flow.errors import InputError
from ricci_flow.seeds import derive_generator
from ricci_flow.tables.coefficients import CELLS, NETWORKS
from ricci_flow.tables.keys import ENSEMBLE

# (network, measure, k) -> (geodesic mass, curvature), each (L,)
Profiles = dict[tuple[int, str, int], tuple[np.ndarray, np.ndarray]]


def layer_profiles(geometry: pl.DataFrame) -> Profiles:
    """Return each network's geodesic mass and curvature along its layers, mass nan where null."""
    profiles: Profiles = {}
    ordered = geometry.sort("network", "measure", "k", "layer")
    for key, rows in ordered.group_by(["network", "measure", "k"], maintain_order=True):
        mass = rows["geodesic_mass"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        network, measure, k = key
        profiles[(int(network), str(measure), int(k))] = (mass, rows["curvature"].to_numpy())
    return profiles


def _accuracies(networks: pl.DataFrame) -> dict[int, float]:
    return dict(zip(networks["network"], networks["test_accuracy"], strict=True))


def network_table(
    geometry: pl.DataFrame, networks: pl.DataFrame, threshold: float | None, seed_name: str
) -> pl.DataFrame:
    """Return coefficients networks.parquet of one ensemble.

    geometry: its layers.parquet; networks: its training networks.parquet. A network is kept
    where its test accuracy exceeds `threshold`, or always where that is None.
    """
    names = {name: networks[name][0] for name in ENSEMBLE}
    accuracy = _accuracies(networks)
    rows = []
    depth = int(geometry["layer"].max())  # type: ignore[arg-type]
    orders = layer_orders(depth, derive_generator(seed_name, *names.values(), "layer orders"))
    for (network, measure, k), (mass, curvature) in layer_profiles(geometry).items():
        if network not in accuracy:
            raise InputError(
                f"network {network} of {'/'.join(names.values())} has measures but no accuracy; "
                "delete its folder of measures and run again"
            )
        generator = derive_generator(seed_name, *names.values(), network, "permutation", measure, k)
        coefficient = ricci_coefficient(mass, curvature, generator)
        rows.append(
            names
            | {"network": network, "measure": measure, "k": k}
            | asdict(coefficient)
            | (asdict(layer_nulls(mass, curvature, orders)) if coefficient.rho is not None else {})
            | {
                "test_accuracy": accuracy[network],
                "kept": threshold is None or accuracy[network] > threshold,
            }
        )
    return NETWORKS.frame(rows)


def cell_table(
    geometry: pl.DataFrame, networks: pl.DataFrame, threshold: float | None
) -> pl.DataFrame:
    """Return coefficients cell.parquet of one ensemble: the aggregated coefficient and k*.

    At each k all kept networks that are connected at every layer are pooled; k* is the k with
    the most negative aggregated coefficient, the smaller one of equals, one per measure.
    """
    names = {name: networks[name][0] for name in ENSEMBLE}
    kept = {
        network
        for network, value in _accuracies(networks).items()
        if threshold is None or value > threshold
    }
    pooled: dict[tuple[str, int], list[tuple[np.ndarray, np.ndarray]]] = {}
    for (network, measure, k), (mass, curvature) in layer_profiles(geometry).items():
        pairs = pooled.setdefault((measure, k), [])
        if network in kept and not (np.isnan(mass) | np.isnan(curvature)).any():
            pairs.append(eta_and_curvature(mass, curvature))
    cells = {key: aggregate(pairs) for key, pairs in pooled.items()}
    star: dict[str, tuple[float, int]] = {}
    for (measure, k), cell in cells.items():
        if cell.rho is not None:
            star[measure] = min(star.get(measure, (np.inf, k)), (cell.rho, k))
    rows = [
        names
        | {
            "measure": measure,
            "k": k,
            "networks": len(networks),
            "kept": len(kept),
            "connected": len(pooled[measure, k]),
            "points": cell.points,
            "rho": cell.rho,
            "is_k_star": measure in star and star[measure][1] == k,
            "reason": cell.reason if kept else "no network is above the accuracy threshold",
        }
        for (measure, k), cell in sorted(cells.items())
    ]
    return CELLS.frame(rows)
