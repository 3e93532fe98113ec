"""Claim 8 of Hehl et al. 2025: networks stop well where the mean local coefficient is lowest."""

from collections.abc import Iterator
from typing import Any

from ricci_flow.analysis.early_stopping import HELD_OUT, LAST, LOCAL, no_worse
from ricci_flow.claims.base import Claim, Quantity, StudyView, register, share_of
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.stopping_measures import EVIDENCE, StoppingMeasures, of_the_paper
from ricci_flow.claims.verdicts import Rule


def _as_in_paper(study: StudyView, condition: str, measure: str) -> Iterator[dict[str, Any]]:
    """Count networks whose test error is no larger than with other rules."""
    if "early_stopping" not in study.tables:
        return
    table = of_the_paper(study.of("early_stopping", condition, measure))
    for other in (HELD_OUT, LAST):
        yield {
            "quantity": f"networks with no larger test error at the lowest mean {LOCAL} than at "
            f"the {'lowest ' if other == HELD_OUT else ''}{other}",
            **share_of(*no_worse(table, LOCAL, other)),
        }


def _by_local(cell: StoppingMeasures, _: str) -> tuple[float]:
    return (cell.by_local,)


def _by_held_out(cell: StoppingMeasures, _: str) -> tuple[float]:
    return (cell.by_held_out,)


def _by_last(cell: StoppingMeasures, _: str) -> tuple[float]:
    return (cell.by_last,)


CLAIM = register(
    Claim(
        key="early_stopping",
        number=8,
        paper="hehl2025",
        text="The local coefficient is lowest near the best test error",
        quantity_text=(
            "other checkpoints that are less accurate than the one with the lowest mean local "
            "coefficient, mean over networks (equals count half)"
        ),
        title="worse checkpoints",
        unit="share",
        # A checkpoint drawn at random exceeds half of the others, whatever the accuracies.
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("stopping", _by_local, MeanShare()),
        evidence=EVIDENCE,
        comparisons=(
            (f"stopping by {HELD_OUT}", Quantity("stopping held out", _by_held_out, MeanShare())),
            (f"stopping at the {LAST}", Quantity("stopping last", _by_last, MeanShare())),
        ),
        as_in_paper=_as_in_paper,
    )
)
