"""From estimates to verdicts: the one place where it is decided what counts as reproduced.

Every claim has a quantity, its null value (what there would be if the claim were empty) and a side
of the null value on which the claim lies. In this order:

- `undecided` where the quantity is undefined or rests on fewer than MIN_CELLS cells;
- `not reproduced` for a claim about every cell where the interval excludes EVERY;
- `reproduced` where the interval lies wholly on the claim's side of the null value, with cells as
  the units and with data sets too; but `reproduced, and so do the controls` where the interval of
  at least one control lies there too and the difference from it is not significantly in the claim's
  direction;
- `not reproduced` where the interval excludes the margin, the least effect worth the name;
- `undecided` otherwise.

Cells of one data set share its points. So what speaks for a claim, which is about data in general,
must hold with data sets as the units: the wider of both intervals counts. What speaks against it
need only hold for the cells that there are.

A claim about training itself (5) needs more: the networks must exceed every control, and their own
layers in random order. It is `not reproduced` where the difference from one of these excludes the
margin of differences, and `undecided` where no control was run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# Fewer cells than this cannot decide: of 5 tossed coins all agree once in 16 times.
MIN_CELLS = 6
# Fewer data sets (of a kind, where two kinds are compared) say nothing of how these differ.
MIN_DATA_SETS = 2
# A claim about "every" cell lets one in twenty be noise.
EVERY = 0.95

REPRODUCED = "reproduced"
SO_DO_CONTROLS = "reproduced, and so do the controls"
NOT_REPRODUCED = "not reproduced"
UNDECIDED = "undecided"

# A comparison that is computed, not run: it speaks as a control does, but replaces none.
LAYER_ORDERS = "layer orders"
NO_CONTROL = "no control was run"


@dataclass(frozen=True)
class Rule:
    """How a claim is judged.

    null: null value of the quantity. side: 1 where the claim lies above it, -1 where below.
    margin: least effect worth the name, on the claim's side. every: a claim about every cell.
    null_difference: of the difference from a control; margin_difference: least difference worth
    the name, only for a claim about differences.
    """

    null: float
    side: int
    margin: float
    every: bool = False
    null_difference: float = 0.0
    margin_difference: float | None = None

    @property
    def limits(self) -> tuple[float, ...]:
        """What an estimate is compared with."""
        return (self.null, self.margin, *((EVERY,) if self.every else ()))

    @property
    def limits_of_difference(self) -> tuple[float, ...]:
        """What a difference from a control is compared with."""
        margin = self.margin_difference
        return (self.null_difference, *(() if margin is None else (margin,)))


RULES = {
    # Share of cells with a negative coefficient at a k chosen on other networks.
    1: Rule(null=0.5, side=1, margin=0.6, every=True),
    # k*/n on real over synthetic data, as a multiple of what a blind choice of k gives.
    2: Rule(null=1.0, side=1, margin=1.5, null_difference=1.0),
    # Share of cells whose curvature moves in the claimed direction, in the group where it is least.
    3: Rule(null=0.5, side=1, margin=0.6),
    # Correlation of coefficient and accuracy within cells; -0.1 is small (Cohen 1988).
    4: Rule(null=0.0, side=-1, margin=-0.1),
    # Share of networks with a negative coefficient at a k chosen on others.
    5: Rule(null=0.5, side=1, margin=0.6, margin_difference=0.1),
}


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
    """Return the verdict on a claim and a remark: controls that decide it, or why it is open."""
    verdict, remark = alone(rule, estimate)
    if verdict != REPRODUCED:
        return verdict, remark
    speaking = [c for c in controls if None not in (c.estimate.value, c.difference.value)]
    if rule.margin_difference is not None:
        return _judge_difference(rule, rule.margin_difference, speaking)
    if not speaking:
        return REPRODUCED, "not defined in any control" if controls else NO_CONTROL
    too = [
        c.name
        for c in speaking
        if c.estimate.fewest_cells >= MIN_CELLS
        and c.estimate.beyond(rule.null, rule.side)
        and not _certain(c, rule.null_difference, rule.side)
    ]
    return (SO_DO_CONTROLS, ", ".join(too)) if too else (REPRODUCED, "")


def _judge_difference(rule: Rule, margin: float, controls: Sequence[Control]) -> tuple[str, str]:
    # What exceeds the null value by a hair is still exceeded: direction first, then size.
    others = [c for c in controls if not _certain(c, rule.null_difference, rule.side)]
    near = [c.name for c in others if _excluded(c, margin, -rule.side)]
    if near:
        return NOT_REPRODUCED, f"not more than {', '.join(near)}"
    if all(c.name == LAYER_ORDERS for c in controls):
        return UNDECIDED, NO_CONTROL
    if others:
        return UNDECIDED, f"not clearly more than {', '.join(c.name for c in others)}"
    return REPRODUCED, ""


def _certain(control: Control, value: float, side: int) -> bool:
    return control.difference.cells >= MIN_CELLS and control.difference.surely_beyond(value, side)


def _excluded(control: Control, value: float, side: int) -> bool:
    return control.difference.cells >= MIN_CELLS and control.difference.beyond(value, side)
