"""What is measured alike in cells of every kind: columns as arrays, falls, correlations."""

from collections.abc import Iterable

import numpy as np
import polars as pl

from ricci_flow.analysis.inference import LEAST_CORRELATED, fisher, rank_correlation

Numbered = tuple[np.ndarray, np.ndarray]


def floats(column: pl.Series) -> np.ndarray:
    """Return a column as float64, nan where it has no number."""
    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()


def by_layer(rows: pl.DataFrame, numbers: np.ndarray, column: str) -> np.ndarray:
    """Return a column by network and layer, (S, L), nan where it has no number; (S, 0) of no rows.

    rows: of one measure; a measure of whole networks is one layer. numbers: (S,) of the networks,
    ascending.
    """
    layers = rows["layer"].fill_null(0)
    places = layers.unique().sort().to_numpy()
    found = np.full((len(numbers), len(places)), np.nan)
    chosen = rows.with_columns(layers).filter(pl.col("network").is_in(numbers.tolist()))
    at = np.searchsorted(numbers, chosen["network"].to_numpy())
    found[at, np.searchsorted(places, chosen["layer"].to_numpy())] = floats(chosen[column])
    return found


def width_of(text: str) -> float:
    """Return the width of layers that are all equally wide, else nan: of no other's width."""
    return float(text) if text.isdigit() else np.nan


def rises(values: np.ndarray) -> float:
    """Return 1 where Spearman's correlation with the layer is positive, else 0.

    values: (L,). Layers without a value are left out; nan where fewer than two are left or all are
    equal.
    """
    known = np.flatnonzero(~np.isnan(values))
    found = rank_correlation(known, values[known]) if len(known) > 1 else None
    return np.nan if found is None else float(found[0] > 0)


def share_falling(values: Iterable[np.ndarray]) -> float:
    """Return the share of networks whose values (S, L) fall along the layers, see `rises`.

    nan where it is undefined in all.
    """
    falls = [fall for row in values if not np.isnan(fall := rises(-row))]
    return float(np.mean(falls)) if falls else np.nan


def share_above(ours: Numbered, theirs: Numbered) -> float:
    """Return the share of networks whose value is above that of the same network elsewhere.

    ours, theirs: numbers of networks and a value of each, nan where it has none. Equal values count
    half; nan where no network has both.
    """
    _, *places = np.intersect1d(ours[0], theirs[0], return_indices=True)
    ahead = ours[1][places[0]] - theirs[1][places[1]]
    ahead = ahead[~np.isnan(ahead)]
    return float(np.mean((np.sign(ahead) + 1) / 2)) if len(ahead) else np.nan


def correlate(x: np.ndarray, y: np.ndarray) -> tuple[float, int]:
    """Return Spearman's correlation of x and y, (S,), and of how many networks.

    nan below LEAST_CORRELATED networks that have both, or where one of the two is constant.
    """
    both = np.isfinite(x) & np.isfinite(y)
    count = int(both.sum())
    found = None if count < LEAST_CORRELATED else rank_correlation(x[both], y[both])
    return np.nan if found is None else found[0], count


def fisher_row(value: float, networks: int) -> tuple[float, ...]:
    """Return what `estimates.Correlation` takes of a cell: z, its variance, correlation, networks.

    All nan where the correlation is.
    """
    if np.isnan(value):
        return (np.nan,) * 4
    z, variance = fisher(np.array([value]), np.array([networks]))
    return float(z[0]), float(variance[0]), value, networks


def correlation_row(x: np.ndarray, y: np.ndarray) -> tuple[float, ...]:
    """Return `fisher_row` of `correlate`."""
    return fisher_row(*correlate(x, y))
