"""Mingard et al. 2025: ordered networks are simple functions, before training and after.

The prior over functions falls with their complexity in the ordered regime and not in the chaotic
one. They show it by scatter plots and print no number.
"""

import numpy as np

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule

OWN = (("lz_complexity", "with_input_and_output"),)
# None of 2000 random functions of 7 bits is simpler; their mean is 149 bits.
RANDOM = 126.0


def _simple(cell: LayerCell, _: str) -> tuple[float]:
    known = cell.total(OWN)[:, 0]
    known = known[~np.isnan(known)]
    return (float(np.mean(known < RANDOM)) if len(known) else np.nan,)


CLAIM = register(
    Claim(
        key="simple_functions",
        number=3,
        paper="mingard2025",
        evidence=EVIDENCE,
        needs=OWN,
        text="Networks are simple functions",
        quantity_text=(
            f"networks whose Lempel-Ziv complexity is below {RANDOM:g} bits, as that of no random "
            "function is"
        ),
        title="simple functions",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("simple functions", _simple, MeanShare()),
        as_in_paper=no_quantities,
    )
)
