"""Ororbia et al. 2023: networks that learn from local targets do as well as by back-propagation.

Their networks are large and their data are pictures; what is compared here is the accuracy over the
networks of a cell with that of the same architecture, weights and batches under back-propagation.
"""

import numpy as np

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule

BACK_PROPAGATION = "trained"
# As much less is no difference.
POINTS = 0.02


def _as_accurate(cell: LayerCell, _: str) -> tuple[float]:
    """Return whether the cell is as accurate, 1 or 0; nan without what it is compared with."""
    gain = cell.gain_over(BACK_PROPAGATION)
    return (gain if np.isnan(gain) else float(gain >= -POINTS),)


CLAIM = register(
    Claim(
        key="as_accurate",
        number=1,
        paper="ororbia2023",
        evidence=EVIDENCE,
        of_accuracy=True,
        text="Local targets train as accurate networks as back-propagation",
        quantity_text=(
            "cells whose mean accuracy is at most two points below that of back-propagation"
        ),
        title="as accurate",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("as accurate", _as_accurate, MeanShare()),
        as_in_paper=no_quantities,
    )
)
