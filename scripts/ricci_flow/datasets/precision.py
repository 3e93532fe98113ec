"""Whether float32 tells the values of a data set apart, as long as they are not yet centred."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ricci_flow.errors import InputError

# Shares of a column's standard deviation. Rounding to float32 that moves no value by more than the
# first is as good as that of standardised values, give or take an offset of some 16 deviations; one
# by more than the second spoils the column.
FINE = 2.0**-20
COARSE = 2.0**-10


def examine(
    X: np.ndarray, columns: Sequence[str]
) -> tuple[type[np.floating], list[dict[str, Any]]]:
    """Return the type in which raw values are kept, and the columns that float32 would spoil.

    X: (rows, features), finite and within the range of float32; columns: names of the features.
    The type is float32 unless a column has values that it merges or moves by more than `FINE`; then
    float64. A column is returned where it does both: `column`, `distinct` (values), `kept` (of
    these, in float32) and `moved` (the farthest, in standard deviations).
    """
    single = X.astype(np.float32)
    differs = np.any(single != X, axis=0)
    kind: type[np.floating] = np.float32
    beyond = []
    for number in np.flatnonzero(differs).tolist():
        values, rounded = X[:, number].astype(np.float64), single[:, number]
        distinct, kept = len(np.unique(values)), len(np.unique(rounded))
        if distinct == 1:
            continue
        largest = np.abs(values).max()
        farthest = np.abs(values - rounded).max() / largest
        # Divided first, or the spread of tiny values could not be squared.
        moved = float(farthest / (values / largest).std())
        if kept < distinct or moved > FINE:
            kind = np.float64
        if kept < distinct and moved > FINE:
            beyond.append(
                {"column": columns[number], "distinct": distinct, "kept": kept, "moved": moved}
            )
    return kind, beyond


def beyond_note(column: Mapping[str, Any]) -> str:
    """Return the line about a column of `examine`."""
    return (
        f"column {column['column']!r} is kept in 64 bits, as 32 would tell {column['kept']} of its "
        f"{column['distinct']} values apart; use scale 'standard', since networks take raw values "
        "in 32 bits"
    )


def check_raw(facts: Mapping[str, Any], scale: str) -> str | None:
    """Return a warning where a scale that leaves values raw lets float32 merge some; None if not.

    facts: of the data set. Raises InputError where it spoils a column.
    """
    beyond = facts.get("beyond_float32", [])
    if scale == "standard" or not beyond:
        return None
    worst = max(beyond, key=lambda column: column["moved"])
    line = (
        f"data set {facts.get('data_set')!r}: under scale {scale!r} 32-bit floats tell "
        f"{worst['kept']} of the {worst['distinct']} values of column {worst['column']!r} apart; "
        "use scale: standard, or subtract an offset from the column"
    )
    if worst["moved"] > COARSE:
        raise InputError(line)
    return line
