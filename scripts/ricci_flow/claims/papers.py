"""What claims are judged by, most often all of a paper's alike. To add one, add it to PAPERS."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ricci_flow.analysis.study import Analysis
from ricci_flow.claims.cell_measures import measure_cell
from ricci_flow.claims.estimates import Cells
from ricci_flow.claims.layer_measures import EVIDENCE as LAYERS
from ricci_flow.claims.layer_measures import layer_cells, measure_layers
from ricci_flow.claims.point_measures import measure_points, point_cells
from ricci_flow.claims.registry import DEFAULT_PAPER
from ricci_flow.claims.stopping_measures import EVIDENCE as STOPPING
from ricci_flow.claims.stopping_measures import measure_stopping, stopping_cells
from ricci_flow.tables.measures import MEASURES


@dataclass(frozen=True)
class Paper:
    """What claims of a paper are judged by.

    cells: of an analysis, see `estimates.Evidence`; measure_cell: what is measured of them;
    published: what the study names of the paper's numbers, None for nothing.
    """

    cells: Callable[[Analysis], Cells]
    measure_cell: Callable[[Any, set[int], np.random.Generator], Any]
    published: Callable[[Analysis], Mapping[str, Any] | None]


def _point_cells(analysis: Analysis) -> Cells:
    if analysis.further is None:
        return {}
    shapes, accuracy = analysis.settings.architectures, analysis.tables["accuracy"]
    return point_cells(*analysis.further, accuracy, shapes)


def _stopping_cells(analysis: Analysis) -> Cells:
    if analysis.stopping is None:
        return {}
    shapes, accuracy = analysis.settings.architectures, analysis.tables["accuracy"]
    return stopping_cells(analysis.stopping, accuracy, shapes)


def _layer_cells(analysis: Analysis) -> Cells:
    shapes, accuracy = analysis.settings.architectures, analysis.tables["accuracy"]
    # Claims on accuracy need no block.
    layers = MEASURES.frame() if analysis.further is None else analysis.further[1]
    return layer_cells(layers, analysis.fixed, accuracy, shapes)


# By what claims name as `judged_by`.
PAPERS: dict[str, Paper] = {
    DEFAULT_PAPER: Paper(
        lambda analysis: analysis.cells,
        measure_cell,
        lambda analysis: analysis.settings.published,
    ),
    "hehl2025": Paper(
        _point_cells,
        measure_points,
        lambda analysis: analysis.settings.published_local,
    ),
    STOPPING: Paper(
        _stopping_cells,
        measure_stopping,
        lambda analysis: analysis.settings.published_local,
    ),
    # A claim that has a published number states it itself.
    LAYERS: Paper(_layer_cells, measure_layers, lambda _: {}),
}
