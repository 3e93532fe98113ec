"""Ororbia et al. 2023: networks that learn from local targets do as well as by back-propagation.

Their networks are large and their data are pictures; what is compared here is the accuracy over the
networks of a cell with that of the same architecture, weights and batches under back-propagation.
"""

from ricci_flow.claims.base import Claim, no_quantities, register
from ricci_flow.claims.gains import RULE, cells_that_gain
from ricci_flow.claims.layer_measures import EVIDENCE

BACK_PROPAGATION = "trained"
# As much less is no difference.
POINTS = 0.02


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
        rule=RULE,
        quantity=cells_that_gain("as accurate", BACK_PROPAGATION, lambda gain: gain >= -POINTS),
        as_in_paper=no_quantities,
    )
)
