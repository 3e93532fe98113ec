"""Chen et al. 2022: how the nodes of a cell are connected says how fast networks are trained.

Their three graphs, by the bound on the least eigenvalue of the kernel (networks/connectivity.py).
Graphs of more paths have larger outputs, too, and so larger steps: beside them are the same cells
with outputs divided by the root of the number of paths, for which the order is not the theory's.
Theirs is one cell. The bound orders stacks of cells in the same way, so these are asked, too.
"""

import numpy as np

from ricci_flow.claims.base import Claim, Quantity, no_quantities, register
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.layer_measures import EVIDENCE, LayerCell
from ricci_flow.claims.verdicts import Rule

# Conditions, from the graph that is claimed to be trained fastest.
GRAPHS = ("graph_3", "graph_2", "graph_1")
SCALED = ("scaled_3", "scaled_2", "scaled_1")


def _plain(cell: LayerCell, _: str) -> tuple[float]:
    return (_in_order(cell, [cell, *(cell.others.get(name) for name in GRAPHS[1:])]),)


def _scaled(cell: LayerCell, _: str) -> tuple[float]:
    return (_in_order(cell, [cell.others.get(name) for name in SCALED]),)


def _in_order(cell: LayerCell, graphs: list[LayerCell | None]) -> float:
    """Return whether each graph needs fewer epochs in the mean than the next, 1 or 0.

    nan if not asked: where `cell` is not that of the first graph, or one is not there.
    """
    found = [other.epochs for other in graphs if other is not None and len(other.epochs)]
    if GRAPHS[0] in cell.others or len(found) < len(graphs):
        return np.nan
    epochs = np.array([of.mean() for of in found])
    return np.nan if np.isnan(epochs).any() else float((np.diff(epochs) > 0).all())


CLAIM = register(
    Claim(
        key="faster_graphs",
        number=1,
        paper="chen2022",
        evidence=EVIDENCE,
        of_accuracy=True,
        text="Of the three published graphs, the third is trained fastest and the first slowest",
        quantity_text="cells in which the third needs the fewest epochs, and the first the most",
        title="order of training speed",
        unit="share",
        # One order of six, by chance.
        rule=Rule(null=1 / 6, side=1, margin=0.5),
        quantity=Quantity("order of graphs", _plain, MeanShare()),
        comparisons=(("scaled outputs", Quantity("order, scaled", _scaled, MeanShare())),),
        as_in_paper=no_quantities,
    )
)
