"""Every claim's quantity in every condition, and how far the conditions differ in it.

k is never chosen on the networks that are judged where that matters (claims on signs): half of them
choose, the other half is judged. Where k* lies and which way curvature goes there is not what k*
was chosen for, so these are taken at k* of all kept networks.

Controls may have fewer networks, and k chosen on fewer is a worse choice. So a difference is taken
inside each cell, between the same networks (by number: they start from the same weights) on both
sides, those kept in both, and then over the cells that both have.

Claims on signs also say what is left of them at a k fixed beforehand, over all cells and for each
depth: coefficients of 4 pairs and of 10 differ much in sign.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

import numpy as np

from ricci_flow.analysis.inference import (
    LEAST_CORRELATED,
    fisher,
    interval,
    meta_analysis,
    rank_correlation,
)
from ricci_flow.analysis.regression import NO_ACCURACY
from ricci_flow.analysis.resampling import Part, over_cells, over_data_sets, wilson
from ricci_flow.claims.base import GROUPS, WORDS, Claim, Name, Names, Quantity, Row
from ricci_flow.claims.cell_measures import ChoiceOfK, measure_cell
from ricci_flow.claims.verdicts import LAYER_ORDERS, Control, Estimate
from ricci_flow.seeds import derive_generator

# What was measured of each cell: `cell_measures.CellMeasures`, or what another paper has.
Measures = dict[Name, Any]
Rows = Mapping[Name, Row]
Pairs = Mapping[Name, tuple[Row, Row]]


class AnyCell(Protocol):
    """Networks of one cell under one condition and measure."""

    @property
    def depth(self) -> int:
        """Hidden layers."""
        ...

    def kept_numbers(self) -> set[int]:
        """Return the numbers of the kept networks."""
        ...


Cells = Mapping[tuple[str, str], Mapping[Name, Any]]


class Evidence:
    """What is known of the cells of a study; every number depends on names alone.

    cells: `AnyCell` by (condition, measure), then by (data set, architecture), see
    `cells.cells_of`; groups: each data set's, one of `GROUPS`; level: of the intervals; seed_name:
    root name of random streams; words: what texts call the groups; measure_cell: what is measured
    of some networks of a cell, by their numbers and a random stream.
    """

    def __init__(
        self,
        cells: Cells,
        groups: Mapping[str, str],
        level: float,
        seed_name: str,
        words: Mapping[str, str] = WORDS,
        measure_cell: Callable[[Any, set[int], np.random.Generator], Any] = measure_cell,
    ) -> None:
        self.cells, self.groups, self.words = cells, groups, words
        self.measure_cell = measure_cell
        self.level, self.seed_name = level, seed_name
        self.choice_of_k: ChoiceOfK | None = None  # each claim's own
        self._known: dict[tuple[str, str, Name, frozenset[int]], Any] = {}

    def seen(self, cells: Cells, choice_of_k: ChoiceOfK | None = None) -> "Evidence":
        """Return the evidence of some of the same cells, with k chosen in another way."""
        other = Evidence(
            cells, self.groups, self.level, self.seed_name, self.words, self.measure_cell
        )
        other.choice_of_k, other._known = choice_of_k, self._known
        return other

    def _measure(self, condition: str, measure: str, name: Name, networks: set[int]) -> Any:
        key = (condition, measure, name, frozenset(networks))
        if key not in self._known:
            # The same halves in every condition: differences are then between like and like.
            generator = derive_generator(self.seed_name, *name, "ledger halves", len(networks))
            cell = self.cells[condition, measure][name]
            self._known[key] = self.measure_cell(cell, networks, generator)
        found = self._known[key]
        return found if self.choice_of_k is None else found.at(self.choice_of_k)

    def own(self, condition: str, measure: str) -> Measures:
        """Return the measures of all kept networks of every cell of a condition."""
        return {
            name: self._measure(condition, measure, name, cell.kept_numbers())
            for name, cell in self.cells[condition, measure].items()
        }

    def paired(self, condition: str, control: str, measure: str) -> tuple[Measures, Measures]:
        """Return both sides' measures of the same networks, in the cells that both have."""
        ours = self.cells[condition, measure]
        theirs = self.cells.get((control, measure), {})
        sides: tuple[Measures, Measures] = ({}, {})
        for name in ours.keys() & theirs.keys():
            networks = ours[name].kept_numbers() & theirs[name].kept_numbers()
            for side, label in zip(sides, (condition, control), strict=True):
                side[name] = self._measure(label, measure, name, networks)
        return sides

    def rows(self, quantity: Quantity, measures: Measures) -> dict[Name, Row]:
        """Return a quantity's number in every cell."""
        return {
            name: quantity.in_cell(found, self.groups[name[0]]) for name, found in measures.items()
        }

    def parts(self, rows: Rows, *, split: bool = False) -> list[Part]:
        """Return the defined rows in order of name, by group where `split`."""
        parts = []
        for group in GROUPS if split else (None,):
            defined = {
                name: row
                for name, row in sorted(rows.items())
                if np.isfinite(row).all() and group in (None, self.groups[name[0]])
            }
            cells = np.array(list(defined.values()), dtype=float) if defined else np.empty((0, 1))
            parts.append(Part(cells, [name[0] for name in defined]))
        return parts

    def resampled(
        self,
        rows: Rows,
        statistic: Callable[[list[np.ndarray]], np.ndarray],
        names: Names,
        *,
        split: bool = False,
        back: Callable[[float], float] = float,
    ) -> Estimate:
        """Return a statistic of cells with its bootstrap interval.

        split: resampled by group; back: from the scale of the rows to that of the statistic.
        """
        parts = self.parts(rows, split=split)
        sizes = [len(part.cells) for part in parts]
        cells = min(sizes)
        if cells < 2:
            which = f" of {self.words[GROUPS[int(np.argmin(sizes))]]}" if split else ""
            return Estimate(cells=cells, reason=f"cells{which} where it is defined: {cells}")
        arrays = [part.cells for part in parts]
        value = float(statistic([array[None] for array in arrays])[0])
        generator = derive_generator(self.seed_name, "ledger bootstrap", *names.stream)
        low, high = over_cells(arrays, statistic, self.level, generator)
        return self.with_data_sets(Estimate(value, low, high, cells), parts, back)

    def counted(self, part: Part) -> Estimate:
        """Return the share of a part's cells whose number is 1, of 0 and 1."""
        of = len(part.data_sets)
        if of == 0:
            return Estimate(reason="cells where it is defined: 0")
        hits = part.cells[:, 0]
        share = Estimate(float(hits.mean()), *wilson(int(hits.sum()), of, self.level), of)
        return self.with_data_sets(share, [part], _in_unit)

    def with_data_sets(
        self, own: Estimate, parts: list[Part], back: Callable[[float], float]
    ) -> Estimate:
        """Add the number of data sets, and the wider of both intervals where they have one.

        back: from the scale of the parts to that of the estimate.
        """
        count = min(len(set(part.data_sets)) for part in parts)
        wide = over_data_sets(parts, self.level)
        if wide is None or own.low is None or own.high is None:
            return replace(own, data_sets=count)
        low, high = min(own.low, float(back(wide[0]))), max(own.high, float(back(wide[1])))
        return replace(own, data_sets=count, widest_low=low, widest_high=high)

    def estimate(self, claim: Claim, condition: str, measure: str) -> Estimate:
        """Return a claim's quantity in one condition."""
        quantity = claim.quantity
        rows = self.rows(quantity, self.own(condition, measure))
        names = Names(condition, measure, more=(quantity.stream,))
        return quantity.pool.estimate(self, rows, names)

    def difference(self, claim: Claim, condition: str, control: str, measure: str) -> Estimate:
        """Return how far a condition exceeds a control in a claim's quantity."""
        quantity = claim.quantity
        sides = self.paired(condition, control, measure)
        ours, theirs = (self.rows(quantity, side) for side in sides)
        pairs = {name: (ours[name], theirs[name]) for name in ours}
        names = Names(condition, measure, control, (quantity.stream,))
        return quantity.pool.difference(self, pairs, names)

    def compared(
        self, claim: Claim, name: str, other: Quantity, condition: str, measure: str
    ) -> Control:
        """Return another quantity of the same networks beside a claim's own, as a control.

        name: of the control, such as LAYER_ORDERS: every network's layers in random order.
        """
        measures = self.own(condition, measure)
        ours, theirs = (self.rows(quantity, measures) for quantity in (claim.quantity, other))
        names = Names(condition, measure, name)
        pairs = {cell: (ours[cell], theirs[cell]) for cell in ours}
        return Control(
            name,
            other.pool.estimate(self, theirs, replace(names, more=("null",))),
            other.pool.difference(self, pairs, replace(names, more=("excess",))),
        )

    def fixed(
        self, quantity: Quantity, condition: str, measure: str, depth: int | None = None
    ) -> Estimate:
        """Return a quantity at the k fixed beforehand in one condition.

        depth: only over cells of so many hidden layers.
        """
        cells = self.cells[condition, measure]
        measures = {
            name: found
            for name, found in self.own(condition, measure).items()
            if depth in (None, cells[name].depth)
        }
        names = Names(condition, measure, more=(quantity.stream, str(depth)))
        return quantity.pool.estimate(self, self.rows(quantity, measures), names)

    def depths(self, condition: str, measure: str) -> list[int]:
        """Return the depths of the cells of a condition, ascending."""
        return sorted({cell.depth for cell in self.cells[condition, measure].values()})

    def controls(
        self, claim: Claim, condition: str, measure: str, names: Sequence[str]
    ) -> list[Control]:
        """Return a claim's quantity in the controls, and by other means of the same networks.

        These are last: its comparisons, and layers in random order, where it has them.
        """
        found = [
            Control(
                name,
                self.estimate(claim, name, measure),
                self.difference(claim, condition, name, measure),
            )
            for name in names
            if (name, measure) in self.cells
        ]
        others = claim.comparisons
        if claim.in_layer_orders is not None:
            others = (*others, (LAYER_ORDERS, claim.in_layer_orders))
        return found + [self.compared(claim, *other, condition, measure) for other in others]


