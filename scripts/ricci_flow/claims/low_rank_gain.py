"""Makantasis et al. 2021: with few samples, weights of low rank make networks more accurate.

Theirs have one hidden layer, so cells of deeper networks are not asked.
"""

import numpy as np

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule

# The condition of the same layers without the constraint.
UNCONSTRAINED = "unconstrained"


def _more_accurate(cell: LayerCell, _: str) -> tuple[float]:
    """Return whether the cell is more accurate, 1 or 0, half where equal; nan if not asked."""
    gain = np.nan if cell.depth > 1 else cell.gain_over(UNCONSTRAINED)
    return (gain if np.isnan(gain) else (float(np.sign(gain)) + 1) / 2,)


CLAIM = register(
    Claim(
        key="low_rank_gain",
        number=1,
        paper="makantasis2021",
        evidence=EVIDENCE,
        of_accuracy=True,
        text="With few samples, low rank makes networks of one hidden layer more accurate",
        quantity_text="cells whose mean accuracy is above that of the same layers of any rank",
        title="gain by low rank",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("gain by low rank", _more_accurate, MeanShare()),
        as_in_paper=no_quantities,
    )
)
