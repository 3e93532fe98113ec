"""Zhu and Chen 2023: filters that grow without labels serve as well as filters that are trained.

They print the best accuracy of one network each over the epochs, on the test points; here it is the
mean accuracy of networks after the last epoch.
"""

from ricci_flow.claims.base import Claim, no_quantities, register
from ricci_flow.claims.gains import RULE, cells_that_gain
from ricci_flow.claims.layer_measures import EVIDENCE

END_TO_END = "end_to_end"

CLAIM = register(
    Claim(
        key="grown_as_accurate",
        number=1,
        paper="zhu2023",
        evidence=EVIDENCE,
        of_accuracy=True,
        text="Networks on grown filters are as accurate as the same ones trained end to end",
        quantity_text=(
            "cells whose mean accuracy is not below that of the same shape trained end to end"
        ),
        title="grown filters as accurate",
        unit="share",
        rule=RULE,
        quantity=cells_that_gain("grown as accurate", END_TO_END, lambda gain: gain >= 0),
        as_in_paper=no_quantities,
    )
)