def _in_unit(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _mean(parts: list[np.ndarray]) -> np.ndarray:
    """Return the mean over the cells of one group; a part: (resamples, cells, columns)."""
    return np.asarray(parts[0][..., 0].mean(axis=1))


def _geometric_mean(parts: list[np.ndarray]) -> np.ndarray:
    """Return the geometric mean over the cells of one group, of logarithms."""
    return np.asarray(np.exp(_mean(parts)))


def _ratio(parts: list[np.ndarray]) -> np.ndarray:
    """Return the ratio of geometric means, real over synthetic, of logarithms."""
    synthetic, real = (part[..., 0].mean(axis=1) for part in parts)
    return np.asarray(np.exp(real - synthetic))


def _weighted_mean(parts: list[np.ndarray]) -> np.ndarray:
    """Return the mean of the first column weighted by the second."""
    values, weights = parts[0][..., 0], parts[0][..., 1]
    return np.asarray((values * weights).sum(axis=1) / weights.sum(axis=1))


def _excess(pairs: Pairs) -> dict[Name, Row]:
    return {name: (ours[0] - theirs[0],) for name, (ours, theirs) in pairs.items()}


@dataclass(frozen=True)
class MeanShare:
    """The mean over cells of a share (from 0 to 1); bootstrap interval."""

    by_group = False

    def estimate(self, evidence: Evidence, rows: Rows, names: Names) -> Estimate:
        """Return the mean."""
        return evidence.resampled(rows, _mean, names, back=_in_unit)

    def difference(self, evidence: Evidence, pairs: Pairs, names: Names) -> Estimate:
        """Return the mean difference inside cells."""
        return evidence.resampled(_excess(pairs), _mean, names)


@dataclass(frozen=True)
class ShareOfCells(MeanShare):
    """The share of cells in which something holds (1, else 0); Wilson's interval."""

    def estimate(self, evidence: Evidence, rows: Rows, names: Names) -> Estimate:
        """Return the share."""
        return evidence.counted(evidence.parts(rows)[0])


@dataclass(frozen=True)
class LeastShare(MeanShare):
    """The lesser of the groups' shares of cells, with its own interval and both as parts."""

    by_group = True

    def estimate(self, evidence: Evidence, rows: Rows, names: Names) -> Estimate:
        """Return the lesser share; of equal ones the less certain."""
        shares = []
        for group, part in zip(GROUPS, evidence.parts(rows, split=True), strict=True):
            if not part.data_sets:
                return Estimate(reason=f"cells of {evidence.words[group]} where it is defined: 0")
            shares.append(evidence.counted(part))
        least = min(shares, key=lambda share: (share.value, share.low))
        return replace(least, parts=tuple(shares))


@dataclass(frozen=True)
class RatioOfGroups:
    """The ratio of the groups' geometric means, real over synthetic, of logarithms."""

    by_group = True

    def estimate(self, evidence: Evidence, rows: Rows, names: Names) -> Estimate:
        """Return the ratio."""
        return evidence.resampled(rows, _ratio, names, split=True, back=np.exp)

    def difference(self, evidence: Evidence, pairs: Pairs, names: Names) -> Estimate:
        """Return the ratio of the ratios."""
        return evidence.resampled(_excess(pairs), _ratio, names, split=True, back=np.exp)


@dataclass(frozen=True)
class MeanRatio:
    """The geometric mean over cells of a ratio, of logarithms; bootstrap interval."""

    by_group: ClassVar[bool] = False

    def estimate(self, evidence: Evidence, rows: Rows, names: Names) -> Estimate:
        """Return the mean."""
        return evidence.resampled(rows, _geometric_mean, names, back=np.exp)

    def difference(self, evidence: Evidence, pairs: Pairs, names: Names) -> Estimate:
        """Return the mean of the ratios' ratios inside cells."""
        return evidence.resampled(_excess(pairs), _geometric_mean, names, back=np.exp)


@dataclass(frozen=True)
class Correlation:
    """The random-effects mean of the cells' rank correlations.

    Of rows (Fisher's z, its variance, the correlation, networks). of_accuracy: whether accuracy is
    one of the two that are correlated.
    """

    of_accuracy: bool = True
    by_group: ClassVar[bool] = False

    def estimate(self, evidence: Evidence, rows: Rows, names: Names) -> Estimate:
        """Return the mean correlation."""
        cells = evidence.cells[names.condition, names.measure].values()
        if self.of_accuracy and all(np.isnan(cell.accuracy).all() for cell in cells):
            return Estimate(reason=NO_ACCURACY)
        defined = np.array([row for row in rows.values() if np.isfinite(row).all()])
        if len(defined) < 2:
            return Estimate(reason=f"cells: {len(defined)}, fewer than 2")
        value, low, high, _ = meta_analysis(defined[:, 2], defined[:, 3], evidence.level)
        weighted = {name: (row[0], 1 / row[1]) for name, row in rows.items()}
        own = Estimate(value, low, high, len(defined))
        return evidence.with_data_sets(own, evidence.parts(weighted), np.tanh)

    def difference(self, evidence: Evidence, pairs: Pairs, names: Names) -> Estimate:
        """Return the mean difference of Fisher's z inside cells, each weighted by its precision."""
        shifts = {
            name: (ours[0] - theirs[0], 1 / (ours[1] + theirs[1]))
            for name, (ours, theirs) in pairs.items()
        }
        return evidence.resampled(shifts, _weighted_mean, names)


@dataclass(frozen=True)
class AcrossDataSets:
    """The rank correlation, over data sets, of two numbers of their cells, by Fisher's z.

    Data sets are the units: of each, the means over its architectures.
    """

    by_group: ClassVar[bool] = False

    def estimate(self, evidence: Evidence, rows: Rows, names: Names) -> Estimate:
        """Return the correlation; `cells` counts data sets."""
        means = _by_data_set(evidence, rows)
        value, count = _correlation(means), len(means)
        if value is None:
            return Estimate(cells=count, reason=_why_uncorrelated(count))
        low, high = interval(value, count, evidence.level)
        return Estimate(value, low, high, count, None, low, high, count)

    def difference(self, evidence: Evidence, pairs: Pairs, names: Names) -> Estimate:
        """Return the difference of Fisher's z, as if both were found in data sets of their own."""
        from scipy.stats import norm

        means = _by_data_set(evidence, {name: (*a, *b) for name, (a, b) in pairs.items()})
        found, count = [_correlation(means[:, :2]), _correlation(means[:, 2:])], len(means)
        if None in found:
            return Estimate(cells=count, reason=_why_uncorrelated(count))
        z, variance = fisher(np.array(found, float), np.full(2, count))
        value, error = float(z[0] - z[1]), float(np.sqrt(variance.sum()))
        half = float(norm.ppf(0.5 + evidence.level / 2)) * error
        low, high = value - half, value + half
        return Estimate(value, low, high, count, None, low, high, count)


def _why_uncorrelated(data_sets: int) -> str:
    if data_sets < LEAST_CORRELATED:
        return f"data sets where it is defined: {data_sets}, fewer than {LEAST_CORRELATED}"
    return "all data sets have the same"


def _by_data_set(evidence: Evidence, rows: Rows) -> np.ndarray:
    """Return the mean row of every data set that has one, (data sets, columns)."""
    cells, names = evidence.parts(rows)[0]
    means = [cells[np.array(names) == name].mean(axis=0) for name in dict.fromkeys(names)]
    return np.array(means) if means else np.empty((0, 4))


def _correlation(means: np.ndarray) -> float | None:
    """Return the rank correlation of two columns, None of too few rows or of a constant."""
    found = rank_correlation(*means.T) if len(means) >= LEAST_CORRELATED else None
    return None if found is None else found[0]
