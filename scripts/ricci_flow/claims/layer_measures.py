"""What claims on measures of layers, or of whole networks, are about, measured in one cell.

A claim names the measures that it needs, each with a setting (`Claim.needs`); a further block of
the study measures them. Beside them are the accuracy of every network, and its coefficient at the
k fixed beforehand, by which a claim can ask whether the two go together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from ricci_flow.analysis.inference import LEAST_CORRELATED, fisher, rank_correlation
from ricci_flow.tables.keys import CELL

# By this name claims say that they are judged by these measures.
EVIDENCE = "layers"
# Measure and setting.
Needed = tuple[str, str]


@dataclass(frozen=True)
class LayerCell:
    """Networks of one cell under one condition, S of them, and one measure of curvature.

    numbers, kept: (S,). accuracy: (S,) on the test points. rho: (S,) coefficient at the k fixed
    beforehand. values: (S, L) along the layers by measure and setting, (S, 1) of a measure of whole
    networks. All nan where undefined. others: by condition, the cells of the same data set and
    architecture under the other conditions.
    """

    depth: int
    numbers: np.ndarray
    kept: np.ndarray
    accuracy: np.ndarray
    rho: np.ndarray
    values: Mapping[Needed, np.ndarray]
    others: dict[str, "LayerCell"] = field(default_factory=dict)

    def kept_numbers(self) -> set[int]:
        """Return the numbers of the kept networks."""
        return set(self.numbers[self.kept].tolist())

    def total(self, needed: Sequence[Needed]) -> np.ndarray:
        """Return the sum of some measures, (S, L); nan where one is not there."""
        if not all(key in self.values for key in needed):
            return np.full((len(self.numbers), 1), np.nan)
        return np.asarray(sum(self.values[key] for key in needed))


def measure_layers(cell: LayerCell, numbers: set[int], _: np.random.Generator) -> LayerCell:
    """Return the part of a cell that is of some networks."""
    rows = np.isin(cell.numbers, list(numbers))
    return LayerCell(
        cell.depth,
        cell.numbers[rows],
        cell.kept[rows],
        cell.accuracy[rows],
        cell.rho[rows],
        {key: values[rows] for key, values in cell.values.items()},
        # Less their own others, which would lead back here.
        {
            name: measure_layers(replace(o, others={}), numbers, _)
            for name, o in cell.others.items()
        },
    )


def layer_cells(
    layers: pl.DataFrame,
    fixed: pl.DataFrame,
    accuracy: pl.DataFrame,
    shapes: Mapping[str, tuple[int, str]],
) -> dict[tuple[str, str], dict[tuple[str, str], LayerCell]]:
    """Return the cells, by (condition, measure), then by (data set, architecture).

    layers: the long tables of the further blocks; fixed: networks.parquet at the k fixed
    beforehand, whose measures are those of the result; accuracy: of every network, with `kept`;
    shapes: depth and width of each architecture. Of several blocks that measure the same the first
    one counts, of several shares of the points the least.
    """
    measured = _by_cell(layers)
    found: dict[tuple[str, str], dict[tuple[str, str], LayerCell]] = {}
    for keys, part in fixed.partition_by("condition", "measure", *CELL, as_dict=True).items():
        condition, measure, *cell = map(str, keys)
        name = (cell[0], cell[1])
        numbers = part["network"].unique().sort()
        of_cell = {"condition": condition, "data_set": cell[0], "architecture": cell[1]}
        own = pl.DataFrame({"network": numbers}).join(
            accuracy.filter(**of_cell), on="network", how="left", maintain_order="left"
        )
        rho = numbers.to_frame().join(part, on="network", how="left", maintain_order="left")["rho"]
        found.setdefault((condition, measure), {})[name] = LayerCell(
            depth=shapes[cell[1]][0],
            numbers=numbers.to_numpy(),
            kept=own["kept"].fill_null(value=False).to_numpy(),
            accuracy=_floats(own["test_accuracy"]),
            rho=_floats(rho),
            values={
                needed: _along(rows, numbers.to_numpy())
                for needed, rows in measured.get((condition, *name), {}).items()
            },
        )
    for (condition, measure), cells in found.items():
        for (other, same), theirs in found.items():
            if same == measure and other != condition:
                for name in cells.keys() & theirs.keys():
                    cells[name].others[other] = theirs[name]
    return found


def _by_cell(layers: pl.DataFrame) -> dict[tuple[str, ...], dict[Needed, pl.DataFrame]]:
    """Return the rows of every measure and setting by condition and cell, one block and share."""
    found: dict[tuple[str, ...], dict[Needed, pl.DataFrame]] = {}
    chosen = layers.filter(pl.col("scope") != "edge", pl.col("draw").is_null())
    keys = ["condition", *CELL, "measure", "setting"]
    for names, part in chosen.partition_by(keys, as_dict=True, maintain_order=True).items():
        condition, data_set, architecture, measure, setting = map(str, names)
        first = part.filter(block=part["block"][0])
        least = first.filter(pl.col("k_fraction").eq_missing(first["k_fraction"].min()))
        of_cell = found.setdefault((condition, data_set, architecture), {})
        of_cell[measure, setting] = least
    return found


def _along(rows: pl.DataFrame, numbers: np.ndarray) -> np.ndarray:
    """Return the values by network and layer, (S, L), nan where there are none."""
    places = rows["layer"].fill_null(0).unique().sort().to_numpy()
    found = np.full((len(numbers), len(places)), np.nan)
    here = rows.filter(pl.col("network").is_in(numbers.tolist()))
    at = np.searchsorted(numbers, here["network"].to_numpy())
    found[at, np.searchsorted(places, here["layer"].fill_null(0).to_numpy())] = _floats(
        here["value"]
    )
    return found


def _floats(column: pl.Series) -> np.ndarray:
    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()


def share_falling(values: np.ndarray) -> float:
    """Return the share of networks whose values (S, L) fall along the layers.

    They fall where Spearman's correlation with the layer is negative. Layers without a value are
    left out, and networks with fewer than two or all equal; nan where none is left.
    """
    falls = []
    for row in values:
        known = np.flatnonzero(~np.isnan(row))
        found = rank_correlation(known, row[known]) if len(known) > 1 else None
        if found is not None:
            falls.append(found[0] < 0)
    return float(np.mean(falls)) if falls else np.nan


def correlation_row(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float, float]:
    """Return what `estimates.Correlation` takes of a cell: z, its variance, correlation, networks.

    x, y: (S,), nan where undefined; all nan below LEAST_CORRELATED networks or where one of the two
    is constant.
    """
    both = np.isfinite(x) & np.isfinite(y)
    count = int(both.sum())
    found = None if count < LEAST_CORRELATED else rank_correlation(x[both], y[both])
    if found is None:
        return (np.nan,) * 4
    z, variance = fisher(np.array([found[0]]), np.array([count]))
    return float(z[0]), float(variance[0]), found[0], count
