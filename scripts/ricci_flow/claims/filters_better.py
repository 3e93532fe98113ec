"""Manifold networks: filters by heat flow classify better than the same networks without it.

Wang, Ruiz and Ribeiro 2022 propose such filters and print no such comparison: it is this project's
own. Without heat flow every point goes through the network by itself.
"""

import numpy as np

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule

WITHOUT = "identity"


def _better(cell: LayerCell, _: str) -> tuple[float]:
    """Return whether the cell is more accurate, 1 or 0; nan without what it is compared with."""
    gain = cell.gain_over(WITHOUT)
    return (gain if np.isnan(gain) else float(gain > 0),)


CLAIM = register(
    Claim(
        key="filters_better",
        number=3,
        paper="atlas",
        evidence=EVIDENCE,
        of_accuracy=True,
        text="Filters by heat flow classify better than networks that take points one by one",
        quantity_text="cells whose mean accuracy is above that of the networks without heat flow",
        title="filters are better",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("filters better", _better, MeanShare()),
        as_in_paper=no_quantities,
    )
)
