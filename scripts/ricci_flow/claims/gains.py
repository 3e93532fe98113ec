"""Claims that networks are more accurate, or no less so, than the same ones under a condition."""

from collections.abc import Callable

import numpy as np

from ricci_flow.claims.base import Quantity
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.layer_measures import LayerCell
from ricci_flow.claims.verdicts import Rule

# Half of the cells, by chance.
RULE = Rule(null=0.5, side=1, margin=0.6)


def positive(gain: float) -> float:
    """Return 1 for a gain, 0 for a loss, half for neither."""
    return (float(np.sign(gain)) + 1) / 2


def cells_that_gain(
    label: str, condition: str, enough: Callable[[float], float], depth: int | None = None
) -> Quantity:
    """Return the share of cells whose gain in mean accuracy over a condition is enough.

    enough: of a gain, 1 where it is, 0 where it is not, half where it is neither. depth: measured
    layers of the cells that are asked, at most. A cell without one of the accuracies is not asked.
    """

    def in_cell(cell: LayerCell, _: str) -> tuple[float]:
        asked = depth is None or cell.depth <= depth
        gain = cell.gain_over(condition) if asked else np.nan
        return (gain if np.isnan(gain) else float(enough(gain)),)

    return Quantity(label, in_cell, MeanShare())
