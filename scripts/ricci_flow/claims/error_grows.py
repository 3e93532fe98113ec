"""Mingard et al. 2025: networks generalise the worse, the more complex their target is.

Networks are trained on a half of all inputs, the other half is held out. They show mean errors by
complexity and print none. Simple targets of theirs have few ones, so that guessing the most
frequent class has the same trend: it is compared with what networks do, like a control.
"""

import numpy as np

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import AcrossDataSets
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule

TARGET = ("lz_of_target", "with_input_and_output")
GUESS = ("majority_error", "with_input_and_output")


def _of_target(cell: LayerCell, needed: tuple[str, str]) -> float:
    """Return what all networks of a cell have alike, nan where it was not measured."""
    found = cell.total([needed])[:, 0]
    return float(found[0]) if len(found) else np.nan


def _error(cell: LayerCell, _: str) -> tuple[float, float]:
    error = 1 - cell.held_out.mean() if len(cell.held_out) else np.nan
    return _of_target(cell, TARGET), float(error)


def _guess(cell: LayerCell, _: str) -> tuple[float, float]:
    return _of_target(cell, TARGET), _of_target(cell, GUESS)


CLAIM = register(
    Claim(
        key="error_grows",
        number=1,
        paper="mingard2025",
        evidence=EVIDENCE,
        of_accuracy=True,
        needs=(TARGET, GUESS),
        text="The error on new inputs grows with the complexity of the target",
        quantity_text=(
            "correlation, over targets, of their Lempel-Ziv complexity with the mean error of "
            "networks on the inputs held out"
        ),
        title="complexity and error",
        unit="correlation",
        rule=Rule(null=0.0, side=1, margin=0.1),
        quantity=Quantity("complexity and error", _error, AcrossDataSets()),
        comparisons=(("majority guess", Quantity("majority guess", _guess, AcrossDataSets())),),
        as_in_paper=no_quantities,
    )
)
