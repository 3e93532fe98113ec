"""Mingard et al. 2025: ordered networks are simpler functions than chaotic ones.

So it is before training, where the prior over functions falls with their complexity in the ordered
regime and hardly in the chaotic one, and, they argue, for that reason also after it. They show it
by scatter plots and print no number. Networks that were trained are compared with such that were
trained, and untrained ones, a control, with untrained ones.
"""

import numpy as np

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.in_cell import share_above
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.ordered_better import CHAOTIC
from ricci_flow.claims.verdicts import Rule

OWN = (("lz_complexity", "with_input_and_output"),)
UNTRAINED = "untrained"
UNTRAINED_CHAOTIC = "untrained_8"


def _simpler(cell: LayerCell, _: str) -> tuple[float]:
    """Return the share of networks that are simpler than their chaotic ones."""
    untrained = UNTRAINED not in cell.others
    other = cell.others.get(UNTRAINED_CHAOTIC if untrained else CHAOTIC)
    if other is None:
        return (np.nan,)
    return (share_above(*((c.numbers, -c.total(OWN)[:, 0]) for c in (cell, other))),)


CLAIM = register(
    Claim(
        key="ordered_simpler",
        number=3,
        paper="mingard2025",
        evidence=EVIDENCE,
        needs=OWN,
        text="Networks that start ordered are simpler functions than those that start chaotic",
        quantity_text=(
            "networks whose function has a lower Lempel-Ziv complexity than that of the same "
            "network from larger weights (condition `chaotic`; of untrained ones `untrained_8`)"
        ),
        title="simpler than chaotic",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("ordered simpler", _simpler, MeanShare()),
        as_in_paper=no_quantities,
    )
)
