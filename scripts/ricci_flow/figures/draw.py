"""From the files that a figure declares to the figure."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
from matplotlib.figure import Figure

from ricci_flow.errors import InputError, closest
from ricci_flow.figures.registry import declared_figures, module_of
from ricci_flow.labels import Labels
from ricci_flow.storage import damaged, read_table


def draw_from_files(
    name: str,
    files: Sequence[Path],
    select: Mapping[str, str],
    settings: Mapping[str, Any],
    labels: Labels,
) -> Figure:
    """Return a figure.

    files: those of `registry.files_of`, in that order; select: column -> value of the rows to draw;
    settings: further arguments of the module's `draw`. Raises InputError naming the file that is
    damaged or is another table than the figure needs.
    """
    figures = declared_figures()
    if name not in figures:
        raise InputError(f"figure {name!r} is unknown; {closest(name, figures)}")
    declared = figures[name]
    count, names = len(declared.tables), list(declared.inputs)
    others = files[count:]
    if len(files) < count or (len(others) % len(names) if names else others):
        raise InputError(f"figure {name} takes {', '.join([*declared.tables, *names])}; give these")
    given = dict(settings)
    if names:
        each = range(0, len(others), len(names))
        given["files"] = [dict(zip(names, others[at:], strict=False)) for at in each]
    if "labels" in declared.settings:
        given["labels"] = labels
    tables = [
        labels.show(labels.with_shape(selected(read_table(path, columns), select)))
        for path, columns in zip(files, declared.tables.values(), strict=False)
    ]
    try:
        drawn: Figure = import_module(module_of(name)).draw(*tables, **given)
    except pl.exceptions.ColumnNotFoundError as error:
        # Where a figure is drawn from several tables, their columns were looked at before.
        raise damaged(files[0], error) from None
    return drawn


def selected(table: pl.DataFrame, select: Mapping[str, str]) -> pl.DataFrame:
    """Return the rows with these values, of those columns that the table has."""
    for column, value in select.items():
        if column in table.columns:
            table = table.filter(pl.col(column) == value)
    return table
