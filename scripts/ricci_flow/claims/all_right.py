"""Wang et al. 2021: deep and wide networks classify every point of two curves rightly.

Their theorem asks for depth, width and numbers of points that grow with the geometry of the curves,
and prints none. The norm of the certificate says how hard the curves are at a depth.
"""

import numpy as np

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule


def _all_right(cell: LayerCell, _: str) -> tuple[float]:
    known = cell.accuracy[~np.isnan(cell.accuracy)]
    return (float(np.mean(known == 1)) if len(known) else np.nan,)


CLAIM = register(
    Claim(
        key="all_right",
        number=1,
        paper="wang2021",
        evidence=EVIDENCE,
        of_accuracy=True,
        needs=(("certificate_norm", "with_input"),),
        text="Networks classify every point of two curves rightly",
        quantity_text="networks that are right on every test point",
        title="all right",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("all right", _all_right, MeanShare()),
        as_in_paper=no_quantities,
    )
)
