"""Tables from outside: CSV and Parquet with a column of labels, the other columns features."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ricci_flow.datasets.checks import check_whole_numbers, label_texts, listed, one_line
from ricci_flow.datasets.columns import check_ignored, running_numbers
from ricci_flow.errors import InputError

if TYPE_CHECKING:
    import polars as pl

_LONGEST_LABEL = 1000


@dataclass(frozen=True)
class Table:
    """A table: X (rows, features) float64, labels (rows) text, the names of the features.

    index: columns that the file itself calls the index of a pandas table, which were left out.
    counters: features that number the rows (see `running_numbers`).
    """

    X: np.ndarray
    labels: np.ndarray
    columns: tuple[str, ...]
    index: tuple[str, ...]
    counters: tuple[str, ...]


def read_labelled_table(
    path: Path, label: str, max_bytes: int, ignored: Sequence[str] = ()
) -> Table:
    """Read a table: every column but `label` and the `ignored` ones is a feature.

    CSV is comma-separated UTF-8 with a line of column names; empty lines are passed over, and
    labels are taken as they are written. Of Parquet that pandas wrote, the index is no feature.
    max_bytes: what the values may take in memory.

    Raises InputError naming the file and the column where the file is missing or damaged, the label
    column or one to be ignored is missing, names occur twice, a value is missing or not a number,
    or there is no row.
    """
    size = _file_bytes(path)
    if size > max_bytes:
        raise InputError(
            f"{path}: is {size} bytes, more than max_bytes {max_bytes}; raise the limit"
        )
    comma_separated = path.suffix.lower() == ".csv"
    index: list[str] = []
    if comma_separated:
        names = _csv_names(path)
    else:
        names, index = _parquet_names(path, label, ignored, max_bytes)
    if label not in names:
        raise InputError(
            f"{path}: has no column {label!r} of labels; its columns are: {listed(names)}; "
            "name the right one with key 'label'"
        )
    check_ignored(ignored, names, label, str(path))
    index = [name for name in index if name not in ignored]
    columns = [name for name in names if name not in (label, *ignored, *index)]
    if not columns:
        raise InputError(f"{path}: has no column besides {label!r}; features are needed")
    table = _load(path, [*columns, label], label, comma_separated)
    if table.height == 0:
        raise InputError(f"{path}: has no rows below its column names; give it data")
    X = _features(table.drop(label), path)
    counters = running_numbers(X, columns)
    if "" in columns and "" not in counters:
        raise InputError(
            f"{path}: column {names.index('') + 1} has no name; name it, or leave it out "
            "(ignore: [''])"
        )
    labels = column_labels(table[label], path)
    return Table(X, labels, tuple(columns), tuple(index), tuple(counters))


def _file_bytes(path: Path) -> int:
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a folder; name a file in it")
        with path.open("rb"):
            return path.stat().st_size
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; check the path") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from None


def _csv_names(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            names = next(csv.reader(lines), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise _damaged(path, error) from None
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{path}: column {name!r} occurs twice; rename one of them")
    if not names:
        raise InputError(f"{path}: is empty; its first line must name the columns")
    return names


def _parquet_names(
    path: Path, label: str, ignored: Sequence[str], max_bytes: int
) -> tuple[list[str], list[str]]:
    """Return the names of the columns and of those that are a pandas index, from the footer alone.

    Raises InputError where the sizes or types that it gives will not do.
    """
    import polars as pl

    with path.open("rb") as file:
        start = file.read(4)
        file.seek(max(path.stat().st_size - 4, 0))
        if start != b"PAR1" or file.read(4) != b"PAR1":
            raise InputError(f"{path}: is no Parquet file, or a truncated one; copy it again")
    try:
        frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        schema = frame.collect_schema()
        names = schema.names()
        rows = int(frame.select(pl.len()).collect().item())
        index = _pandas_index(pl.read_parquet_metadata(path).get("pandas", "{}"))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _damaged(path, error) from None
    index = [name for name in index if name in names and name != label]
    for name, kind in schema.items():
        if name in (*ignored, *index) or not (
            kind.is_nested() or kind == pl.Binary
        ):  # those may unpack to any size
            continue
        if name == label:
            raise _no_label_type(path, name, kind)
        raise _no_number(path, name, str(kind))
    needed = rows * len(names) * 8
    if needed > max_bytes:
        raise InputError(
            f"{path}: {rows} rows of {len(names)} columns unpack to {needed} bytes, more than "
            f"max_bytes {max_bytes}; check the file, or raise the limit"
        )
    return names, index


def _pandas_index(text: str) -> list[str]:
    """Return the columns that hold the index, from what pandas writes into a file's footer."""
    try:
        columns = json.loads(text).get("index_columns", [])
        return [name for name in columns if isinstance(name, str)]  # a range takes no column
    except (ValueError, AttributeError, TypeError, RecursionError):
        return []


