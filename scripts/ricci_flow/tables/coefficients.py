"""Tables of Ricci coefficients: of networks, and aggregated over the networks of a cell."""

from ricci_flow.tables.keys import ENSEMBLE_COLUMNS, MEASURE, NETWORK, K
from ricci_flow.tables.schema import BOOL, FLOAT, INT, TEXT, Column, Table, maybe
from ricci_flow.tables.training import TEST_ACCURACY

PAIRS = Column("points", INT, "(eta, Ric) pairs behind the coefficient", "pairs")
RHO = Column("rho", FLOAT, "Ricci coefficient: Pearson correlation of eta_l and Ric_l over layers")
P = maybe(Column("p", FLOAT, "lower tail of the exact distribution over pairings"))
P_METHOD = maybe(Column("p_method", TEXT, "how p was counted"))
REASON = maybe(Column("reason", TEXT, "why a value is missing"))

NETWORKS = Table(
    "coefficients/*/networks.parquet",
    "One row per network, measure and k.",
    (
        *ENSEMBLE_COLUMNS,
        NETWORK,
        MEASURE,
        K,
        PAIRS,
        maybe(RHO),
        maybe(Column("z_printed", FLOAT, "arctanh(rho) / sqrt(L - 4), Eq 11 of the paper")),
        maybe(Column("z_standardised", FLOAT, "arctanh(rho) * sqrt(L - 4), the usual one")),
        P,
        P_METHOD,
        REASON,
        maybe(Column("coupling", FLOAT, "Pearson correlation of Ric_l and g_l over layers")),
        maybe(Column("spearman", FLOAT, "Spearman correlation in place of Pearson's")),
        maybe(Column("rho_detrended", FLOAT, "rho with a linear trend in l taken off both sides")),
        maybe(Column("rho_next", FLOAT, "rho of eta_l with Ric_{l+1}")),
        maybe(Column("null_mean", FLOAT, "mean rho over layer orders, g_l and Ric_l together")),
        maybe(Column("null_negative", FLOAT, "share of layer orders with rho < 0", "share")),
        maybe(Column("p_orders", FLOAT, "lower tail of the distribution over layer orders")),
        TEST_ACCURACY,
        Column("kept", BOOL, "test accuracy above the threshold, or no threshold applies"),
    ),
)

CELLS = Table(
    "coefficients/*/cell.parquet",
    "One row per cell, measure and k: the aggregated coefficient.",
    (
        *ENSEMBLE_COLUMNS,
        MEASURE,
        K,
        Column("networks", INT, "networks trained", "networks"),
        Column("kept", INT, "networks kept", "networks"),
        Column("connected", INT, "kept networks with a coefficient at this k", "networks"),
        Column("points", INT, "pooled (eta, Ric) pairs of these", "pairs"),
        maybe(Column("rho", FLOAT, "aggregated coefficient: Pearson over the pooled pairs")),
        Column("is_k_star", BOOL, "whether this is k*, the k of the lowest rho of the cell"),
        REASON,
    ),
)

TABLES = (NETWORKS, CELLS)
