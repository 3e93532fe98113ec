"""Claim 4: a more negative coefficient goes with a higher accuracy.

Judged by the correlation of the two inside cells, joined over cells by the primary method of
`analysis.accuracy_link`. A correlation of -0.1, the margin, is small (Cohen 1988).
"""

from collections.abc import Iterator
from typing import Any

from ricci_flow.claims.base import Claim, Quantity, Row, StudyView, register
from ricci_flow.claims.cell_measures import CellMeasures
from ricci_flow.claims.estimates import Correlation
from ricci_flow.claims.in_cell import fisher_row
from ricci_flow.claims.verdicts import Rule


def _correlation(cell: CellMeasures, _: str) -> Row:
    """Return Fisher's z of the correlation, its variance, the correlation, and its networks."""
    return fisher_row(cell.correlation, cell.networks)


def _as_in_paper(study: StudyView, condition: str, measure: str) -> Iterator[dict[str, Any]]:
    """Take the t of the adjusted coefficient in the paper's regression."""
    term = study.of("regression", condition, measure).filter(
        coefficient="z_printed", term="z_printed"
    )
    for row in term.head(1).iter_rows(named=True):
        yield {
            "quantity": "t of the adjusted coefficient in the regression of accuracy",
            "published": study.published["regression"]["t"] if study.published else None,
            "value": row["t"],
            "of": row["observations"],
        }


def _published(study: StudyView) -> float | None:
    return float(study.published["regression"]["t"]) if study.published else None


CLAIM = register(
    Claim(
        key="accuracy_link",
        number=4,
        paper="baptista2024",
        text="A more negative coefficient goes with a higher accuracy",
        quantity_text="correlation of coefficient and accuracy inside cells",
        title="correlation with accuracy",
        unit="correlation",
        rule=Rule(null=0.0, side=-1, margin=-0.1),
        quantity=Quantity("4", _correlation, Correlation()),
        published=_published,
        published_text="*t* = {} in a regression over all cells",
        published_is_quantity=False,
        as_in_paper=_as_in_paper,
        choices_of_k=("k_star", "fixed"),
        unit_in_paper="t",
    )
)
