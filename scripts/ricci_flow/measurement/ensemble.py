"""The table of everything that one block of a study measures of one ensemble."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.coefficients.depth import too_few
from ricci_flow.coefficients.local import (
    drawn_orders,
    layer_coefficient,
    layer_coefficient_p,
    local_coefficients,
    of_layer_orders,
)
from ricci_flow.graphs.graph import Graph, union_graphs
from ricci_flow.graphs.kinds import builder
from ricci_flow.graphs.partition import across, curvature_gap
from ricci_flow.measurement.grids import Grid
from ricci_flow.measurement.points import DrawnEdges, local_changes, mean_at_points
from ricci_flow.measurement.registry import Measure
from ricci_flow.measurement.settings import Setting
from ricci_flow.measurement.sources import LayerPoints, Origin, Source
from ricci_flow.measures.base import UNKNOWN, Layer, Undefined
from ricci_flow.tables.keys import ENSEMBLE
from ricci_flow.tables.measures import LOCAL, MEASURES

Row = dict[str, Any]
# (kind of graph, k)
_Key = tuple[str, int]


@dataclass(frozen=True)
class Plan:
    """What a block measures of every network.

    draws: of settings that are drawn at random. local: whether also point by point: coefficients
    of points and of layers, and the gap between classes; layer_orders: in how many random orders
    of the layers those of points are taken, too. point_permutations: random permutations of the
    points for p of a layer's coefficient, 0 for no p. point_edges: edges drawn for every point, of
    which alone measures are computed that can be; 0 for all. seeds: of names, that of a random
    draw; needed where one of these three is not 0.
    """

    measures: Mapping[str, Measure]
    settings: Mapping[str, Setting]
    grid: Grid
    draws: int = 1
    local: bool = False
    layer_orders: int = 0
    point_permutations: int = 0
    point_edges: int = 0
    seeds: Callable[..., int] | None = None

    def ks(self, network: int, n: int) -> list[int]:
        """Return the k of a network at so many points, ascending, each once."""
        return sorted({k for _, k in self.grid(network, n)})

    def seed(self, *names: str | int) -> int:
        """Return the seed of a random draw."""
        assert self.seeds is not None
        return self.seeds(*names)


@dataclass
class Measured:
    """The tables of a block, processor seconds by measure, and how many graphs were measured."""

    table: pl.DataFrame
    local: pl.DataFrame
    seconds: dict[str, float]
    graphs: int


@dataclass
class _Layer:
    """What is known of one layer on one graph.

    facts: of the graph. values: columns by measure. means: mean of an edge measure at each point.
    changes: see `points.local_changes`, once the next layer is known; layer_p: p of the
    coefficients that follow, and the seed behind it, by measure, as far as they were asked for.
    whole: the layer itself, kept as long as it is needed.
    """

    facts: Row
    values: dict[str, Row] = field(default_factory=dict)
    means: dict[str, np.ndarray] = field(default_factory=dict)
    changes: np.ndarray | None = None
    whole: Layer | None = None
    layer_p: dict[str, Row] = field(default_factory=dict, init=False)
    _changes_to: dict[int, np.ndarray] = field(default_factory=dict, init=False)

    def changes_to(self, number: int, other: "_Layer") -> np.ndarray:
        """Return `changes` as they were if another layer, of this number, came next.

        Of layers of one network that are kept whole.
        """
        assert self.whole is not None
        assert other.whole is not None
        if number not in self._changes_to:
            self._changes_to[number] = local_changes(self.whole.graph, other.whole.graph)
        return self._changes_to[number]


def measure_ensemble(
    plan: Plan, source: Source, names: Sequence[str], progress: Callable[[str], None]
) -> Measured:
    """Measure the networks of a source; names: data set, architecture, condition."""
    work = _Work(plan, source)
    labels = dict(zip(ENSEMBLE, names, strict=True))
    rows: list[Row] = []
    local: list[Row] = []
    for place, network in enumerate(source.networks, 1):
        for found, kept in zip(work.network_rows(network), (rows, local), strict=True):
            kept += [labels | {"network": network} | row for row in found]
        progress(f"network {place} of {len(source.networks)} measured")
    return Measured(MEASURES.frame(rows), LOCAL.frame(local), work.seconds, work.graphs)


def skipped_rows(plan: Plan, network: int, setting: str, n: int, reason: str) -> list[Row]:
    """Return the rows of a network that is not measured under a setting, without the names."""
    return [
        {"setting": setting, "k_fraction": share, "k": k, "n": n, "reason": reason}
        | {"measure": name, "scope": measure.scope}
        for share, k in plan.grid(network, n)
        for name, measure in plan.measures.items()
    ]


class _Work:
    """Measures one network after the other."""

    def __init__(self, plan: Plan, source: Source) -> None:
        self.plan, self.source = plan, source
        self.seconds = dict.fromkeys(plan.measures, 0.0)
        self.graphs = 0
        self.keeps_layers = plan.layer_orders > 0 or any(
            measure.scope == "network" for measure in plan.measures.values()
        )
        self.reasons = {n: source.unavailable(s) for n, s in plan.settings.items()}
        self.asked = self._asked()
        self._entering: dict[_Key, _Layer] = {}  # the input, the same for all networks

    def network_rows(self, network: int) -> tuple[list[Row], list[Row]]:
        """Return the rows of both tables, without the names."""
        rows: list[Row] = []
        local: list[Row] = []
        found = {
            origin: self._measure(network, origin, kinds) for origin, kinds in self.asked.items()
        }
        for name, setting in self.plan.settings.items():
            if reason := self.reasons[name]:
                rows += skipped_rows(self.plan, network, name, self.source.n, reason)
                continue
            for origin in self._origins(setting):
                layers = found[origin]
                labels = {"setting": name, "draw": origin.draw}
                deviation = self.source.deviation(network, origin)
                numbers = self._numbers(setting)
                for share, k in self.plan.grid(network, layers.points):
                    chain = {i: layers.by_key[setting.graph, k][i] for i in numbers}
                    at = labels | {"k_fraction": share, "k": k, "deviation": deviation}
                    rows += self._rows(network, at, chain)
                    local += self._local_rows(network, at, chain) if self.plan.local else []
        return rows, local

    def _origins(self, setting: Setting) -> list[Origin]:
        draws: Sequence[int | None] = range(self.plan.draws) if setting.is_drawn else (None,)
        of = (setting.points, setting.of_class, setting.weights)
        return [Origin(*of, draw) for draw in draws]

    def _numbers(self, setting: Setting) -> list[int]:
        hidden = range(1, self.source.depth + 1)
        before = [0] if "input" in setting.layers else []
        after = [self.source.depth + 1] if "output" in setting.layers else []
        return [*before, *hidden, *after]

    def _asked(self) -> dict[Origin, dict[int, list[str]]]:
        """Return the kinds of graphs that are needed of every layer, by origin."""
        asked: dict[Origin, dict[int, list[str]]] = {}
        for name, setting in self.plan.settings.items():
            for origin in [] if self.reasons[name] else self._origins(setting):
                of_origin = asked.setdefault(origin, {})
                for number in self._numbers(setting):
                    kinds = of_origin.setdefault(number, [])
                    kinds += [setting.graph] if setting.graph not in kinds else []
        return {origin: dict(sorted(kinds.items())) for origin, kinds in asked.items()}

    def _measure(
        self, network: int, origin: Origin, kinds: Mapping[int, Sequence[str]]
    ) -> "_Chain":
        """Measure all layers of one origin, each on its kinds of graphs at every k."""
        chain = _Chain()
        numbers = list(kinds)
        shared = origin == Origin() and numbers[0] == 0
        keys = {
            (kind, k) for kind in kinds[numbers[0]] for k in self.plan.ks(network, self.source.n)
        }
        if shared and keys == self._entering.keys():
            for key, entering in self._entering.items():
                chain.add(key, 0, replace(entering))
            numbers = numbers[1:]
        for layer in self.source.layers(network, origin, numbers, self.plan.ks):
            ks = self.plan.ks(network, layer.cloud.lists.n)
            names = ("input" if shared and layer.number == 0 else network, layer.number)
            of_draw = -1 if origin.draw is None else origin.draw
            found = self._measure_layer(layer, kinds[layer.number], ks, (*names, of_draw))
            chain.points = layer.cloud.lists.n
            for key, measured in found.items():
                self._link(chain.before(key, layer.number), measured)
                chain.add(key, layer.number, measured)
            if shared and layer.number == 0:
                self._entering = {key: replace(found[key]) for key in found}
        return chain

    def _measure_layer(
        self,
        layer: LayerPoints,
        kinds: Sequence[str],
        ks: Sequence[int],
        names: tuple[str | int, ...],
    ) -> dict[_Key, _Layer]:
        found: dict[_Key, _Layer] = {}
        builders = {kind: builder(kind) for kind in kinds}
        for k, union in zip(ks, union_graphs(layer.cloud.lists, ks), strict=True):
            for kind, build in builders.items():
                graph = build(layer.cloud, k, union)
                found[kind, k] = self._measure_graph(graph, layer, (*names, kind, k))
                self.graphs += 1
        return found

    def _measure_graph(
        self, graph: Graph, layer: LayerPoints, names: tuple[str | int, ...]
    ) -> _Layer:
        """Measure one graph; names: of the edges that are drawn of it."""
        here = Layer(graph, layer.labels, layer.cloud.points)
        labels = here.labels if self.plan.local else None
        crosses = None if labels is None else across(graph, labels)
        result = _Layer(_facts(graph))
        drawn: tuple[DrawnEdges, int] | None = None
        if self.plan.point_edges and any(m.subset for m in self.plan.measures.values()):
            seed = self.plan.seed("point edges", *names)
            generator = np.random.default_rng(seed)
            drawn = DrawnEdges.of(graph, self.plan.point_edges, generator), seed
        for name, measure in self.plan.measures.items():
            if measure.scope == "network" or (measure.directed and graph.out_degrees is None):
                continue
            begun = time.process_time()
            try:
                result.values[name] = (
                    self._of_drawn(measure, here, *drawn, result)
                    if drawn and measure.subset
                    else self._value(measure, here, crosses, result)
                )
            except Undefined as reason:
                result.values[name] = {"reason": str(reason)}
            self.seconds[name] += time.process_time() - begun
        if self.plan.local or self.keeps_layers:
            result.whole = Layer(graph.kept(), here.labels, here.points)
        return result

    def _value(
        self, measure: Measure, layer: Layer, crosses: np.ndarray | None, result: _Layer
    ) -> Row:
        """Return the columns of one measure of a layer; means at points go to `result`."""
        graph = layer.graph
        if measure.scope == "layer":
            return {"value": float(measure.function(layer))}
        if measure.total and not self.plan.local:
            total = measure.total(graph)
            mean = total / result.facts["edges"] if result.facts["edges"] else None
            return {"value": graph.per_layer(total), "mean": mean}
        values = measure.function(graph)
        row: Row = {"value": graph.per_layer(float(values.sum()))}
        row["mean"] = float(values.mean()) if len(values) else None
        if self.plan.local:
            row["gap"], row["gap_reason"] = (
                (None, UNKNOWN) if crosses is None else curvature_gap(values, crosses)
            )
            result.means[measure.name] = mean_at_points(graph, values)
        return row

    def _of_drawn(
        self, measure: Measure, layer: Layer, drawn: DrawnEdges, seed: int, result: _Layer
    ) -> Row:
        """Return the same of the edges drawn for every point: estimates of what all would give."""
        graph = layer.graph
        values = measure.function(graph, edges=drawn.edges)
        total, edges = drawn.total(values), result.facts["edges"]
        row: Row = {"value": graph.per_layer(total), "mean": total / edges if edges else None}
        row |= {"drawn_edges": len(drawn.edges), "drawn_seed": seed}
        if self.plan.local:
            row["gap"], row["gap_reason"] = (None, UNKNOWN)
            if layer.labels is not None:
                ends = layer.labels[drawn.edges[drawn.places]]
                row["gap"], row["gap_reason"] = curvature_gap(
                    values[drawn.places], ends[:, 0] != ends[:, 1], drawn.weights
                )
            result.means[measure.name] = drawn.mean_at_points(graph.n, values)
        return row

    def _link(self, before: _Layer | None, layer: _Layer) -> None:
        """Compare a layer with the one before it, which is then let go where it may."""
        if before is None or before.whole is None or layer.whole is None:
            return
        if self.plan.local:
            before.changes = local_changes(before.whole.graph, layer.whole.graph)
        if not self.keeps_layers:
            before.whole = None

    def _rows(self, network: int, at: Row, chain: Mapping[int, _Layer]) -> list[Row]:
        rows: list[Row] = []
        last = max(chain)
        for name, measure in self.plan.measures.items():
            of = at | {"measure": name, "scope": measure.scope}
            if measure.scope == "network":
                layers = [layer.whole for layer in chain.values()]
                rows.append(of | self._network_value(measure, layers))
                continue
            for number, layer in chain.items():
                if name not in layer.values:  # a graph without directed edges
                    continue
                row = of | {"layer": number} | layer.facts | layer.values[name]
                if self.plan.local and name in layer.means:
                    found: tuple[int, float | None, str | None] = (0, None, "the last layer")
                    if number < last and layer.changes is not None:
                        found = layer_coefficient(layer.changes, layer.means[name])
                    row |= dict(
                        zip(("layer_points", "layer_rho", "layer_reason"), found, strict=True)
                    )
                    if self.plan.point_permutations and found[1] is not None:
                        row |= self._layer_p(network, at, number, layer, name)
                rows.append(row)
        return rows

    def _layer_p(self, network: int, at: Row, number: int, layer: _Layer, name: str) -> Row:
        """Return p of a layer's coefficient; of settings that share a layer it is found once."""
        if name not in layer.layer_p:
            assert layer.changes is not None
            stream = (network, number, at["k"], name, -1 if at["draw"] is None else at["draw"])
            seed = self.plan.seed("point permutations", *stream)
            p, method = layer_coefficient_p(
                layer.changes,
                layer.means[name],
                self.plan.point_permutations,
                np.random.default_rng(seed),
            )
            layer.layer_p[name] = {
                "layer_p": p,
                "layer_p_method": method,
                "layer_seed": seed if method == "sampled" else None,
            }
        return layer.layer_p[name]

    def _network_value(self, measure: Measure, layers: Sequence[Layer | None]) -> Row:
        begun = time.process_time()
        try:
            return {"value": float(measure.function(layers))}
        except Undefined as reason:
            return {"reason": str(reason)}
        finally:
            self.seconds[measure.name] += time.process_time() - begun

    def _local_rows(self, network: int, at: Row, chain: Mapping[int, _Layer]) -> list[Row]:
        layers = list(chain.values())
        rows = []
        for name, measure in self.plan.measures.items():
            if measure.scope == "edge" and all(name in layer.values for layer in layers):
                row = at | {"measure": name} | _local_row(name, layers)
                if self.plan.layer_orders and "local_mean" in row:
                    seed = self.plan.seed(network, "local layer orders", len(layers))
                    orders = drawn_orders(
                        len(layers), self.plan.layer_orders, np.random.default_rng(seed)
                    )
                    row |= _in_orders(name, chain, orders) | {"orders_seed": seed}
                rows.append(row)
        return rows


