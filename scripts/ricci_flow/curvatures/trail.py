"""One network at one k, from its first layer to its last."""

import time
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np

from ricci_flow.coefficients.depth import too_few
from ricci_flow.coefficients.ricci import ricci_coefficient
from ricci_flow.curvatures.interface import Curvature, UnionGraph
from ricci_flow.curvatures.local import (
    layer_coefficient,
    local_changes,
    local_coefficients,
    mean_at_points,
)
from ricci_flow.curvatures.partition import across, curvature_gap, measure_partition

Row = dict[str, object]
_COEFFICIENT = ("points", "rho", "p", "p_method", "reason")
_LAYER = ("layer_points", "layer_rho", "layer_reason")


class Trail:
    """Collects what the layers of one network give, at one k; one graph is kept at a time.

    labels: (n,) class of every point; notions: functions by name; seconds: processor seconds by
    name are added there.
    """

    def __init__(
        self, labels: np.ndarray, notions: Mapping[str, Curvature], seconds: dict[str, float]
    ) -> None:
        self._labels = labels
        self._notions = notions
        self._seconds = seconds
        self._graph: UnionGraph | None = None
        self._masses: list[float] = []
        self._changes: list[np.ndarray] = []
        self._means: dict[str, list[np.ndarray]] = {name: [] for name in notions}
        self._totals: dict[str, list[float]] = {name: [] for name in notions}
        self._gaps: dict[str, list[Row]] = {name: [] for name in notions}
        self._partitions: list[Row] = []

    def add(self, graph: UnionGraph, mass: float | None) -> None:
        """Measure the next layer: its graph, and its geodesic mass (None: not connected)."""
        if self._graph is not None:
            self._changes.append(local_changes(self._graph, graph))
        self._graph = graph
        self._masses.append(np.nan if mass is None else mass)
        self._partitions.append(asdict(measure_partition(graph, self._labels)))
        crosses = across(graph, self._labels)
        for name, notion in self._notions.items():
            begun = time.process_time()
            values = notion(graph)
            self._seconds[name] += time.process_time() - begun
            gap, reason = curvature_gap(values, crosses)
            self._totals[name].append(float(values.sum()))
            self._means[name].append(mean_at_points(graph, values))
            self._gaps[name].append(
                {"edges": len(values), "mean": float(values.mean())}
                | {"gap": gap, "gap_reason": reason}
            )

    def partition_rows(self) -> list[Row]:
        """Return a row a layer of partition.parquet, without the names."""
        return [{"layer": layer + 1} | row for layer, row in enumerate(self._partitions)]

    def curvature_rows(self) -> list[Row]:
        """Return a row a curvature and layer of curvatures.parquet, without the names."""
        rows: list[Row] = []
        for name, gaps in self._gaps.items():
            for layer, gap in enumerate(gaps):
                total = self._totals[name][layer]
                found: tuple[int, float | None, str | None] = (0, None, "the last layer")
                if layer < len(self._changes):
                    found = layer_coefficient(self._changes[layer], self._means[name][layer])
                rows.append(
                    {"layer": layer + 1, "curvature": name, "total": total}
                    | gap
                    | dict(zip(_LAYER, found, strict=True))
                )
        return rows

    def local_rows(self, generator: np.random.Generator) -> list[Row]:
        """Return a row a curvature of local.parquet, without the names.

        generator: drawn from only where there are more than 13 layers.
        """
        rows: list[Row] = []
        masses = np.array(self._masses)
        for name, totals in self._totals.items():
            whole = asdict(ricci_coefficient(masses, np.array(totals), generator))
            rows.append(
                {"curvature": name} | {key: whole[key] for key in _COEFFICIENT} | self._local(name)
            )
        return rows

    def _local(self, name: str) -> Row:
        if reason := too_few(len(self._masses)):
            return {"local_points": 0, "local_reason": reason}
        found = local_coefficients(np.array(self._changes), np.array(self._means[name][:-1]))
        rho = found.rho[~np.isnan(found.rho)]
        row: Row = {
            "local_points": len(rho),
            "local_apart": found.apart,
            "local_constant": found.constant,
        }
        if not len(rho):
            return row | {"local_reason": "no point has a coefficient"}
        low, median, high = np.quantile(rho, [0.25, 0.5, 0.75])
        return row | {
            "local_median": float(median),
            "local_low": float(low),
            "local_high": float(high),
            "local_negative": float((rho < 0).mean()),
        }