def _load(path: Path, columns: list[str], label: str, comma_separated: bool) -> "pl.DataFrame":
    """Return these columns; text that is blank, as "" is, counts as no value."""
    import polars as pl

    try:
        if comma_separated:
            table = pl.read_csv(
                path, glob=False, infer_schema_length=None, schema_overrides={label: pl.String}
            )
            table = table.filter(~pl.all_horizontal(pl.all().is_null())).select(columns)
        else:
            table = pl.read_parquet(path, columns=columns, glob=False, hive_partitioning=False)
        text = pl.col(pl.String)
        return table.with_columns(pl.when(text.str.strip_chars() != "").then(text))
    except pl.exceptions.NoDataError:
        raise InputError(f"{path}: has no rows below its column names; give it data") from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: BaseException) -> InputError:
    return InputError(
        f"{path}: cannot be read ({one_line(error)}); save it as "
        f"{'comma-separated UTF-8 text' if path.suffix.lower() == '.csv' else 'Parquet'} again"
    )


def _features(table: "pl.DataFrame", path: Path) -> np.ndarray:
    import polars as pl

    X = np.empty((table.height, table.width))
    for column, series in enumerate(table):
        if not (series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null)):
            sample = _first_text(series)
            if sample or not series.null_count():
                raise _no_number(path, series.name, f"{series.dtype}{sample}")
        if series.null_count():
            row = int(series.is_null().arg_max() or 0) + 1
            raise InputError(
                f"{path}: column {series.name!r} has no value in row {row}; fill it in or drop it"
            )
        X[:, column] = series.cast(pl.Float64).to_numpy()
        if series.dtype.is_integer():
            check_whole_numbers(series.to_numpy(), f"column {series.name!r}", str(path))
        if not np.isfinite(X[:, column]).all():
            row = int(np.flatnonzero(~np.isfinite(X[:, column]))[0])
            raise InputError(
                f"{path}: column {series.name!r} is {X[row, column]} in row {row + 1}; remove or "
                "fill in such values"
            )
    return X


def _no_number(path: Path, name: str, kind: str) -> InputError:
    return InputError(
        f"{path}: column {name!r} is no number ({kind}); encode it as numbers or drop it"
    )


def _no_label_type(path: Path, name: str, kind: object) -> InputError:
    return InputError(
        f"{path}: column {name!r} is of type {kind}; labels are whole numbers or text: convert it"
    )


def _first_text(series: "pl.Series") -> str:
    import polars as pl

    if series.dtype != pl.String:
        return ""
    wrong = series.is_not_null() & series.cast(pl.Float64, strict=False).is_null()
    if not wrong.any():
        return ""
    row = int(wrong.arg_max() or 0)
    return f", {ascii(series[row])[:40]} in row {row + 1}"


def column_labels(series: "pl.Series", path: Path) -> np.ndarray:
    """Return a column of labels as text; raises InputError where it holds no labels."""
    import polars as pl

    name = f"column {series.name!r}"
    if series.null_count():
        row = int(series.is_null().arg_max() or 0) + 1
        raise InputError(f"{path}: {name} has no label in row {row}; fill it in or drop the row")
    if series.dtype.is_float():
        return label_texts(series.to_numpy(), name, len(series), str(path))
    try:
        texts = series.cast(pl.String)
    except pl.exceptions.PolarsError:
        raise _no_label_type(path, series.name, series.dtype) from None
    # As NumPy's text every label takes as much space as the longest.
    lengths = texts.str.len_bytes()
    row = int(lengths.arg_max() or 0)
    if int(lengths[row]) > _LONGEST_LABEL:
        raise InputError(
            f"{path}: {name} holds {lengths[row]} bytes in row {row + 1}, "
            f"more than {_LONGEST_LABEL}; give the classes short names"
        )
    return texts.to_numpy().astype(str)
