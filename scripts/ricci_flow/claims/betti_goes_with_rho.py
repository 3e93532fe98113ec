"""The atlas asks: do networks with a more negative Ricci coefficient lose more Betti numbers?"""

from ricci_flow.claims.base import Claim, Quantity, Row, no_quantities, register
from ricci_flow.claims.betti_falls import BETTI
from ricci_flow.claims.estimates import Correlation
from ricci_flow.claims.in_cell import correlation_row
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule


def _goes_with(cell: LayerCell, _: str) -> Row:
    total = cell.total(BETTI)
    return correlation_row(total[:, 0] - total[:, -1], cell.rho)


CLAIM = register(
    Claim(
        key="betti_goes_with_rho",
        number=2,
        paper="atlas",
        evidence=EVIDENCE,
        needs=BETTI,
        text="Networks with a more negative coefficient lose more Betti numbers",
        quantity_text=(
            "correlation, inside cells, of the coefficient at the *k* nearest to a tenth of *n* "
            "with the Betti numbers 0 and 1 that both classes lose from the input to the last layer"
        ),
        title="Betti numbers and coefficient",
        unit="correlation",
        rule=Rule(null=0.0, side=-1, margin=-0.1),
        quantity=Quantity("betti and rho", _goes_with, Correlation(of_accuracy=False)),
        as_in_paper=no_quantities,
    )
)
