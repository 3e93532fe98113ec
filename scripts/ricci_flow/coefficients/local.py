"""Coefficients point by point and layer by layer.

Source: Hehl, von Renesse and Weber 2025, "Neural feature geometry evolves as discrete Ricci flow",
arXiv 2509.22362. They take the input and the output for layers too: setting with_input_and_output.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ricci_flow.coefficients.nulls import rows_pearson
from ricci_flow.coefficients.pearson import ROUNDING, pearson
from ricci_flow.coefficients.permutation import permutation_p


@dataclass(frozen=True)
class LocalCoefficients:
    """Local coefficients of one network, one k, one curvature.

    rho: (n,) Pearson's r over the layers of each point's change and mean curvature, nan where there
    is none. apart: points whose neighbours a next layer does not connect; constant: points
    whose change or curvature is the same at every layer.
    """

    rho: np.ndarray
    apart: int
    constant: int


def local_coefficients(changes: np.ndarray, means: np.ndarray) -> LocalCoefficients:
    """Return the local coefficients of changes and mean curvatures, (L - 1, n) each."""
    apart = np.isnan(changes).any(axis=0)
    flat = ~apart & (_is_constant(changes) | _is_constant(means))
    rho = np.full(changes.shape[1], np.nan)
    good = ~apart & ~flat
    rho[good] = np.clip(rows_pearson(changes[:, good].T, means[:, good].T), -1.0, 1.0)
    return LocalCoefficients(rho, int(apart.sum()), int(flat.sum()))


def drawn_orders(layers: int, count: int, generator: np.random.Generator) -> np.ndarray:
    """Return so many random orders of the layers, (count, layers)."""
    return generator.permuted(np.tile(np.arange(layers), (count, 1)), axis=1)


def of_layer_orders(
    changes: Callable[[int, int], np.ndarray], means: Sequence[np.ndarray], orders: np.ndarray
) -> tuple[float | None, float | None]:
    """Return mean local coefficient and share below 0 with the layers in other orders, mean of all.

    changes: of two layers (i, j), each point's mean change, (n,), of the hop distance to its
    neighbours in layer i when layer j takes the place of the next one. means: (n,) of each of the L
    layers. orders: (orders, L). An order that gives no point a coefficient is left out; None
    where no order gives any.
    """
    averages, negative = [], []
    for order in orders:
        moved = np.array([changes(i, j) for i, j in pairwise(order.tolist())])
        rho = local_coefficients(moved, np.array([means[i] for i in order[:-1]])).rho
        rho = rho[~np.isnan(rho)]
        if len(rho):
            averages.append(rho.mean())
            negative.append((rho < 0).mean())
    if not averages:
        return None, None
    return float(np.mean(averages)), float(np.mean(negative))


def _is_constant(rows: np.ndarray) -> np.ndarray:
    return np.ptp(rows, axis=0) <= ROUNDING * np.abs(rows).max(axis=0)


def layer_coefficient(
    changes: np.ndarray, means: np.ndarray
) -> tuple[int, float | None, str | None]:
    """Return (points, Pearson's r over points, or None, and why) of one layer.

    changes, means: (n,) of that layer; points without a change are left out.
    """
    defined = ~np.isnan(changes)
    points = int(defined.sum())
    if points < 3:
        return points, None, f"{points} points with a change, fewer than 3"
    rho = pearson(means[defined], changes[defined])
    return points, rho, None if rho is not None else "constant curvature or change"


def layer_coefficient_p(
    changes: np.ndarray, means: np.ndarray, samples: int, generator: np.random.Generator
) -> tuple[float, str]:
    """Return p of a layer coefficient: how often points in random order have none that is larger.

    And how it was found: "exact" or "sampled", as `permutation.permutation_p` says.

    changes, means: (n,) of a layer that has a coefficient. Which change goes with which curvature
    is permuted among the points: all ways up to 12 points, `samples` drawn ones beyond. p is of the
    lower tail, and counts what was observed. Neighbours share neighbours, so points are not
    independent of each other: p says what points that are would give, no more.
    """
    defined = ~np.isnan(changes)
    return permutation_p(means[defined], changes[defined], generator, samples)
