"""From estimates to verdicts: the one place where it is decided what counts as reproduced.

Every claim has a quantity, its null value (what there would be if the claim were empty) and a side
of the null value on which the claim lies. In this order:

- `undecided` where the quantity is undefined or rests on fewer than MIN_CELLS cells;
- `not reproduced` for a claim about every cell where the interval excludes EVERY;
- where the interval lies wholly on the claim's side of the null value, with cells as the units and
  with data sets too, the count holds: `reproduced` where the networks clearly exceed every control,
  `reproduced as counted` where they do not;
- `not reproduced` where the interval excludes the margin, the least effect that counts;
- `undecided` otherwise.

Cells of one data set share its points. So what speaks for a claim, which is about data in general,
must hold with data sets as the units: the wider of both intervals counts. What speaks against it
need only hold for the cells that there are.

A control stands in one of three ways to the networks: clearly exceeded, where the difference lies
on the claim's side with data sets as the units too; else it shows the claim as well, where its own
interval lies on the claim's side; else it is not clearly exceeded. That a control's own interval
does not show the claim is no difference from it: in a faint effect that both share it is chance
which of two intervals excludes the null value. So the last two count alike, and the remark tells
them apart.

Other means to the claim's end, with the same networks, stand like controls, too: what they reach is
not due to what the claim names.

A claim about training itself is compared with the networks' own layers in random order, too,
which show what is there without any order of layers, and it is `undecided` where no control was
run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Fewer cells than this cannot decide: of 5 tossed coins all agree once in 16 times.
MIN_CELLS = 6
# Fewer data sets (of a kind, where two kinds are compared) say nothing of how these differ.
MIN_DATA_SETS = 2
# A claim about "every" cell lets one in twenty be noise.
EVERY = 0.95

REPRODUCED = "reproduced"
AS_COUNTED = "reproduced as counted"
NOT_REPRODUCED = "not reproduced"
UNDECIDED = "undecided"

# How a control stands to the networks.
TOO = "shown too"
NOT_CLEAR = "not clearly exceeded"
EXCEEDED = "clearly exceeded"

# A comparison that is computed, not run: it speaks as a control does, but replaces none.
LAYER_ORDERS = "layer orders"
NO_CONTROL = "no control was run"


@dataclass(frozen=True)
class Rule:
    """How a claim is judged.

    null: null value of the quantity. side: 1 where the claim lies above it, -1 where below.
    margin: least effect that counts, on the claim's side. every: a claim about every cell.
    null_difference: of the difference from a control. training: a claim about training itself.
    """

    null: float
    side: int
    margin: float
    every: bool = False
    null_difference: float = 0.0
    training: bool = False

    @property
    def limits(self) -> tuple[float, ...]:
        """What an estimate is compared with."""
        return (self.null, self.margin, *((EVERY,) if self.every else ()))

    @property
    def limits_of_difference(self) -> tuple[float, ...]:
        """What a difference from a control is compared with."""
        return (self.null_difference,)


@dataclass(frozen=True)
class Estimate:
    """A quantity and its interval; None where undefined, `reason` says why.

    low, high: with cells as the units; widest_low, widest_high: the wider of that interval and the
    one with data sets as the units, None where there are too few of these. cells, data_sets: how
    many, in the smaller group where there are two. parts: of the lesser of several, all of them;
    a claim on all holds where it holds of each, and fails where it fails of one.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    cells: int = 0
    reason: str | None = None
    widest_low: float | None = None
    widest_high: float | None = None
    data_sets: int = 0
    parts: tuple["Estimate", ...] = ()

    def beyond(self, value: float, side: int) -> bool:
        """Say whether the interval over cells lies beyond a value, on the side 1 (above) or -1."""
        return _beyond(self._least("low"), self._least("high"), value, side)

    def surely_beyond(self, value: float, side: int) -> bool:
        """Say the same of the wider interval."""
        return _beyond(self._least("widest_low"), self._least("widest_high"), value, side)

    @property
    def fewest_cells(self) -> int:
        """Cells of the part that has the fewest."""
        return min(part.cells for part in self.parts or (self,))

    @property
    def fewest_data_sets(self) -> int:
        """Data sets of the part that has the fewest."""
        return min(part.data_sets for part in self.parts or (self,))

    def _least(self, name: str) -> float | None:
        values = [getattr(part, name) for part in self.parts or (self,)]
        return None if None in values else min(values)


def _beyond(low: float | None, high: float | None, value: float, side: int) -> bool:
    if low is None or high is None:
        return False
    return low > value if side > 0 else high < value


@dataclass(frozen=True)
class Control:
    """The quantity in a control, and how far the networks in question exceed it.

    The difference is over cells that both have, with the same networks on both sides.
    """

    name: str
    estimate: Estimate
    difference: Estimate


def alone(rule: Rule, estimate: Estimate) -> tuple[str, str]:
    """Return the verdict on one condition by itself and, where undecided, why."""
    if estimate.value is None:
        return UNDECIDED, estimate.reason or "not defined"
    if estimate.fewest_cells < MIN_CELLS:
        return UNDECIDED, f"cells: {estimate.fewest_cells}, fewer than {MIN_CELLS}"
    if rule.every and estimate.beyond(EVERY, -rule.side):
        return NOT_REPRODUCED, ""
    if estimate.surely_beyond(rule.null, rule.side):
        return REPRODUCED, ""
    if estimate.beyond(rule.margin, -rule.side):
        return NOT_REPRODUCED, ""
    if estimate.beyond(rule.null, rule.side):
        return UNDECIDED, _few(estimate.fewest_data_sets)
    return UNDECIDED, "the interval holds both the null value and the claim"


def _few(data_sets: int) -> str:
    if data_sets < MIN_DATA_SETS:
        return f"data sets: {data_sets}, fewer than {MIN_DATA_SETS}"
    return "over cells but not over data sets"


def judge(rule: Rule, estimate: Estimate, controls: Sequence[Control]) -> tuple[str, str]:
    """Return the verdict on a claim and a remark: how the controls stand, or why it is open."""
    verdict, remark = alone(rule, estimate)
    if verdict != REPRODUCED:
        return verdict, remark
    found = {c.name: stands for c in controls if (stands := standing(rule, c)) is not None}
    if rule.training and not found.keys() - {LAYER_ORDERS}:
        return UNDECIDED, NO_CONTROL
    if not found:
        return REPRODUCED, "not defined in any control" if controls else NO_CONTROL
    if set(found.values()) == {EXCEEDED}:
        return REPRODUCED, ""
    return AS_COUNTED, remark_of(found)


def standing(rule: Rule, control: Control) -> str | None:
    """Return how a control stands to the networks: TOO, NOT_CLEAR or EXCEEDED.

    None where it, or the difference from it, is undefined.
    """
    if None in (control.estimate.value, control.difference.value):
        return None
    enough = control.difference.cells >= MIN_CELLS
    if enough and control.difference.surely_beyond(rule.null_difference, rule.side):
        return EXCEEDED
    own = control.estimate
    return TOO if own.fewest_cells >= MIN_CELLS and own.beyond(rule.null, rule.side) else NOT_CLEAR


def remark_of(standings: Mapping[str, str]) -> str:
    """Return a remark on controls; standings: how each stands, by its name."""
    parts = []
    for stands in (TOO, NOT_CLEAR, EXCEEDED):
        names = [name for name, its in standings.items() if its == stands]
        if names:
            parts.append(f"{stands}: {', '.join(names)}")
    return "; ".join(parts)
