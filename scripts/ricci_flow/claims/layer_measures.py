"""What claims on measures of layers, or of whole networks, are about, measured in one cell.

A claim names the measures that it needs, each with a setting (`Claim.needs`); a further block of
the study measures them. Beside them are the accuracy of every network, and its coefficient at the
k fixed beforehand, by which a claim can ask whether the two go together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from ricci_flow.claims.in_cell import by_layer, floats, width_of
from ricci_flow.tables.keys import CELL

# By this name claims say that they are judged by these measures.
EVIDENCE = "layers"
# Measure and setting.
Needed = tuple[str, str]


@dataclass(frozen=True)
class LayerCell:
    """Networks of one cell under one condition, S of them, and one measure of curvature.

    numbers, kept: (S,). accuracy: (S,) on the test points; held_out: (S,) on the training points
    held out, epochs: (S,) until the networks stopped, loss: (S,) on the points trained on, (0,)
    where not known. rho: (S,) coefficient at the k fixed beforehand. values: (S, L) along the
    layers by measure and setting, (S, 1) of a measure of whole networks. All nan where undefined.
    others: by condition, the cells of the same data set and architecture under the other
    conditions. width: of layers that are all equally wide, else nan. narrower: the cell of the same
    data set, condition and depth whose layers are the next narrower ones, alone in a list, which is
    empty where there is none.
    """

    depth: int
    numbers: np.ndarray
    kept: np.ndarray
    accuracy: np.ndarray
    rho: np.ndarray
    values: Mapping[Needed, np.ndarray]
    held_out: np.ndarray = field(default_factory=lambda: np.empty(0))
    others: dict[str, "LayerCell"] = field(default_factory=dict)
    epochs: np.ndarray = field(default_factory=lambda: np.empty(0))
    loss: np.ndarray = field(default_factory=lambda: np.empty(0))
    width: float = np.nan
    narrower: list["LayerCell"] = field(default_factory=list)

    def kept_numbers(self) -> set[int]:
        """Return the numbers of the kept networks."""
        return set(self.numbers[self.kept].tolist())

    def gain_over(self, condition: str) -> float:
        """Return how far the mean accuracy is above that of the cell under another condition.

        nan where there is no such cell, or one of the two has no accuracy.
        """
        other = self.others.get(condition)
        if other is None or not len(self.accuracy) or not len(other.accuracy):
            return np.nan
        return float(self.accuracy.mean() - other.accuracy.mean())

    def for_fourfold_width(self, number: Callable[["LayerCell"], float]) -> float:
        """Return the logarithm of what a number is multiplied by where layers are 4 times as wide.

        From the next narrower cell to this one, as a power of the width; nan where there is none,
        or the number is not positive in both.
        """
        if not self.narrower:
            return np.nan
        (narrower,) = self.narrower
        ends = np.array([number(narrower), number(self)])
        if not (ends > 0).all():
            return np.nan
        power = np.log(ends[1] / ends[0]) / np.log(self.width / narrower.width)
        return float(power * np.log(4))

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
        cell.held_out[rows] if len(cell.held_out) else cell.held_out,
        # Less their own others, which would lead back here.
        {
            name: measure_layers(replace(o, others={}), numbers, _)
            for name, o in cell.others.items()
        },
        cell.epochs[rows] if len(cell.epochs) else cell.epochs,
        cell.loss[rows] if len(cell.loss) else cell.loss,
        cell.width,
        [measure_layers(replace(o, others={}, narrower=[]), numbers, _) for o in cell.narrower],
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
        joined = pl.DataFrame({"network": numbers}).join(
            accuracy.filter(**of_cell), on="network", how="left", maintain_order="left"
        )
        rho = numbers.to_frame().join(part, on="network", how="left", maintain_order="left")["rho"]
        found.setdefault((condition, measure), {})[name] = LayerCell(
            depth=shapes[cell[1]][0],
            numbers=numbers.to_numpy(),
            kept=joined["kept"].fill_null(value=False).to_numpy(),
            accuracy=floats(joined["test_accuracy"]),
            held_out=floats(joined["validation_accuracy"]),
            epochs=floats(joined["epochs"]),
            loss=floats(joined["train_loss"]),
            width=width_of(shapes[cell[1]][1]),
            rho=floats(rho),
            values={
                needed: by_layer(rows, numbers.to_numpy(), "value")
                for needed, rows in measured.get((condition, *name), {}).items()
            },
        )
    for cells in found.values():
        for (data_set, _), own in cells.items():
            narrower = [
                other
                for (other_set, _), other in cells.items()
                if other_set == data_set and other.depth == own.depth and other.width < own.width
            ]
            own.narrower.extend(sorted(narrower, key=lambda other: other.width)[-1:])
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
