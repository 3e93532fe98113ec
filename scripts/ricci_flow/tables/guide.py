"""The tables' part of the guide's page of files, made from the declarations."""

from pathlib import Path

from ricci_flow.tables import (
    coefficients,
    graphs,
    measures,
    multiverse,
    recipes,
    statistics,
    training,
)
from ricci_flow.tables.schema import Column, Table

DECLARED = (
    *training.TABLES,
    *graphs.TABLES,
    *measures.TABLES,
    *coefficients.TABLES,
    *statistics.TABLES,
    *statistics.OVER_TRAINING,
    *multiverse.TABLES,
    *recipes.TABLES,
)
FIRST = "<!-- Made by `python -m ricci_flow.tables` from ricci_flow/tables; do not edit. -->"
LAST = "<!-- End of what is made. -->"


def with_tables(page: str) -> str:
    """Return a page with the part between its two marks made anew.

    Raises ValueError where the marks are not there.
    """
    before, first, rest = page.partition(FIRST)
    _, last, after = rest.partition(LAST)
    if not (first and last):
        raise ValueError("the page lacks the marks of the tables' part")
    parts = "\n".join(_section(table) for table in DECLARED)
    return f"{before}{first}\n\n{parts}\n{last}{after}"


def update(path: Path) -> None:
    """Write the tables' part of a page anew."""
    path.write_text(with_tables(path.read_text("utf-8")), "utf-8")


def _section(table: Table) -> str:
    lines = [f"### `{table.file}`", "", table.meaning, ""]
    lines += ["| column | type | meaning | unit | may be missing |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *map(_row, table.columns), ""])


def _row(column: Column) -> str:
    kind = column.type
    words = kind if isinstance(kind, str) else f"list of {', '.join(part.name for part in kind)}"
    missing = "yes" if column.nullable else ""
    meaning = column.meaning.replace("|", "\\|").replace("*", "\\*")
    meaning = meaning.replace("<", "&lt;").replace("_", "\\_")
    cells = (f"`{column.name}`", words, meaning, column.unit, missing)
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"
