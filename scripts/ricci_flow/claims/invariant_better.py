"""Zhang et al. 2021: coordinates that no rotation changes make networks more accurate.

Test objects are turned at random. The same networks on the coordinates given see them so, too, in
training where the data set says so.
"""

from ricci_flow.claims.base import Claim, no_quantities, register
from ricci_flow.claims.gains import RULE, cells_that_gain, positive
from ricci_flow.claims.layer_measures import EVIDENCE

GIVEN = "given"

CLAIM = register(
    Claim(
        key="invariant_better",
        number=1,
        paper="zhang2021",
        evidence=EVIDENCE,
        of_accuracy=True,
        text="Coordinates by the distances between points make networks on turned objects better",
        quantity_text=(
            "cells whose mean accuracy is above that of the networks on the coordinates given"
        ),
        title="distances are better",
        unit="share",
        rule=RULE,
        quantity=cells_that_gain("invariant better", GIVEN, positive),
        as_in_paper=no_quantities,
    )
)
