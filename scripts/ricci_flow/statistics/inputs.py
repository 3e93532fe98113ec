"""Tables of all ensembles of a study, each held against the ensemble whose folder it lies in."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ricci_flow.statistics.gather import ENSEMBLE
from ricci_flow.storage import damaged, read_table, stack_tables


def read_ensembles(
    root: Path, stage: str, file: str, ensembles: Sequence[str], needed: Sequence[str] = ()
) -> pl.DataFrame:
    """Read a stage's table of all ensembles ("data_set/architecture/condition"), in their order.

    needed: columns that it must have. Raises InputError naming the file that is damaged, lacks
    one, is of another ensemble, or of other columns than most.
    """
    paths = [root / stage / ensemble / file for ensemble in ensembles]
    tables = [read_table(path, (*ENSEMBLE, *needed)) for path in paths]
    for path, ensemble, table in zip(paths, ensembles, tables, strict=True):
        found = {"/".join(names) for names in table.select(ENSEMBLE).unique().rows()}
        if found != {ensemble}:
            raise damaged(path, f"it is not of {ensemble} but of {', '.join(found) or 'nothing'}")
    return stack_tables(paths, tables)
