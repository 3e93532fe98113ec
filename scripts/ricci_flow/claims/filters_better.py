"""Manifold networks: filters by heat flow classify better than the same networks without it.

Wang, Ruiz and Ribeiro 2022 propose such filters and print no such comparison: it is this project's
own. Without heat flow every point goes through the network by itself.
"""

from ricci_flow.claims.base import Claim, no_quantities, register
from ricci_flow.claims.gains import RULE, cells_that_gain
from ricci_flow.claims.layer_measures import EVIDENCE

WITHOUT = "identity"


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
        rule=RULE,
        quantity=cells_that_gain("filters better", WITHOUT, lambda gain: gain > 0),
        as_in_paper=no_quantities,
    )
)
