"""Checks on arrays that come from outside."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ricci_flow.errors import InputError


def one_line(error: BaseException) -> str:
    """Return what an error says, on one line of at most 160 characters."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."


def listed(names: Sequence[str]) -> str:
    """Return names as one line of at most twelve, quoted."""
    return ", ".join(repr(name) for name in names[:12]) + (", ..." if len(names) > 12 else "")


def check_file_name(file: Path) -> None:
    """Raise InputError where Snakemake could not take the name of a file."""
    if set(file.name) & set("{}<>"):
        raise InputError(f"{file}: has one of {{ }} < > in its name; rename it")


def check_parameters(holds: bool, generator: str, cure: str) -> None:
    """Raise InputError where the parameters of a generator do not hold what they must."""
    if not holds:
        raise InputError(f"parameters of {generator}: {cure}")


def check_features(X: np.ndarray, name: str, where: str) -> np.ndarray:
    """Return `X` if it is a finite numeric matrix with at least one row and column.

    Raises InputError naming `where`, the array and the first entry that is wrong.
    """
    if X.dtype.kind not in "buif":
        raise InputError(
            f"{where}: {name} is of type {X.dtype}; features must be real numbers: convert it"
        )
    if X.ndim != 2:
        raise InputError(
            f"{where}: {name} has shape {X.shape}; reshape it to two axes, rows x features"
        )
    if 0 in X.shape:
        raise InputError(f"{where}: {name} has shape {X.shape}; it needs rows and features")
    finite = np.isfinite(X)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise InputError(
            f"{where}: {name} is {X[row, column]} in row {row + 1}, column {column + 1}; "
            "remove or fill in such values"
        )
    for column in range(X.shape[1]):
        check_whole_numbers(X[:, column], f"{name}, column {column + 1},", where)
    return X


def check_whole_numbers(values: np.ndarray, name: str, where: str) -> None:
    """Raise InputError where float64 merges different whole numbers, as it may beyond 2^53."""
    if values.dtype.kind not in "iu" or values.dtype.itemsize < 8:
        return
    if np.array_equal(values.astype(np.float64).astype(values.dtype), values):
        return
    if len(np.unique(values)) > len(np.unique(values.astype(np.float64))):
        raise InputError(
            f"{where}: {name} holds whole numbers beyond 2^53, which 64-bit floats cannot tell "
            "apart; subtract an offset from them, or leave them out"
        )


def label_texts(y: np.ndarray, name: str, rows: int, where: str) -> np.ndarray:
    """Return labels as text: whole numbers without a point, so that class 1 is "1".

    rows: how many there must be. Raises InputError for another shape, another type, fractions or
    missing labels.
    """
    if y.shape != (rows,):
        raise InputError(
            f"{where}: {name} has shape {y.shape}; it needs one label per row: ({rows},)"
        )
    if y.dtype.kind == "f":
        whole = (y == np.trunc(y)) & (np.abs(y) < 2.0**53)
        if not whole.all():
            raise InputError(
                f"{where}: {name} holds {y[~whole][0]}; labels are whole numbers: correct it"
            )
        y = y.astype(np.int64)
    if y.dtype.kind not in "buiU":
        raise InputError(
            f"{where}: {name} is of type {y.dtype}; labels are whole numbers or text: convert it"
        )
    return y.astype(str)
