"""Fang et al. 2021: the losses of wide mean-field networks come to one number.

Training is within one over the root of the width of a limit that networks from all weights share.
So their losses differ by that much at most. Losses that fall without end would come together, too:
the difference is taken as a share of the mean loss.
"""

import numpy as np

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanRatio
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule


def _spread(cell: LayerCell) -> float:
    """Return the standard deviation of the loss over networks, as a share of its mean."""
    return float(cell.loss.std(ddof=1) / cell.loss.mean()) if len(cell.loss) > 1 else np.nan


def _fall(cell: LayerCell, _: str) -> tuple[float]:
    return (cell.for_fourfold_width(_spread),)


CLAIM = register(
    Claim(
        key="losses_converge",
        number=2,
        paper="fang2021",
        evidence=EVIDENCE,
        of_accuracy=True,
        text="Losses after training differ less between networks, the wider they are",
        quantity_text=(
            "what the standard deviation of the training loss over networks, as a share of its "
            "mean, is multiplied by where layers are four times as wide"
        ),
        title="losses converge",
        unit="ratio",
        rule=Rule(null=1.0, side=-1, margin=0.7, null_difference=1.0),
        quantity=Quantity("losses converge", _fall, MeanRatio()),
        published=lambda _: 0.5,
        published_text="{} by theory",
        as_in_paper=no_quantities,
    )
)
