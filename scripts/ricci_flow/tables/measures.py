"""What is measured of the layers of networks: one long table per ensemble and block."""

from ricci_flow.tables.keys import CHECKPOINT_COLUMNS, ENSEMBLE_COLUMNS, MEASURE, NETWORK, K
from ricci_flow.tables.schema import BOOL, FLOAT, INT, LONG, TEXT, Column, Table, maybe

LAYER = Column(
    "layer",
    INT,
    "hidden layer, from 1; 0 is the input, and one more than the hidden ones the output",
)
MASS = Column(
    "geodesic_mass",
    FLOAT,
    "sum of hop distances over unordered pairs of points; missing where the graph is not connected",
    "hops",
)
VALUE = Column(
    "value", FLOAT, "value of the measure: of curvatures Ric_l, summed over the edges of the layer"
)
SETTING = Column("setting", TEXT, "what is measured: graph, points, layers, weights")
DRAW = maybe(Column("draw", INT, "number of the random draw, from 0; missing where none is drawn"))
SHARE = maybe(Column("k_fraction", FLOAT, "share of the points that k was asked for as", "share"))
DEVIATION = maybe(Column("deviation", FLOAT, "change of the logits by rescaling, of the largest"))
WHY = maybe(Column("reason", TEXT, "why there is no value"))

# One network under one setting at one k, by one measure.
SERIES = (*ENSEMBLE_COLUMNS, NETWORK, SETTING, DRAW, SHARE, K, MEASURE)

MEASURES = Table(
    "measures/*/main.parquet",
    "One row per network, setting, k, measure and layer; further blocks have the same columns.",
    (
        *SERIES,
        Column("scope", TEXT, "what the measure is of: edge, layer or network"),
        maybe(LAYER),
        maybe(Column("n", INT, "points", "points")),
        maybe(Column("left_out", INT, "points of these that the graph leaves out", "points")),
        maybe(Column("edges", LONG, "edges without direction", "edges")),
        maybe(Column("directed_edges", LONG, "directed edges; missing where it has none", "edges")),
        maybe(Column("components", INT, "connected components, points left out not counted")),
        maybe(Column("connected", BOOL, "whether there is one component")),
        maybe(Column("in_degree_variance", FLOAT, "variance of the in-degree over points")),
        maybe(MASS),
        maybe(
            Column(
                "partition",
                LONG,
                "of the graph pieces: a number that graphs with the same components share",
            )
        ),
        maybe(Column("diameter", INT, "largest hop distance; missing as geodesic_mass", "hops")),
        maybe(VALUE),
        maybe(Column("mean", FLOAT, "value per edge")),
        maybe(
            Column("gap", FLOAT, "mean within classes less mean between, in standard deviations")
        ),
        maybe(Column("gap_reason", TEXT, "why there is no gap")),
        maybe(
            Column(
                "drawn_edges",
                INT,
                "edges that were measured, where some were drawn for every point (point_edges); "
                "value, mean and gap are then estimates",
                "edges",
            )
        ),
        maybe(Column("drawn_seed", LONG, "seed of this draw")),
        maybe(Column("layer_points", INT, "points behind layer_rho", "points")),
        maybe(Column("layer_rho", FLOAT, "layer coefficient: correlation over points")),
        maybe(
            Column(
                "layer_p",
                FLOAT,
                "its p, lower tail, over permutations of the points; missing where not asked for",
            )
        ),
        maybe(
            Column("layer_p_method", TEXT, "exact, over all permutations, or sampled, over some")
        ),
        maybe(Column("layer_seed", LONG, "seed of those that are sampled")),
        maybe(Column("layer_reason", TEXT, "why there is no layer coefficient")),
        DEVIATION,
        WHY,
    ),
)

LOCAL = Table(
    "measures/*/main.local.parquet",
    "One row per network, setting, k and edge measure: coefficients point by point.",
    (
        *SERIES,
        Column("local_points", INT, "points with a local coefficient", "points"),
        maybe(Column("local_apart", INT, "points whose neighbours a next layer does not connect")),
        maybe(Column("local_constant", INT, "points whose change or curvature is constant")),
        maybe(Column("local_mean", FLOAT, "mean local coefficient over points")),
        maybe(Column("local_median", FLOAT, "median local coefficient over points")),
        maybe(Column("local_low", FLOAT, "lower quartile")),
        maybe(Column("local_high", FLOAT, "upper quartile")),
        maybe(Column("local_negative", FLOAT, "share of these below 0", "share")),
        maybe(
            Column("orders_mean", FLOAT, "local_mean with layers in random order, mean of orders")
        ),
        maybe(
            Column("orders_negative", FLOAT, "local_negative with layers in random order", "share")
        ),
        maybe(Column("orders_seed", LONG, "seed of these orders")),
        maybe(Column("local_reason", TEXT, "why there is none")),
    ),
)

OVER_TRAINING = Table(
    "measures/*/<block>.checkpoints.parquet",
    "Of blocks with checkpoints: the same for every checkpoint.",
    (*CHECKPOINT_COLUMNS, *MEASURES.columns),
)

LOCAL_OVER_TRAINING = Table(
    "measures/*/<block>.checkpoints.local.parquet",
    "Of blocks with checkpoints: the same for every checkpoint.",
    (*CHECKPOINT_COLUMNS, *LOCAL.columns),
)

TABLES = (MEASURES, LOCAL, OVER_TRAINING, LOCAL_OVER_TRAINING)
