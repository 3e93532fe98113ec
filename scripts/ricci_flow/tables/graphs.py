"""Tables of the graphs and of what is measured on them, layer by layer."""

from ricci_flow.tables.keys import ENSEMBLE_COLUMNS, NETWORK
from ricci_flow.tables.schema import INT, LONG, Column, Table

LAYER = Column("layer", INT, "hidden layer, from 1")

TIES = Table(
    "graphs/*/ties.parquet",
    "One row per network and layer: what is degenerate in the cloud.",
    (
        *ENSEMBLE_COLUMNS,
        NETWORK,
        LAYER,
        Column("k_max", INT, "largest k of the grid", "points"),
        Column("dead_units", INT, "units that are zero on every test point", "units"),
        Column("duplicate_points", INT, "points with a duplicate at distance 0", "points"),
        Column("tied_points", INT, "points with more than k_max neighbours, by ties", "points"),
        Column("extra_neighbours", LONG, "how many more, summed over points", "points"),
    ),
)

TABLES = (TIES,)