class _Chain:
    """The layers of one origin by (kind of graph, k) and number; points: how many each has."""

    def __init__(self) -> None:
        self.by_key: dict[_Key, dict[int, _Layer]] = {}
        self.points = 0

    def add(self, key: _Key, number: int, layer: _Layer) -> None:
        self.by_key.setdefault(key, {})[number] = layer

    def before(self, key: _Key, number: int) -> _Layer | None:
        return self.by_key.get(key, {}).get(number - 1)


def _facts(graph: Graph) -> Row:
    variance = None if graph.in_degrees is None else float(np.var(graph.in_degrees))
    directed = None if graph.out_degrees is None else int(graph.out_degrees.sum())
    return {
        "n": graph.n,
        "left_out": graph.left_out,
        "edges": int(graph.degrees.sum()) // 2,
        "directed_edges": directed,
        "components": graph.components,
        "connected": graph.connected,
        "in_degree_variance": variance,
        "geodesic_mass": graph.geodesic_mass,
        "diameter": graph.diameter if graph.connected else None,
        "partition": graph.partition,
    }


def _in_orders(measure: str, chain: Mapping[int, _Layer], orders: np.ndarray) -> Row:
    numbers = list(chain)
    found = of_layer_orders(
        lambda i, j: chain[numbers[i]].changes_to(numbers[j], chain[numbers[j]]),
        [layer.means[measure] for layer in chain.values()],
        orders,
    )
    return dict(zip(("orders_mean", "orders_negative"), found, strict=True))


def _local_row(measure: str, layers: Sequence[_Layer]) -> Row:
    if reason := too_few(len(layers)):
        return {"local_points": 0, "local_reason": reason}
    changes = [layer.changes for layer in layers[:-1]]
    means = [layer.means[measure] for layer in layers[:-1]]
    found = local_coefficients(np.array(changes), np.array(means))
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
        "local_mean": float(rho.mean()),
        "local_median": float(median),
        "local_low": float(low),
        "local_high": float(high),
        "local_negative": float((rho < 0).mean()),
    }
