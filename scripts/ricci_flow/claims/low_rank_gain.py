"""Makantasis et al. 2021: with few samples, weights of low rank make networks more accurate.

Theirs have one hidden layer, so cells of deeper networks are not asked.
"""

from ricci_flow.claims.base import Claim, no_quantities, register
from ricci_flow.claims.gains import RULE, cells_that_gain, positive
from ricci_flow.claims.layer_measures import EVIDENCE

# The condition of the same layers without the constraint.
UNCONSTRAINED = "unconstrained"


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
        rule=RULE,
        quantity=cells_that_gain("gain by low rank", UNCONSTRAINED, positive, depth=1),
        as_in_paper=no_quantities,
    )
)
