"""What a table is: its columns with type, meaning and unit, checked on writing and on reading.

Every Parquet table of a study is declared once, in a module of this package per stage. The files'
documentation is made from these declarations (`python -m ricci_flow.tables`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # polars takes 0.2 s to load
    import polars as pl

TEXT, FLOAT, BOOL = "String", "Float64", "Boolean"
INT, LONG = "Int32", "Int64"


@dataclass(frozen=True)
class Column:
    """One column.

    type: name of a polars type, or the columns of the structs of which each value is a list.
    nullable: whether a value may be missing.
    """

    name: str
    type: "str | tuple[Column, ...]"
    meaning: str
    unit: str = ""
    nullable: bool = False

    def polars_type(self) -> Any:
        """Return the type as polars has it."""
        import polars as pl

        if isinstance(self.type, str):
            return getattr(pl, self.type)
        return pl.List(pl.Struct({column.name: column.polars_type() for column in self.type}))


def maybe(column: Column) -> Column:
    """Return a column whose values may be missing."""
    return replace(column, nullable=True)


@dataclass(frozen=True)
class Table:
    """One table: the file it is kept in, below the folder of a study, and what a row is."""

    file: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def schema(self) -> dict[str, Any]:
        """Names with polars types, as `polars.DataFrame` takes them."""
        return {column.name: column.polars_type() for column in self.columns}

    def frame(self, rows: Iterable[Mapping[str, Any]] = ()) -> "pl.DataFrame":
        """Return the table with these rows; what a row lacks is null, what it has more is left."""
        import polars as pl

        return pl.DataFrame(
            [{name: row.get(name) for name in self.names} for row in rows], schema=self.schema
        )

    def fault(self, table: "pl.DataFrame") -> str | None:
        """Return what makes a table another one than this, in a few words; None where nothing."""
        for column in self.columns:
            if column.name not in table.columns:
                return f"it has no column {column.name!r}"
            kind = table.schema[column.name]
            if kind != column.polars_type():
                return f"column {column.name!r} is {kind}, not {column.polars_type()}"
            if not column.nullable and table[column.name].null_count():
                return f"column {column.name!r} has missing values"
        others = [name for name in table.columns if name not in self.names]
        return f"it has a column {others[0]!r} more" if others else None

    def check(self, table: "pl.DataFrame") -> "pl.DataFrame":
        """Return the table, its columns in the declared order; ValueError where it is another."""
        if fault := self.fault(table):
            raise ValueError(f"{self.file}: {fault}")
        return table.select(self.names)
