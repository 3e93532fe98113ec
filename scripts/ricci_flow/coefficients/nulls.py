"""What a Ricci coefficient would be without any flow, and variants of the coefficient.

eta_l = g_{l+1} - g_l contains -g_l: where curvature and geodesic mass of the same layer go
together, rho is negative whatever the order of the layers. The distribution over layer orders keeps
each layer's (g, Ric) together, permutes the layers, and takes the differences again. So it includes
that coupling, which the distribution over pairings (`permutation`) does not.
"""

from dataclasses import dataclass
from itertools import permutations
from math import factorial

import numpy as np

from ricci_flow.coefficients.pearson import pearson

# Orders of up to 7 layers are all counted (5040); of more, so many are drawn.
EXACT_DEPTH = 7
SAMPLES = 5000
# Two orders whose coefficients differ by rounding alone count as equal.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class LayerNulls:
    """Companions of one network's rho at one k; None where undefined.

    coupling: Pearson's r of Ric_l and g_l over the L - 1 layers that rho uses. spearman: rank
    correlation of eta and Ric. rho_detrended: rho after a straight line in l is taken out of
    both. rho_next: Ric_{l+1} in place of Ric_l; with the layers in reverse order rho is its
    negative. null_mean, null_negative: mean of rho, and share below zero, over layer orders.
    p_orders: share of layer orders with a rho at most the observed one.
    """

    coupling: float | None
    spearman: float | None
    rho_detrended: float | None
    rho_next: float | None
    null_mean: float | None
    null_negative: float | None
    p_orders: float | None


def layer_orders(depth: int, generator: np.random.Generator) -> np.ndarray:
    """Return orders of the layers, (orders, depth) int64; the observed one comes first.

    All of them up to 7 layers; beyond, the observed one and 5000 drawn from `generator`.
    """
    if depth <= EXACT_DEPTH:
        every = list(permutations(range(depth)))
        return np.array(every, dtype=np.int64).reshape(factorial(depth), depth)
    drawn = generator.permuted(np.tile(np.arange(depth), (SAMPLES, 1)), axis=1)
    return np.vstack([np.arange(depth), drawn])


def layer_nulls(mass: np.ndarray, curvature: np.ndarray, orders: np.ndarray) -> LayerNulls:
    """Return the companions of rho.

    mass, curvature: (L,), finite, the hidden layers in order, L >= 4, rho defined.
    orders: see `layer_orders`.
    """
    eta, ric = np.diff(mass), curvature[:-1]
    layer = np.arange(len(eta), dtype=float)
    values = of_orders(mass, curvature, orders)
    defined = values[~np.isnan(values)]
    return LayerNulls(
        coupling=pearson(ric, mass[:-1]),
        spearman=pearson(_ranks(eta), _ranks(ric)),
        rho_detrended=pearson(_residuals(eta, layer), _residuals(ric, layer)),
        rho_next=pearson(eta, curvature[1:]),
        null_mean=float(defined.mean()),
        null_negative=float((defined < 0).mean()),
        p_orders=float((defined <= values[0] + _TOLERANCE).mean()),
    )


def of_orders(mass: np.ndarray, curvature: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Return rho of every order of the layers, (orders,); see `layer_nulls`; nan: undefined."""
    return rows_pearson(np.diff(mass[orders], axis=1), curvature[orders][:, :-1])


def _ranks(x: np.ndarray) -> np.ndarray:
    """Return ranks 1..n, ties at their mean."""
    _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse]


def _residuals(x: np.ndarray, layer: np.ndarray) -> np.ndarray:
    """Return x less its least-squares line in `layer`; exactly 0 where it is such a line."""
    centred = layer - layer.mean()
    rest = x - x.mean() - centred * (centred @ x) / (centred @ centred)
    rest[np.abs(rest) <= 1e-12 * np.abs(x).max()] = 0.0
    return rest


def rows_pearson(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return Pearson's r of the rows (last axes) of x and y (..., n); nan where one is constant."""
    x, y = (rows - rows.mean(axis=-1, keepdims=True) for rows in (x, y))
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y = (rows / np.abs(rows).max(axis=-1, keepdims=True) for rows in (x, y))
        sums = np.einsum("...j,...j->...", x, y)
        squares = np.einsum("...j,...j->...", x, x) * np.einsum("...j,...j->...", y, y)
        return np.asarray(sums / np.sqrt(squares))
