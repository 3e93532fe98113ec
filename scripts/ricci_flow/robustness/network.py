"""The coefficients of one network under every variant."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ricci_flow.coefficients.depth import too_few
from ricci_flow.coefficients.pearson import is_constant, pearson
from ricci_flow.coefficients.ricci import eta_and_curvature
from ricci_flow.graphs.grid import k_of_fraction
from ricci_flow.networks.forward import forward_layers
from ricci_flow.robustness.graphs import GRAPHS, Measured, measure_points
from ricci_flow.robustness.rescaling import Parameters, deviation, logits, output_layer, rescale

# Variants with further layers: whether before the hidden ones, and after them.
FURTHER = {
    "with_input": (True, False),
    "with_output": (False, True),
    "with_input_and_output": (True, True),
}
NEEDS_WEIGHTS = ("rescaled", "with_output", "with_input_and_output")
NO_WEIGHTS = "needs weights, and this condition has no networks"
NOT_DENSE = "needs dense networks of relu or linear units"
NO_HALF = "half of the test points is fewer than 2"

# One layer's (graph, k) -> measured.
Layer = dict[tuple[str, int], Measured]
Row = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What is asked of every network of an ensemble.

    variants: names beside `baseline`, which is always there. fractions: k as shares of the points.
    draws: of `subsample` and `rescaled`. activation: relu or linear. generator: makes the random
    stream of (network, purpose, draw). no_weights: why `parameters` are None where they are.
    """

    variants: Sequence[str]
    fractions: Sequence[float]
    draws: int
    activation: str
    generator: Callable[[int, str, int], np.random.Generator]
    no_weights: str = NO_WEIGHTS

    def measure(self, points: np.ndarray, graphs: Sequence[str] = ()) -> Layer:
        """Measure a layer's points at all k."""
        ks = [k_of_fraction(fraction, len(points)) for fraction in self.fractions]
        return measure_points(points, ks, graphs)


def coefficient(
    layers: Sequence[Measured], convention: str, first: int
) -> tuple[int, float | None, str | None]:
    """Return (pairs, rho, why it is undefined) of layers `first`, `first` + 1, ..."""
    mass = np.array([layer.mass for layer in layers])
    curvature = np.array([layer.curvature[convention] for layer in layers])
    points = len(layers) - 1
    if reason := too_few(len(layers)):
        return points, None, reason
    broken = np.flatnonzero(np.isnan(mass)) + first
    if len(broken):
        return points, None, f"not connected at layer {', '.join(map(str, broken))}"
    eta, ric = eta_and_curvature(mass, curvature)
    rho = pearson(eta, ric)
    if rho is None:
        which = "curvature" if is_constant(ric) else "geodesic mass change"
        return points, None, f"constant {which}"
    return points, rho, None


def network_rows(
    plan: Plan,
    network: int,
    hidden: Sequence[np.ndarray],
    X: np.ndarray,
    parameters: Parameters | None,
    entering: Layer,
) -> list[Row]:
    """Return the rows of one network.

    hidden: (n, width) of layers 1..L. X: (n, d), scaled as for training. parameters: None where
    the condition has no networks. entering: what was measured on X, needed for `with_input`.
    """
    n = len(hidden[0])
    measured = [
        plan.measure(points, [g for g in GRAPHS if g in plan.variants]) for points in hidden
    ]
    rows = _rows(plan, "baseline", measured, n)
    for variant in plan.variants:
        if variant in NEEDS_WEIGHTS and parameters is None:
            rows += _skipped(plan, variant, n, plan.no_weights)
        elif variant == "subsample" and n < 4:
            rows += _skipped(plan, variant, n, NO_HALF)
        elif variant in GRAPHS:
            rows += _rows(plan, variant, measured, n, graph=variant)
        elif variant in FURTHER:
            before, after = FURTHER[variant]
            leaving = []
            if after and parameters is not None:
                output = output_layer(logits(parameters, hidden[-1].astype(np.float64)))
                leaving = [plan.measure(output)]
            layers = [*([entering] if before else []), *measured, *leaving]
            rows += _rows(plan, variant, layers, n, first=0 if before else 1)
        elif variant == "subsample":
            for draw in range(plan.draws):
                chosen = plan.generator(network, "subsample", draw).choice(n, n // 2, replace=False)
                layers = [plan.measure(points[np.sort(chosen)]) for points in hidden]
                rows += _rows(plan, variant, layers, n // 2, draw=draw)
        elif variant == "rescaled" and parameters is not None:
            rows += _rescaled(plan, network, X, parameters)
    return [{"network": network} | row for row in rows]


def _rescaled(plan: Plan, network: int, X: np.ndarray, parameters: Parameters) -> list[Row]:
    rows: list[Row] = []
    expected = logits(parameters, _forward(parameters, X, plan.activation)[-1])
    for draw in range(plan.draws):
        scaled = rescale(parameters, plan.generator(network, "rescaling", draw))
        hidden = _forward(scaled, X, plan.activation)
        worst = deviation(expected, logits(scaled, hidden[-1]))
        layers = [plan.measure(points) for points in hidden]
        rows += _rows(plan, "rescaled", layers, len(X), draw=draw, worst=worst)
    return rows


def _forward(parameters: Parameters, X: np.ndarray, activation: str) -> list[np.ndarray]:
    return [layer[0] for layer in forward_layers(parameters, X, activation).values()]


def _rows(
    plan: Plan,
    variant: str,
    layers: Sequence[Layer],
    n: int,
    *,
    graph: str = "baseline",
    first: int = 1,
    draw: int | None = None,
    worst: float | None = None,
) -> list[Row]:
    """Return a row a fraction and convention."""
    rows = []
    for fraction in plan.fractions:
        k = k_of_fraction(fraction, n)
        chosen = [layer[graph, k] for layer in layers]
        for convention in chosen[0].curvature:
            points, rho, reason = coefficient(chosen, convention, first)
            rows.append(
                {"variant": variant, "draw": draw, "convention": convention}
                | {"fraction": fraction, "k": k, "n_points": n, "points": points}
                | {"rho": rho, "reason": reason, "deviation": worst}
                | {"dropped_points": max(layer.dropped for layer in chosen)}
            )
    return rows


def _skipped(plan: Plan, variant: str, n: int, reason: str) -> list[Row]:
    return [
        {"variant": variant, "draw": None, "convention": convention, "fraction": fraction}
        | {"k": k_of_fraction(fraction, n), "n_points": n, "rho": None, "reason": reason}
        for fraction in plan.fractions
        for convention in ("directed", "union")
    ]
