"""Geodesic mass and curvature along the layers of every network, under every policy and layers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.coefficients.depth import too_few
from ricci_flow.coefficients.nulls import layer_orders, of_orders
from ricci_flow.coefficients.pearson import pearson
from ricci_flow.multiverse.choices import Multiverse, kind_of
from ricci_flow.seeds import derive_generator
from ricci_flow.tables.keys import ENSEMBLE
from ricci_flow.tables.multiverse import SERIES

# (layer, connected, partition, geodesic mass, curvature) of the layers, ascending.
_Rows = list[dict[str, Any]]


def series_table(
    table: pl.DataFrame, multiverse: Multiverse, seed_name: str, *, orders: bool
) -> pl.DataFrame:
    """Return coefficients choices.parquet of one ensemble.

    table: its measures choices.parquet; orders: whether the share of layer orders with a negative
    coefficient is computed, by the random stream of coefficients networks.parquet.
    """
    names = dict(zip(ENSEMBLE, table.select(ENSEMBLE).row(0), strict=True))
    defined = table.filter(pl.col("layer").is_not_null()).unique(
        ["setting", "network", "measure", "k", "layer"], maintain_order=True
    )
    shares = _Orders(seed_name, tuple(names.values())) if orders else None
    rows = []
    keys = ["network", "measure", "k"]
    for key, part in defined.group_by(keys, maintain_order=True):
        settings: dict[str, _Rows] = {}
        for row in part.sort("setting", "layer").iter_rows(named=True):
            settings.setdefault(row["setting"], []).append(row)
        head = names | dict(zip(keys, key, strict=True)) | {"n": part["n"][0]}
        for policy, layers, mass, curvature in _choices(settings, multiverse):
            series = [
                {"geodesic_mass": _known(g), "curvature": _known(ric)}
                for g, ric in zip(mass, curvature, strict=True)
            ]
            share = shares.negative(mass, curvature) if shares else None
            rows.append(
                head
                | {"policy": policy, "layers": layers, "series": series, "null_negative": share}
            )
    return SERIES.frame(rows)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _choices(
    settings: Mapping[str, _Rows], multiverse: Multiverse
) -> Iterator[tuple[str, str, np.ndarray, np.ndarray]]:
    """Yield policy, layers, mass and curvature (L,); not the layers that a network lacks."""
    for policy in multiverse.policies:
        kind = kind_of(policy)
        hidden = settings.get(kind, [])
        before = settings.get(f"{kind}_input", [])[:1]
        after = settings.get(f"{kind}_output", [])[-1:]
        for layers in multiverse.layers:
            parts = [before] if layers in ("with_input", "with_both") else []
            parts += [hidden]
            parts += [after] if layers in ("with_output", "with_both") else []
            if policy == "released" and not before:
                continue  # whether it is excluded hangs on the input
            if not all(parts):
                continue
            rows = [row for part in parts for row in part]
            mass = np.array([_number(row["geodesic_mass"]) for row in rows])
            curvature = np.array([_number(row["value"]) for row in rows])
            yield policy, layers, _under(policy, mass, rows, before), curvature


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _under(policy: str, mass: np.ndarray, rows: Sequence[Mapping[str, Any]], before: _Rows) -> Any:
    """Return the mass that a policy leaves: nan at a layer, or at all, where it excludes."""
    if policy == "exclude":
        return np.where([row["connected"] for row in rows], mass, np.nan)
    # Released code: Inf - Inf is dropped, and a difference with one Inf excludes the network.
    if policy == "released" and len({row["partition"] for row in [*before, *rows]}) > 1:
        return np.full(len(mass), np.nan)
    return mass


class _Orders:
    """Shares of layer orders with a negative coefficient; equal series are computed once."""

    def __init__(self, seed_name: str, names: tuple[str, ...]) -> None:
        self.seed_name, self.names = seed_name, names
        self._orders: dict[int, np.ndarray] = {}
        self._known: dict[bytes, float | None] = {}

    def negative(self, mass: np.ndarray, curvature: np.ndarray) -> float | None:
        """Return the share; None where the network has no coefficient."""
        key = mass.tobytes() + curvature.tobytes()
        if key not in self._known:
            self._known[key] = self._share(mass, curvature)
        return self._known[key]

    def _share(self, mass: np.ndarray, curvature: np.ndarray) -> float | None:
        depth = len(mass)
        if too_few(depth) or np.isnan(mass).any() or np.isnan(curvature).any():
            return None
        if pearson(np.diff(mass), curvature[:-1]) is None:
            return None
        if depth not in self._orders:
            stream = derive_generator(self.seed_name, *self.names, "layer orders")
            self._orders[depth] = layer_orders(depth, stream)
        values = of_orders(mass, curvature, self._orders[depth])
        return float((values[~np.isnan(values)] < 0).mean())
