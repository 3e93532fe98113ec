"""Tables of the graphs and of what is measured on them, layer by layer."""

from ricci_flow.tables.keys import CONVENTION, ENSEMBLE_COLUMNS, NETWORK, K
from ricci_flow.tables.schema import BOOL, FLOAT, INT, LONG, Column, Table, maybe

LAYER = Column("layer", INT, "hidden layer, from 1")
CURVATURE = Column("curvature", FLOAT, "curvature Ric_l of the layer, summed over edges")
MASS = Column(
    "geodesic_mass",
    FLOAT,
    "sum of hop distances over unordered pairs of points; missing where the graph is not connected",
    "hops",
)

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

LAYERS = Table(
    "geometry/*/layers.parquet",
    "One row per network, layer, k and convention: the graph of one layer.",
    (
        *ENSEMBLE_COLUMNS,
        NETWORK,
        LAYER,
        K,
        CONVENTION,
        Column("n", INT, "test points", "points"),
        Column("edges", LONG, "edges summed over", "edges"),
        Column("components", INT, "connected components of the union graph"),
        Column("connected", BOOL, "whether there is one component"),
        CURVATURE,
        Column("in_degree_variance", FLOAT, "variance of the in-degree over points"),
        maybe(MASS),
        maybe(Column("diameter", INT, "largest hop distance; missing as geodesic_mass", "hops")),
    ),
)

TABLES = (TIES, LAYERS)
