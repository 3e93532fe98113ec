"""What claims on early stopping are about, measured in one cell.

Source: Hehl, von Renesse and Weber 2025, "Neural feature geometry evolves as discrete Ricci flow",
arXiv 2509.22362. As there, input and output are layers, and k is a twentieth of the test points.
Which checkpoint each rule chooses: `analysis.early_stopping`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from ricci_flow.analysis.early_stopping import GLOBAL, HELD_OUT, LAST, LOCAL, RULES
from ricci_flow.claims.point_measures import K_FRACTION, SETTING
from ricci_flow.tables.keys import CELL

EVIDENCE = "hehl2025 stopping"


@dataclass(frozen=True)
class StoppingCell:
    """Networks of one cell under one condition, S of them, and one measure of edges.

    numbers, kept: (S,). worse: by rule, (S,) share of the other checkpoints that are less accurate
    than the one chosen, nan where the rule chooses none.
    """

    depth: int
    numbers: np.ndarray
    kept: np.ndarray
    worse: Mapping[str, np.ndarray]

    def kept_numbers(self) -> set[int]:
        """Return the numbers of the kept networks."""
        return set(self.numbers[self.kept].tolist())


@dataclass(frozen=True)
class StoppingMeasures:
    """Mean over networks of a cell of the share of worse checkpoints, by rule; nan: undefined."""

    by_local: float = np.nan
    by_global: float = np.nan
    by_held_out: float = np.nan
    by_last: float = np.nan


def measure_stopping(
    cell: StoppingCell, numbers: set[int], _: np.random.Generator
) -> StoppingMeasures:
    """Return the measures of some networks of a cell."""
    rows = np.isin(cell.numbers, list(numbers))
    means = {}
    for rule, worse in cell.worse.items():
        known = worse[rows & ~np.isnan(worse)]
        means[rule] = float(known.mean()) if len(known) else np.nan
    return StoppingMeasures(means[LOCAL], means[GLOBAL], means[HELD_OUT], means[LAST])


def of_the_paper(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of early_stopping.parquet under the paper's setting.

    Of several blocks that measure an ensemble the first counts, of several shares of the points the
    one nearest to K_FRACTION.
    """
    ensemble = ["condition", "measure", *CELL]
    own = table.filter(setting=SETTING).with_columns(away=(pl.col("k_fraction") - K_FRACTION).abs())
    own = own.filter(pl.col("block") == pl.col("block").first().over(ensemble))
    own = own.filter(pl.col("away") == pl.col("away").min().over(ensemble))
    lowest = pl.col("k_fraction") == pl.col("k_fraction").min().over(ensemble)
    return own.filter(lowest).drop("away")


def stopping_cells(
    table: pl.DataFrame, accuracy: pl.DataFrame, shapes: Mapping[str, tuple[int, str]]
) -> dict[tuple[str, str], dict[tuple[str, str], StoppingCell]]:
    """Return the cells, by (condition, measure), then by (data set, architecture).

    table: statistics/early_stopping.parquet; accuracy: of every network, with `kept`; shapes: depth
    and width of each architecture.
    """
    found: dict[tuple[str, str], dict[tuple[str, str], StoppingCell]] = {}
    parts = of_the_paper(table).partition_by("condition", "measure", *CELL, as_dict=True)
    for keys, part in parts.items():
        condition, measure, *cell = map(str, keys)
        of_cell = {"condition": condition, "data_set": cell[0], "architecture": cell[1]}
        kept = accuracy.filter("kept", **of_cell)["network"].to_list()
        numbers = part["network"].unique().sort()
        wide = {rule: part.filter(rule=rule).sort("network") for rule in RULES}
        found.setdefault((condition, measure), {})[cell[0], cell[1]] = StoppingCell(
            depth=shapes[cell[1]][0],
            numbers=numbers.to_numpy(),
            kept=numbers.is_in(kept).to_numpy(),
            worse={
                rule: rows["share_worse"].cast(pl.Float64).fill_null(np.nan).to_numpy()
                for rule, rows in wide.items()
            },
        )
    return found
