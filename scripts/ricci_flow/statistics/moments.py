"""Sums from which the aggregated coefficient of any choice of a cell's networks follows.

The aggregated coefficient is one Pearson over the pooled (eta, Ric) pairs of many networks. It
needs six sums, and sums add up over networks: so halves of a cell, or networks drawn with
replacement, cost one matrix product.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from ricci_flow.statistics.profiles import Cell

Key = tuple[str, str, str, str]


class CellMoments(NamedTuple):
    """Of one cell, condition and convention: its kept networks, its ks, `sums` (networks, ks, 6).

    n: test points. A network that is not connected at a k has zeros there.
    """

    n: int
    networks: list[int]
    ks: list[int]
    sums: np.ndarray


def pooled_pearson(sums: np.ndarray) -> np.ndarray:
    """Return Pearson's r of pooled pairs from summed moments (..., 6); nan where undefined.

    The last axis: pairs, sum x, sum y, sum xx, sum yy, sum xy.
    """
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        x_spread, y_spread = xx - x * x / n, yy - y * y / n
        r = (xy - x * y / n) / np.sqrt(x_spread * y_spread)
    # Values are scaled to a spread of 1 below, so what is left of a constant is rounding.
    return np.where((n >= 3) & (x_spread > 1e-9) & (y_spread > 1e-9), r, np.nan)


def pair_sums(mass: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """Return the six sums of the pairs of every network and k, (S, K, 6); see `pooled_pearson`.

    mass, curvature: (S, K, L). Zeros where a layer is not connected. Pairs are centred and scaled
    per k, which changes no coefficient and keeps the digits; a constant becomes zeros.
    """
    pairs = [np.diff(mass, axis=2), curvature[:, :, :-1]]
    usable = np.isfinite(pairs[0]).all(axis=2) & np.isfinite(pairs[1]).all(axis=2)
    for side, values in enumerate(pairs):
        values = np.where(usable[:, :, None], values, 0.0)
        count = np.maximum(usable.sum(axis=0) * values.shape[2], 1)[None, :, None]
        centred = values - values.sum(axis=(0, 2))[None, :, None] / count
        centred = np.where(usable[:, :, None], centred, 0.0)
        spread = np.sqrt((centred**2).sum(axis=(0, 2)))[None, :, None] / np.sqrt(count)
        # What rounding leaves of a constant is no spread.
        varies = spread > 1e-12 * np.abs(values).max(axis=(0, 2), initial=0.0)[None, :, None]
        pairs[side] = np.where(varies, centred, 0.0) / np.where(varies, spread, 1.0)
    x, y = pairs
    terms = (x, y, x * x, y * y, x * y)
    size = usable * float(x.shape[2])
    return np.stack([size, *(term.sum(axis=2) for term in terms)], axis=-1)


def study_moments(
    cells: Mapping[tuple[str, str], Mapping[tuple[str, str], Cell]], order: Iterable[Key]
) -> dict[Key, CellMoments]:
    """Return the moments of the kept networks of every cell, condition and convention.

    cells: see `profiles.cells_of`; order: which of them, and in which order.
    """
    found = {}
    for condition, convention, *name in order:
        cell = cells[condition, convention][name[0], name[1]]
        sums = pair_sums(cell.mass[cell.kept], cell.curvature[cell.kept])
        networks = cell.numbers[cell.kept].tolist()
        found[condition, convention, name[0], name[1]] = CellMoments(
            cell.n, networks, cell.ks.tolist(), sums
        )
    return found
