"""Columns that are no features: those to be left out, and those that count the rows."""

import re
from collections.abc import Sequence

import numpy as np

from ricci_flow.datasets.checks import listed
from ricci_flow.errors import InputError, closest

# How tables name a column that numbers their rows; pandas writes the first four.
_COUNTERS = re.compile(r"|unnamed: \d+|__index_level_\d+__|level_\d+|index|id|row", re.IGNORECASE)


def check_ignored(
    ignored: Sequence[str], columns: Sequence[str], label: str | None, where: str
) -> None:
    """Raise InputError where a column to be left out is not there, or is the one of labels."""
    for name in ignored:
        if name == label:
            raise InputError(
                f"{where}: key 'ignore' names {name!r}, the column of labels; name features only"
            )
        if name not in columns:
            cure = closest(name, [column for column in columns if column and column != label])
            raise InputError(f"{where}: key 'ignore' names {name!r}, which is no column; {cure}")


def running_numbers(X: np.ndarray, columns: Sequence[str]) -> list[str]:
    """Return the names of the columns that number the rows, whatever their order.

    X: (rows, features), all rows of the source. Such a column holds consecutive whole numbers, each
    once; where its name is that of an index, any whole numbers, each once: rows may be a sample.
    """
    found = []
    for column, name in enumerate(columns):
        values = X[:, column].astype(np.float64)
        named = _COUNTERS.fullmatch(name) is not None
        if len(values) < 2 or not (named or np.ptp(values) == len(values) - 1):
            continue
        different = len(np.unique(values)) == len(values)
        if different and np.array_equal(values, np.trunc(values)):
            found.append(name)
    return found


def counters_note(names: Sequence[str], named: bool = True) -> list[str]:
    """Return the line about columns that number the rows, where there are any.

    named: whether the source names its columns, so that key `ignore` can name them, too.
    """
    if not names:
        return []
    subject = f"column {names[0]!r} looks like a running number"
    if len(names) > 1:
        subject = f"columns {listed(names)} look like running numbers"
    cure = f"(ignore: [{listed(names)}])" if named else "of the array"
    return [f"{subject}, which may know the class; leave out what is no feature {cure}"]
