"""What the claims are about, measured in one cell, never on the networks that chose k.

Also what is left of claims on signs at a k that nothing was chosen by: the k of the grid nearest to
a tenth of the points, fixed beforehand. Halves are drawn in streams of their own, the same in every
condition, so they are not those of held_out.parquet, which are drawn for each condition.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ricci_flow.analysis.cells import Cell, pair_sums, pooled_pearson
from ricci_flow.analysis.choice_of_k import fixed_place
from ricci_flow.analysis.inference import rank_correlation
from ricci_flow.claims.in_cell import correlate
from ricci_flow.coefficients.nulls import rows_pearson
from ricci_flow.coefficients.pearson import ROUNDING

# On all kept networks by the result, on other networks by the result, or by no result.
ChoiceOfK = Literal["k_star", "other_half", "fixed"]
SPLITS = 100
# Networks below which a cell cannot be halved.
MIN_NETWORKS = 2


@dataclass(frozen=True)
class CellMeasures:
    """What the claims are about, in one cell; nan where undefined.

    held_out: (1) aggregated coefficient at a k chosen on the other half, mean over splits.
    k_share: (2) log of k*/n less its mean over all k with a coefficient. trend: (3) Spearman's
    correlation of layer and mean curvature at k*. correlation: (4) Spearman's of coefficient and
    accuracy at k*, and networks behind it. negative: (5) share of networks with a negative
    coefficient at a k chosen on the other half; order_negative: the same with layers permuted.
    fixed: aggregated coefficient at the k fixed beforehand; fixed_negative, fixed_order_negative:
    share of networks with a negative coefficient there, and of orders of their layers;
    fixed_trend, fixed_correlation, fixed_networks: (3) and (4) there. star, star_negative,
    star_order_negative: as these, at k* of the same networks.
    """

    held_out: float = np.nan
    k_share: float = np.nan
    trend: float = np.nan
    correlation: float = np.nan
    networks: int = 0
    negative: float = np.nan
    order_negative: float = np.nan
    fixed: float = np.nan
    fixed_negative: float = np.nan
    fixed_order_negative: float = np.nan
    fixed_trend: float = np.nan
    fixed_correlation: float = np.nan
    fixed_networks: int = 0
    star: float = np.nan
    star_negative: float = np.nan
    star_order_negative: float = np.nan

    def at(self, choice: ChoiceOfK) -> "CellMeasures":
        """Return the measures with what claims are about taken at a k that is chosen so.

        Where k* lies, (2), and for `other_half` (3) and (4) stay as they are.
        """
        if choice == "other_half":
            return self
        if choice == "k_star":
            return replace(
                self,
                held_out=self.star,
                negative=self.star_negative,
                order_negative=self.star_order_negative,
            )
        return replace(
            self,
            held_out=self.fixed,
            negative=self.fixed_negative,
            order_negative=self.fixed_order_negative,
            trend=self.fixed_trend,
            correlation=self.fixed_correlation,
            networks=self.fixed_networks,
        )


def measure_cell(cell: Cell, numbers: set[int], generator: np.random.Generator) -> CellMeasures:
    """Return the measures of some networks of a cell; all nan below MIN_NETWORKS."""
    rows = np.flatnonzero(np.isin(cell.numbers, list(numbers)))
    if len(rows) < MIN_NETWORKS:
        return CellMeasures()
    sums = pair_sums(cell.mass[rows], cell.curvature[rows])
    curve, single = pooled_pearson(sums.sum(axis=0)), _own(cell.mass[rows], cell.curvature[rows])
    if np.isnan(curve).all():
        return CellMeasures()
    star = int(np.nanargmin(curve))
    shares = np.log(cell.ks / cell.n)
    correlation, networks = correlate(single[:, star], cell.accuracy[rows])
    halves = _halves(sums, curve, single, cell.null_negative[rows], generator)
    fixed = fixed_place(cell.ks.tolist(), cell.n)

    def negative(at: int) -> tuple[float, float]:
        there = ~np.isnan(single[:, at])
        below, orders = single[:, at] < 0, cell.null_negative[rows, at]
        return _mean(np.where(there, below, np.nan)), _mean(np.where(there, orders, np.nan))

    def trend(at: int) -> float:
        usable = sums[:, at, 0] > 0
        return _trend(cell.curvature[rows, at][usable].mean(axis=0)) if usable.any() else np.nan

    fixed_negative, fixed_orders = negative(fixed)
    star_negative, star_orders = negative(star)
    fixed_correlation, fixed_networks = correlate(single[:, fixed], cell.accuracy[rows])
    return CellMeasures(
        held_out=halves[0],
        k_share=float(shares[star] - shares[~np.isnan(curve)].mean()),
        trend=trend(star),
        correlation=correlation,
        networks=networks,
        negative=halves[1],
        order_negative=halves[2],
        fixed=float(curve[fixed]),
        fixed_negative=fixed_negative,
        fixed_order_negative=fixed_orders,
        fixed_trend=trend(fixed),
        fixed_correlation=fixed_correlation,
        fixed_networks=fixed_networks,
        star=float(curve[star]),
        star_negative=star_negative,
        star_order_negative=star_orders,
    )


def _own(mass: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """Return the coefficient of every network by itself, (S, K), nan where it has none.

    Not from the sums: they are scaled to the spread of all networks, and that of one network may
    be too small next to it.
    """
    sides = np.diff(mass, axis=2), curvature[:, :, :-1]
    if sides[0].shape[2] < 3:  # none at all where one layer is measured
        return np.full(sides[0].shape[:2], np.nan)
    flat = [np.ptp(x, axis=2) <= ROUNDING * np.abs(x).max(axis=2) for x in sides]
    return np.where(flat[0] | flat[1], np.nan, rows_pearson(*sides))


def _trend(curvature: np.ndarray) -> float:
    found = rank_correlation(np.arange(len(curvature)), curvature)
    return np.nan if found is None else found[0]


def _halves(
    sums: np.ndarray,
    curve: np.ndarray,
    single: np.ndarray,
    null_negative: np.ndarray,
    generator: np.random.Generator,
) -> tuple[float, float, float]:
    """Return means over splits: held-out coefficient, share of networks below 0, share of orders.

    sums: (S, K, 6); curve: (K,) of all networks; single: (S, K) of each; null_negative: (S, K).
    """
    networks = len(sums)
    order = np.argsort(generator.random((SPLITS, networks)), axis=1)
    chooses = np.zeros((SPLITS, networks))
    np.put_along_axis(chooses, order[:, : networks // 2], 1.0, axis=1)
    halves = np.einsum("ps,skm->pkm", chooses, sums, optimize=True)
    chosen = pooled_pearson(halves)
    defined = ~np.isnan(chosen).all(axis=1)
    k = np.where(np.isnan(chosen), np.inf, chosen).argmin(axis=1)
    rest = sums.sum(axis=0)[k] - halves[np.arange(SPLITS), k]
    held_out = np.where(defined, pooled_pearson(rest), np.nan)
    tested = (chooses == 0) & defined[:, None] & ~np.isnan(single[:, k].T)
    below = _mean(np.where(tested, single[:, k].T < 0, np.nan))
    orders = _mean(np.where(tested, null_negative[:, k].T, np.nan))
    return _mean(held_out), below, orders


def _mean(values: np.ndarray) -> float:
    """Return the mean of what is not nan, nan where all is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan
