"""What the claims on local coefficients are about, measured in one cell.

Source: Hehl, von Renesse and Weber 2025, "Neural feature geometry evolves as discrete Ricci flow",
arXiv 2509.22362. As there, input and output are layers, and k is a twentieth of the test points;
nothing is chosen by a result, so no networks are set apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from ricci_flow.claims.in_cell import by_layer, floats, rises, share_falling, width_of
from ricci_flow.tables.keys import CELL

SETTING = "with_input_and_output"
K_FRACTION = 0.05
COMMUNITIES = "modularity"
# Random orders of the layer coefficients, of each network.
ORDERS = 200
_PARTS = 3


@dataclass(frozen=True)
class PointCell:
    """Networks of one cell under one condition, S of them, and one measure of edges.

    numbers, kept: (S,). mean, negative, orders_negative: (S,) mean local coefficient, share of
    points below 0, the same with layers in random order. layer_rho, gap, modularity: (S, L) along
    the layers. All nan where undefined. shallower, narrower: cells of the same data set and
    condition that have fewer layers of the same width, and as many narrower ones. residual: whether
    its layers are a dense one and residual blocks of its width; plain: then the cells of dense
    layers alone that are as wide and deep.
    """

    depth: int
    numbers: np.ndarray
    kept: np.ndarray
    mean: np.ndarray
    negative: np.ndarray
    orders_negative: np.ndarray
    layer_rho: np.ndarray
    gap: np.ndarray
    modularity: np.ndarray
    shallower: list["PointCell"] = field(default_factory=list)
    narrower: list["PointCell"] = field(default_factory=list)
    residual: bool = False
    plain: list["PointCell"] = field(default_factory=list)

    def kept_numbers(self) -> set[int]:
        """Return the numbers of the kept networks."""
        return set(self.numbers[self.kept].tolist())


@dataclass(frozen=True)
class PointMeasures:
    """What the claims are about, in one cell; nan where undefined.

    negative, orders_negative: share of points with a negative local coefficient, mean over
    networks, and with layers in random order. deeper, wider: mean local coefficient less that of
    the shallower (narrower) cells. middle: share of networks whose layer coefficients are lowest in
    the middle third of the layers; orders_middle: the same with these in random order.
    gap_rises, modularity_rises: share of networks in which it rises along the layers.
    residual_falls: share of residual networks whose layer coefficients fall along the layers;
    orders_fall: the same with these in random order, plain_falls: in the plain networks.
    """

    negative: float = np.nan
    orders_negative: float = np.nan
    deeper: float = np.nan
    wider: float = np.nan
    middle: float = np.nan
    orders_middle: float = np.nan
    gap_rises: float = np.nan
    modularity_rises: float = np.nan
    residual_falls: float = np.nan
    orders_fall: float = np.nan
    plain_falls: float = np.nan


def measure_points(
    cell: PointCell, numbers: set[int], generator: np.random.Generator
) -> PointMeasures:
    """Return the measures of some networks of a cell."""
    rows = _rows(cell, numbers)
    if not len(rows):
        return PointMeasures()
    own = _mean(cell.mean[rows])
    layers = cell.layer_rho[rows]
    orders = generator.permuted(np.tile(np.arange(layers.shape[1]), (ORDERS, 1)), axis=1)
    return PointMeasures(
        negative=_mean(cell.negative[rows]),
        orders_negative=_mean(cell.orders_negative[rows]),
        deeper=own - _mean_of(cell.shallower, numbers),
        wider=own - _mean_of(cell.narrower, numbers),
        middle=_mean(np.array([lowest_in_the_middle(row) for row in layers])),
        orders_middle=_mean(
            np.array([_mean(np.array(list(map(lowest_in_the_middle, r[orders])))) for r in layers])
        ),
        gap_rises=_mean(np.array([rises(row) for row in cell.gap[rows]])),
        modularity_rises=_mean(np.array([rises(row) for row in cell.modularity[rows]])),
        **(_falling(cell, layers, orders, numbers) if cell.residual else {}),
    )


def _falling(
    cell: PointCell, layers: np.ndarray, orders: np.ndarray, numbers: set[int]
) -> dict[str, float]:
    """Return how many networks of a residual cell have layer coefficients that fall."""
    plain = [share_falling(other.layer_rho[_rows(other, numbers)]) for other in cell.plain]
    return {
        "residual_falls": share_falling(layers),
        "orders_fall": _mean(np.array([share_falling(row[orders]) for row in layers])),
        "plain_falls": _mean(np.array(plain)),
    }


def lowest_in_the_middle(values: np.ndarray) -> float:
    """Return 1 where the mean of the middle third is below those of both others, else 0.

    values: (L,), nan where undefined; nan where a third has none. Thirds differ by one at most,
    the first ones are the larger.
    """
    known = [part[~np.isnan(part)] for part in np.array_split(values, _PARTS)]
    if not all(len(part) for part in known):
        return np.nan
    first, middle, last = (part.mean() for part in known)
    return float(middle < min(first, last))


def _rows(cell: PointCell, numbers: set[int]) -> np.ndarray:
    return np.flatnonzero(np.isin(cell.numbers, list(numbers)))


def _mean_of(cells: Sequence[PointCell], numbers: set[int]) -> float:
    """Return the mean over cells of the mean local coefficient of some networks."""
    return _mean(np.array([_mean(cell.mean[_rows(cell, numbers)]) for cell in cells]))


def _mean(values: np.ndarray) -> float:
    """Return the mean of what is not nan, nan where all is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan


def point_cells(
    networks: pl.DataFrame,
    layers: pl.DataFrame,
    accuracy: pl.DataFrame,
    shapes: Mapping[str, tuple[int, str]],
    setting: str = SETTING,
    k_fraction: float = K_FRACTION,
) -> dict[tuple[str, str], dict[tuple[str, str], PointCell]]:
    """Return the cells, by (condition, measure), then by (data set, architecture).

    networks: statistics/further.parquet; layers: the long tables behind it; accuracy: of every
    network, with `kept`; shapes: depth and width of each architecture; setting, k_fraction: what
    was measured, the paper's own where not said. Of several blocks the first one counts, of several
    shares of the points the one nearest to k_fraction.
    """
    local = networks.filter(pl.col("local_points").is_not_null(), setting=setting)
    along = layers.filter(pl.col("layer").is_not_null(), setting=setting)
    found: dict[tuple[str, str], dict[tuple[str, str], PointCell]] = {}
    for keys, every in local.partition_by("condition", "measure", *CELL, as_dict=True).items():
        condition, measure, *cell = map(str, keys)
        part = every.filter(block=every["block"][0])
        share = nearest_share(part["k_fraction"].unique().to_list(), k_fraction)
        part = part.filter(k_fraction=share).sort("network")
        of_cell = {"condition": condition, "data_set": cell[0], "architecture": cell[1]}
        here = along.filter(block=part["block"][0], k_fraction=share, **of_cell)
        kept = accuracy.filter("kept", **of_cell)["network"].to_list()
        own, communities = here.filter(measure=measure), here.filter(measure=COMMUNITIES)
        numbers = part["network"].to_numpy()
        found.setdefault((condition, measure), {})[cell[0], cell[1]] = PointCell(
            depth=shapes[cell[1]][0],
            numbers=numbers,
            kept=np.isin(numbers, kept),
            mean=floats(part["local_mean"]),
            negative=floats(part["local_negative"]),
            orders_negative=floats(part["orders_negative"]),
            # The last layer has no coefficient, since none follows it.
            layer_rho=by_layer(own, numbers, "layer_rho")[:, :-1],
            gap=by_layer(own, numbers, "gap"),
            modularity=by_layer(communities, numbers, "value"),
            residual=residual_width(shapes[cell[1]][1]) is not None,
        )
    for cells in found.values():
        _compare(cells, shapes)
        _pair_with_plain(cells, shapes)
    return found


def nearest_share(shares: Sequence[float], k_fraction: float = K_FRACTION) -> float:
    """Return the share of the points that is nearest to one, the smaller of two."""
    return min(shares, key=lambda value: (abs(value - k_fraction), value))


def of_the_paper(layers: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of layers under the paper's setting, one per network, measure and layer.

    layers: the long tables behind statistics/further.parquet. Of several shares of the points the
    one nearest to K_FRACTION counts, of several blocks the first.
    """
    keys = ["condition", "measure", *CELL, "network", "layer"]
    own = layers.filter(pl.col("layer").is_not_null(), setting=SETTING)
    nearest = own.sort((pl.col("k_fraction") - K_FRACTION).abs(), maintain_order=True)
    return nearest.unique(keys, keep="first", maintain_order=True)


def _compare(
    cells: Mapping[tuple[str, str], PointCell], shapes: Mapping[str, tuple[int, str]]
) -> None:
    """Tell every cell which others have fewer layers of its width, or narrower layers."""
    for (data_set, architecture), cell in cells.items():
        width = width_of(shapes[architecture][1])
        for (other_set, other), compared in cells.items():
            if other_set != data_set:
                continue
            other_width = width_of(shapes[other][1])
            if other_width == width and compared.depth < cell.depth:
                cell.shallower.append(compared)
            if compared.depth == cell.depth and other_width < width:
                cell.narrower.append(compared)


def _pair_with_plain(
    cells: Mapping[tuple[str, str], PointCell], shapes: Mapping[str, tuple[int, str]]
) -> None:
    """Tell every residual cell which others are of dense layers, and as wide and deep."""
    for (data_set, architecture), cell in cells.items():
        width = residual_width(shapes[architecture][1])
        cell.plain.extend(
            other
            for (other_set, name), other in cells.items()
            if width is not None
            and other_set == data_set
            and other.depth == cell.depth
            and shapes[name][1] == width
        )


def residual_width(text: str) -> str | None:
    """Return the width of a dense layer and residual blocks that are as wide, as "25" of "25/25r".

    None of other shapes.
    """
    first, _, rest = text.partition("/")
    return first if first.isdigit() and rest == f"{first}r" else None
