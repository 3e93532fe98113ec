"""The table of candidate recipes (scripts/compare_recipes.py)."""

from ricci_flow.tables.keys import CONDITION, DATA_SET, MEASURE
from ricci_flow.tables.schema import FLOAT, INT, TEXT, Column, Table, maybe


def _distances(side: str) -> tuple[Column, Column]:
    return (
        maybe(Column(f"rms_{side}", FLOAT, f"root mean square difference, {side} architectures")),
        maybe(Column(f"pearson_{side}", FLOAT, f"Pearson correlation, {side} architectures")),
    )


RECIPES = Table(
    "recipes.parquet",
    "One row per data set, condition and measure: how near a recipe comes to the paper's "
    "Figure 3. It is chosen on the seen architectures and judged on the unseen ones.",
    (
        Column("published_as", TEXT, "name of the data set in the published values"),
        DATA_SET,
        CONDITION,
        MEASURE,
        Column("cells", INT, "cells", "cells"),
        Column("networks", INT, "networks trained", "networks"),
        Column("kept", INT, "networks kept", "networks"),
        Column("kept_least", FLOAT, "smallest share of kept networks over the cells", "share"),
        Column("connected", INT, "kept networks connected at the k* of their cell", "networks"),
        Column("values", INT, "(cell, k) that both sides define"),
        *_distances("seen"),
        *_distances("unseen"),
        maybe(Column("rms_unseen_first_half", FLOAT, "rms_unseen of the first half of networks")),
        maybe(Column("rms_unseen_second_half", FLOAT, "rms_unseen of the second half")),
        maybe(Column("strong_same_sign", FLOAT, "strong values with the published sign", "share")),
        Column("k_within_2", INT, "cells whose k* is from half to twice the paper's", "cells"),
    ),
)

TABLES = (RECIPES,)
