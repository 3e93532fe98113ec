"""Every claim's quantity in every condition, and how far the conditions differ in it.

k is never chosen on the networks that are judged where that matters (claims 1 and 5): half of them
choose, the other half is judged. Where k* lies (2) and which way curvature goes there (3) is not
what k* was chosen for, so these are taken at k* of all kept networks.

Controls may have fewer networks, and k chosen on fewer is a worse choice. So a difference is taken
inside each cell, between the same networks (by number: they start from the same weights) on both
sides, those kept in both, and then over the cells that both have.

Beside claims 1 and 5, which are about signs, stands what is left of them at a k fixed beforehand,
over all cells and for each depth: a coefficient of 4 pairs and one of 10 differ much in sign.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ricci_flow.seeds import derive_generator
from ricci_flow.statistics.intervals import Part, bootstrap, over_data_sets, wilson
from ricci_flow.statistics.measures import Measures, measure
from ricci_flow.statistics.pooling import below, mean, own_z, ratio, shift, weighted_mean
from ricci_flow.statistics.profiles import Cell
from ricci_flow.statistics.verdicts import LAYER_ORDERS, Control, Estimate

GROUPS = ("synthetic", "real")
# Which way curvature goes along the layers, by claim 3.
DIRECTION = {"synthetic": -1.0, "real": 1.0}

Name = tuple[str, str]
Cells = Mapping[Name, Cell]
Measured = dict[Name, Measures]


def _in_unit(share: float) -> float:
    return min(max(share, 0.0), 1.0)


class Estimates:
    """Estimates of one study, every number of which depends on names alone.

    cells: see `profiles.cells_of`; groups: each data set's, synthetic or real; links: for each
    (condition, convention) the primary row of accuracy_link.parquet, if it has one; level: of the
    intervals; seed_name: root name of random streams.
    """

    def __init__(
        self,
        cells: Mapping[tuple[str, str], Cells],
        groups: Mapping[str, str],
        links: Mapping[tuple[str, str], Mapping[str, Any]],
        level: float,
        seed_name: str,
    ) -> None:
        self.cells, self.groups, self.links = cells, groups, links
        self.level, self.seed_name = level, seed_name
        self._known: dict[tuple[str, str, Name, frozenset[int]], Measures] = {}

    def _measure(self, condition: str, convention: str, name: Name, who: set[int]) -> Measures:
        key = (condition, convention, name, frozenset(who))
        if key not in self._known:
            # The same halves in every condition: differences are then between like and like.
            generator = derive_generator(self.seed_name, *name, "ledger halves", len(who))
            cell = self.cells[condition, convention][name]
            self._known[key] = measure(cell, who, generator)
        return self._known[key]

    def own(self, condition: str, convention: str) -> Measured:
        """Return the measures of all kept networks of every cell of a condition."""
        return {
            name: self._measure(condition, convention, name, cell.kept_numbers())
            for name, cell in self.cells[condition, convention].items()
        }

    def paired(self, condition: str, control: str, convention: str) -> tuple[Measured, Measured]:
        """Return both sides' measures of the same networks, in the cells that both have."""
        ours = self.cells[condition, convention]
        theirs = self.cells.get((control, convention), {})
        sides: tuple[Measured, Measured] = ({}, {})
        for name in ours.keys() & theirs.keys():
            who = ours[name].kept_numbers() & theirs[name].kept_numbers()
            for side, label in zip(sides, (condition, control), strict=True):
                side[name] = self._measure(label, convention, name, who)
        return sides

    def _groups(self, values: Mapping[Name, Sequence[float]], *, split: bool) -> list[Part]:
        """Return defined rows, by group where `split`, in order of name."""
        parts = []
        for group in GROUPS if split else (None,):
            rows = {
                name: row
                for name, row in sorted(values.items())
                if np.isfinite(row).all() and group in (None, self.groups[name[0]])
            }
            cells = np.array(list(rows.values()), dtype=float) if rows else np.empty((0, 1))
            parts.append(Part(cells, [name[0] for name in rows]))
        return parts

    def _interval(
        self,
        values: Mapping[Name, Sequence[float]],
        statistic: Callable[[list[np.ndarray]], np.ndarray],
        *names: str,
        split: bool = False,
        share: bool = False,
    ) -> Estimate:
        """Return a statistic of cells with its bootstrap interval.

        split: resampled by group; share: it lies between 0 and 1.
        """
        parts = self._groups(values, split=split)
        sizes = [len(part.cells) for part in parts]
        cells = min(sizes)
        if cells < 2:
            which = f" of {GROUPS[int(np.argmin(sizes))]} data" if split else ""
            return Estimate(cells=cells, reason=f"cells{which} where it is defined: {cells}")
        arrays = [part.cells for part in parts]
        value = float(statistic([array[None] for array in arrays])[0])
        generator = derive_generator(self.seed_name, "ledger bootstrap", *names)
        low, high = bootstrap(arrays, statistic, self.level, generator)
        back = np.exp if split else _in_unit if share else float
        return self._with_data_sets(Estimate(value, low, high, cells), parts, back)

    def _share(self, hits: np.ndarray, part: Part) -> Estimate:
        """Return the share of a part's cells that are hits, (cells,) of 0 and 1."""
        of = len(hits)
        if of == 0:
            return Estimate(reason="cells where it is defined: 0")
        share = Part(hits[:, None].astype(float), part.data_sets)
        own = Estimate(float(hits.mean()), *wilson(int(hits.sum()), of, self.level), of)
        return self._with_data_sets(own, [share], _in_unit)

    def _with_data_sets(
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

    def estimate(self, claim: int, condition: str, convention: str) -> Estimate:
        """Return a claim's quantity in one condition."""
        measured = self.own(condition, convention)
        if claim == 1:
            held = self._groups({n: [m.held_out] for n, m in measured.items()}, split=False)[0]
            return self._share(held.cells[:, 0] < 0, held)
        if claim == 2:
            shares = {n: [m.k_share] for n, m in measured.items()}
            return self._interval(shares, ratio, condition, convention, "2", split=True)
        if claim == 3:
            return self._direction(measured)
        if claim == 4:
            row = self.links.get((condition, convention), {})
            if row.get("estimate") is None:
                return Estimate(reason=str(row.get("reason") or "accuracy is not defined"))
            own = Estimate(row["estimate"], row["low"], row["high"], row["cells"])
            parts = self._groups({n: own_z(m) for n, m in measured.items()}, split=False)
            return self._with_data_sets(own, parts, np.tanh)
        shares = {n: [m.negative] for n, m in measured.items()}
        return self._interval(shares, mean, condition, convention, "5", share=True)

    def _direction(self, measured: Measured) -> Estimate:
        """Return the lesser of the groups' shares with its own interval, and both as parts."""
        shares = []
        parts = self._groups({n: [m.trend] for n, m in measured.items()}, split=True)
        for group, part in zip(GROUPS, parts, strict=True):
            if not part.data_sets:
                return Estimate(reason=f"cells of {group} data where it is defined: 0")
            shares.append(self._share(DIRECTION[group] * part.cells[:, 0] > 0, part))
        # Of equal shares the less certain one.
        least = min(shares, key=lambda share: (share.value, share.low))
        return replace(least, parts=tuple(shares))

    def difference(self, claim: int, condition: str, control: str, convention: str) -> Estimate:
        """Return how far a condition exceeds a control in a claim's quantity."""
        ours, theirs = self.paired(condition, control, convention)
        names = (condition, control, convention, str(claim))
        pairs = {name: (ours[name], theirs[name]) for name in ours}
        if claim == 2:
            shifts = {n: [a.k_share - b.k_share] for n, (a, b) in pairs.items()}
            return self._interval(shifts, ratio, *names, split=True)
        if claim == 4:
            rows = {n: shift(a, b) for n, (a, b) in pairs.items()}
            return self._interval(rows, weighted_mean, *names)
        values = {
            1: lambda name, m: below(m.held_out),
            3: lambda name, m: below(-DIRECTION[self.groups[name[0]]] * m.trend),
            5: lambda name, m: m.negative,
        }[claim]
        rows = {n: [values(n, a) - values(n, b)] for n, (a, b) in pairs.items()}
        return self._interval(rows, mean, *names)

    def orders(self, condition: str, convention: str) -> Control:
        """Return claim 5's quantity with every network's layers in random order, as a control."""
        measured = self.own(condition, convention)
        names = (condition, LAYER_ORDERS, convention)
        null = {n: [m.order_negative] for n, m in measured.items()}
        excess = {n: [m.negative - m.order_negative] for n, m in measured.items()}
        return Control(
            LAYER_ORDERS,
            self._interval(null, mean, *names, "null", share=True),
            self._interval(excess, mean, *names, "excess"),
        )

    def fixed(
        self,
        claim: int,
        condition: str,
        convention: str,
        depth: int | None = None,
        *,
        orders: bool = False,
    ) -> Estimate:
        """Return what a k fixed beforehand leaves of claim 1 or 5 in one condition.

        The share of cells with a negative aggregated coefficient there (1), or of networks with a
        negative one (5), with `orders` of orders of their layers. depth: only cells of so many
        hidden layers.
        """
        cells = self.cells[condition, convention]
        measured = {
            name: m
            for name, m in self.own(condition, convention).items()
            if depth in (None, cells[name].depth)
        }
        if claim == 1:
            part = self._groups({n: [m.fixed] for n, m in measured.items()}, split=False)[0]
            return self._share(part.cells[:, 0] < 0, part)
        which = "fixed_order_negative" if orders else "fixed_negative"
        shares = {n: [getattr(m, which)] for n, m in measured.items()}
        return self._interval(shares, mean, condition, convention, which, str(depth), share=True)

    def depths(self, condition: str, convention: str) -> list[int]:
        """Return the depths of the cells of a condition, ascending."""
        return sorted({cell.depth for cell in self.cells[condition, convention].values()})

    def controls(
        self, claim: int, condition: str, convention: str, names: Sequence[str]
    ) -> list[Control]:
        """Return a claim's quantity in the controls; for claim 5 also with layers permuted."""
        found = [
            Control(
                name,
                self.estimate(claim, name, convention),
                self.difference(claim, condition, name, convention),
            )
            for name in names
            if (name, convention) in self.cells
        ]
        return [*found, self.orders(condition, convention)] if claim == 5 else found
