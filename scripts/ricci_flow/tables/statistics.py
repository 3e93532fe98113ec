"""Tables of the study as a whole: folder statistics/."""

from ricci_flow.tables import coefficients, graphs, training
from ricci_flow.tables.coefficients import REASON, RHO
from ricci_flow.tables.keys import (
    ARCHITECTURE,
    CELL_COLUMNS,
    CONDITION,
    CONVENTION,
    DATA_SET,
    DEPTH,
    ENSEMBLE_COLUMNS,
    NETWORK,
    K,
)
from ricci_flow.tables.schema import BOOL, FLOAT, INT, TEXT, Column, Table, maybe

_NETWORKS = Column("networks", INT, "networks counted", "networks")
_CELLS = Column("cells", INT, "cells counted", "cells")
_SHARE_OF_N = Column("share", FLOAT, "k / n of the study")


def _interval(of: str, name: str = "", unit: str = "") -> tuple[Column, Column]:
    """Return the columns of an interval's ends; name: what stands before low and high."""
    return (
        maybe(Column(f"{name}low", FLOAT, f"lower end of the interval of {of}", unit)),
        maybe(Column(f"{name}high", FLOAT, f"upper end of the interval of {of}", unit)),
    )


_TEST = (
    Column("family", TEXT, "names the tests that p is corrected over"),
    maybe(Column("estimate", FLOAT, "slope or correlation")),
    *_interval("the estimate"),
    maybe(Column("p", FLOAT, "two-sided p value")),
    maybe(Column("p_holm", FLOAT, "p corrected over the family by Holm's method")),
    maybe(Column("p_benjamini_hochberg", FLOAT, "the same by Benjamini and Hochberg's")),
    _NETWORKS,
    _CELLS,
    REASON,
)

ACCURACY = Table(
    "statistics/accuracy.parquet",
    "One row per network of every ensemble: how well it is trained, and whether it is kept.",
    (
        *training.NETWORKS.columns,
        maybe(Column("threshold", FLOAT, "accuracy above which a network is kept", "share")),
        Column("kept", BOOL, "above the threshold, or no threshold applies"),
    ),
)

CELLS = Table(
    "statistics/cells.parquet",
    "The tables coefficients/*/cell.parquet of all ensembles, one below the other.",
    coefficients.CELLS.columns,
)

NETWORKS = Table(
    "statistics/networks.parquet",
    "One row per network and convention, at the k* of its cell.",
    (
        *coefficients.NETWORKS.columns,
        DEPTH,
        Column("width", TEXT, "widths of the layers that are measured, each change once"),
        maybe(
            Column("in_degree_variance", FLOAT, "variance of the in-degree over k^2, layers' mean")
        ),
        maybe(Column("in_degree_variance_change", FLOAT, "the same, last layer less the first")),
        maybe(training.MARGIN),
        maybe(training.TEST_LOSS),
        maybe(training.WEIGHT_NORM),
    ),
)

FUNNEL = Table(
    "statistics/funnel.parquet",
    "One row per condition, convention and step from networks trained to negative coefficients.",
    (
        CONDITION,
        CONVENTION,
        Column("step", TEXT, "the step"),
        Column("networks", INT, "networks left after it", "networks"),
        maybe(Column("published", INT, "the same in the paper", "networks")),
    ),
)

EXCLUDED = Table(
    "statistics/excluded.parquet",
    "One row per network and convention that has no coefficient at k*, with the first reason.",
    (
        *ENSEMBLE_COLUMNS,
        NETWORK,
        CONVENTION,
        maybe(K),
        Column("reason", TEXT, "why the network is left out"),
    ),
)

REGRESSION = Table(
    "statistics/regression.parquet",
    "One row per term of the paper's regression of accuracy, for each coefficient; without a fit "
    "one row with the reason.",
    (
        CONDITION,
        CONVENTION,
        Column("coefficient", TEXT, "column of networks.parquet that is the coefficient"),
        Column("term", TEXT, "term of the regression"),
        maybe(Column("estimate", FLOAT, "least-squares estimate")),
        maybe(Column("standard_error", FLOAT, "its standard error")),
        maybe(Column("t", FLOAT, "estimate over standard error")),
        maybe(Column("p", FLOAT, "two-sided p value")),
        *_interval("the estimate"),
        Column("observations", INT, "networks in the fit", "networks"),
        REASON,
    ),
)

WITHIN_CELLS = Table(
    "statistics/within_cells.parquet",
    "One row per cell: Spearman correlation of accuracy and coefficient over its kept networks.",
    (
        *ENSEMBLE_COLUMNS,
        CONVENTION,
        _NETWORKS,
        maybe(Column("spearman", FLOAT, "Spearman correlation")),
        *_interval("the correlation, on Fisher's z"),
        maybe(Column("p", FLOAT, "two-sided p value")),
        Column("family", TEXT, "names the tests that p is corrected over"),
        maybe(Column("p_holm", FLOAT, "p corrected over the family by Holm's method")),
        maybe(Column("p_benjamini_hochberg", FLOAT, "the same by Benjamini and Hochberg's")),
        REASON,
    ),
)

LAYERS = Table(
    "statistics/layers.parquet",
    "One row per cell, convention and layer at k*, over its kept networks with a coefficient.",
    (
        *ENSEMBLE_COLUMNS,
        CONVENTION,
        K,
        graphs.LAYER,
        _NETWORKS,
        Column("curvature", FLOAT, "mean curvature of the layer"),
        maybe(Column("curvature_sd", FLOAT, "its standard deviation over networks")),
        Column("geodesic_mass", FLOAT, "mean geodesic mass of the layer", "hops"),
        maybe(Column("geodesic_mass_sd", FLOAT, "its standard deviation over networks", "hops")),
    ),
)

PAIRS = Table(
    "statistics/pairs.parquet",
    "One row per layer of one network per cell and convention: the one of (lower) median rho.",
    (
        *ENSEMBLE_COLUMNS,
        NETWORK,
        CONVENTION,
        K,
        graphs.LAYER,
        Column("eta", FLOAT, "geodesic mass of the next layer less that of this one", "hops"),
        graphs.CURVATURE,
        RHO,
    ),
)

TIES = Table(
    "statistics/ties.parquet",
    "The tables graphs/*/ties.parquet of all ensembles, one below the other.",
    graphs.TIES.columns,
)

COMPARISON = Table(
    "statistics/comparison.parquet",
    "One row per cell that the paper has too, per condition and convention.",
    (
        *CELL_COLUMNS,
        Column("published_k", INT, "k* of the paper", "points"),
        Column("published_rho", FLOAT, "aggregated coefficient of the paper there"),
        maybe(Column("k", INT, "k* of the study", "points")),
        maybe(Column("rho", FLOAT, "aggregated coefficient of the study there")),
        maybe(Column("rho_at_published_k", FLOAT, "the study's at the paper's k*")),
        REASON,
    ),
)

FIT = Table(
    "statistics/fit.parquet",
    "One row per condition and convention, for all data sets together and for each: how near the "
    "study comes to the paper.",
    (
        CONDITION,
        CONVENTION,
        maybe(Column("data_set", TEXT, "name of the data set; missing for all together")),
        Column("cells", INT, "cells that both have", "cells"),
        Column("undefined", INT, "of these, without k* in the study", "cells"),
        maybe(Column("rms_difference", FLOAT, "root mean square difference, each at its own k*")),
        maybe(Column("rms_difference_at_published_k", FLOAT, "the same, both at the paper's k*")),
        maybe(Column("same_sign", FLOAT, "cells whose coefficients at k* have one sign", "share")),
        maybe(Column("spearman", FLOAT, "Spearman correlation of these coefficients over cells")),
        maybe(Column("median_k_ratio", FLOAT, "median of k* over the paper's k*")),
        Column("k_within_2", INT, "cells whose k* is from half to twice the paper's", "cells"),
        Column("published_values", INT, "published values over all k"),
        Column("values", INT, "of these, defined in the study too"),
        Column("curve_cells", INT, "cells with such a value", "cells"),
        maybe(Column("reasons", TEXT, "why the others are undefined, with counts")),
        maybe(Column("curve_rms", FLOAT, "root mean square difference of the curves, at equal k")),
        maybe(Column("curve_pearson", FLOAT, "Pearson correlation of the curves")),
        Column("strong", INT, "values with a published size above 0.3"),
        maybe(Column("strong_same_sign", FLOAT, "of these, with the published sign", "share")),
    ),
)

PUBLISHED_CURVES = Table(
    "statistics/published_curves.parquet",
    "One row per cell and k of the paper's Figure 3, of the cells that the study has.",
    (
        DATA_SET,
        ARCHITECTURE,
        K,
        _SHARE_OF_N,
        Column("rho", FLOAT, "published aggregated coefficient"),
    ),
)

ACCURACY_LINK = Table(
    "statistics/accuracy_link.parquet",
    "One row per method, condition and convention: does a more negative coefficient go with a "
    "higher accuracy?",
    (
        CONDITION,
        CONVENTION,
        Column("method", TEXT, "the method"),
        Column("primary", BOOL, "whether it is the one that was chosen beforehand"),
        *_TEST,
    ),
)

BASELINES = Table(
    "statistics/baselines.parquet",
    "One row per quantity, predictor, condition and convention: do simpler numbers say as much?",
    (
        CONDITION,
        CONVENTION,
        Column("quantity", TEXT, "what is estimated"),
        Column("predictor", TEXT, "column of networks.parquet"),
        *_TEST,
    ),
)

K_CURVES = Table(
    "statistics/k_curves.parquet",
    "One row per cell and k: the aggregated coefficient over the whole grid.",
    (
        *CELL_COLUMNS,
        Column("n", INT, "test points", "points"),
        K,
        _SHARE_OF_N,
        Column("fixed", BOOL, "whether k is the one of the grid nearest to a tenth of n"),
        Column("kept", INT, "networks kept", "networks"),
        Column("connected", INT, "of these, connected at this k", "networks"),
        maybe(Column("rho", FLOAT, "aggregated coefficient")),
        *_interval("rho, by a bootstrap over networks"),
        REASON,
    ),
)

HELD_OUT = Table(
    "statistics/held_out.parquet",
    "One row per cell: k chosen on one half of its networks, judged on the other.",
    (
        *CELL_COLUMNS,
        Column("networks", INT, "networks kept", "networks"),
        maybe(Column("splits", INT, "splits with a held-out coefficient")),
        maybe(Column("rho_chosen", FLOAT, "mean coefficient at k* of the half that chose it")),
        maybe(Column("rho_held_out", FLOAT, "mean coefficient at that k of the other half")),
        maybe(Column("low", FLOAT, "5th percentile of the held-out coefficient over splits")),
        maybe(Column("high", FLOAT, "95th percentile of it")),
        maybe(Column("negative", FLOAT, "splits in which it is negative", "share")),
        maybe(Column("k_fixed", INT, "k of the grid nearest to a tenth of n", "points")),
        maybe(Column("rho_fixed", FLOAT, "aggregated coefficient there")),
        *_interval("rho_fixed, see k_curves", "fixed_"),
        REASON,
    ),
)

NULLS = Table(
    "statistics/nulls.parquet",
    "One row per condition, convention and depth: coefficients at k* next to their nulls.",
    (
        CONDITION,
        CONVENTION,
        DEPTH,
        _NETWORKS,
        Column("rho", FLOAT, "mean coefficient"),
        Column("negative", FLOAT, "networks with a negative one", "share"),
        maybe(Column("null_mean", FLOAT, "mean coefficient over layer orders")),
        maybe(Column("null_negative", FLOAT, "layer orders with a negative one", "share")),
        Column("significant", FLOAT, "networks with p <= 0.05 over pairings", "share"),
        maybe(Column("significant_orders", FLOAT, "the same over layer orders", "share")),
        maybe(Column("coupling", FLOAT, "median correlation of Ric_l and g_l")),
        maybe(Column("rho_detrended", FLOAT, "mean rho without linear trends")),
        maybe(Column("spearman", FLOAT, "mean Spearman correlation")),
        maybe(Column("rho_next", FLOAT, "mean rho with the next layer's curvature")),
        maybe(Column("fixed_networks", INT, "networks at the k nearest to a tenth of n")),
        maybe(Column("fixed_negative", FLOAT, "of these, with a negative coefficient", "share")),
        maybe(Column("fixed_null_negative", FLOAT, "layer orders with one there", "share")),
        maybe(Column("fixed_significant_orders", FLOAT, "networks with p <= 0.05 there", "share")),
        maybe(Column("coupling_mean", FLOAT, "mean rho of independent, coupled layers")),
        maybe(Column("coupling_negative", FLOAT, "share of these below 0", "share")),
        maybe(Column("significant_coupling", FLOAT, "networks below 95 % of these", "share")),
    ),
)

NULL_LAWS = Table(
    "statistics/null_laws.parquet",
    "One row per bin of a histogram of rho, observed or under a null, networks of equal weight.",
    (
        CONDITION,
        CONVENTION,
        DEPTH,
        Column("law", TEXT, "observed, layer orders, or coupling (independent coupled layers)"),
        Column("low", FLOAT, "lower end of the bin"),
        Column("share", FLOAT, "share in the bin", "share"),
    ),
)

CLAIMS = Table(
    "statistics/claims.parquet",
    "One row per quantity behind a claim as the paper took it, per condition and convention.",
    (
        Column("claim", INT, "number of the claim"),
        Column("key", TEXT, "name of the claim"),
        Column("quantity", TEXT, "what is counted or measured"),
        CONDITION,
        CONVENTION,
        maybe(Column("published", FLOAT, "the paper's value")),
        maybe(Column("value", FLOAT, "the study's value")),
        maybe(Column("low", FLOAT, "lowest value over cells, of a median")),
        maybe(Column("high", FLOAT, "highest value over cells, of a median")),
        maybe(Column("hits", INT, "cells or networks that agree, of a share")),
        maybe(Column("of", INT, "cells or networks looked at")),
    ),
)

_BY_DEPTH = (
    DEPTH,
    Column("value", FLOAT, "the share there"),
    Column("low", FLOAT, "lower end of its interval"),
    Column("high", FLOAT, "upper end of its interval"),
    _CELLS,
)

LEDGER = Table(
    "statistics/ledger.parquet",
    "One row per claim, condition and convention with its verdict (control missing), and one for "
    "each of its controls.",
    (
        Column("claim", INT, "number of the claim"),
        Column("key", TEXT, "name of the claim"),
        CONDITION,
        CONVENTION,
        maybe(Column("control", TEXT, "name of the control; missing for the claim itself")),
        maybe(Column("published", FLOAT, "the paper's value")),
        maybe(Column("value", FLOAT, "the quantity that the claim is judged by")),
        *_interval("the quantity, over cells"),
        Column("cells", INT, "cells with the quantity", "cells"),
        *_interval("the quantity, the wider one with cells and with data sets as units", "widest_"),
        Column("data_sets", INT, "data sets of these cells", "data sets"),
        maybe(Column("difference", FLOAT, "excess over the control, inside cells")),
        *_interval("the difference, over cells", "difference_"),
        maybe(Column("difference_cells", INT, "cells that both have", "cells")),
        *_interval("the difference, the wider one", "difference_widest_"),
        maybe(Column("standing", TEXT, "how the control compares with the networks")),
        maybe(Column("fixed", FLOAT, "share that is negative at the k nearest to a tenth of n")),
        *_interval("this share, over cells", "fixed_"),
        maybe(Column("fixed_cells", INT, "cells with it", "cells")),
        *_interval("this share, the wider one", "fixed_widest_"),
        maybe(Column("fixed_by_depth", _BY_DEPTH, "the same for each depth, where there are more")),
        maybe(Column("verdict", TEXT, "the verdict on the claim")),
        maybe(Column("remark", TEXT, "how the controls compare, or why it is undecided")),
        maybe(Column("reason", TEXT, "why the quantity is undefined")),
    ),
)

TABLES = (
    ACCURACY,
    CELLS,
    NETWORKS,
    FUNNEL,
    EXCLUDED,
    REGRESSION,
    WITHIN_CELLS,
    LAYERS,
    PAIRS,
    TIES,
    COMPARISON,
    FIT,
    PUBLISHED_CURVES,
    ACCURACY_LINK,
    BASELINES,
    K_CURVES,
    HELD_OUT,
    NULLS,
    NULL_LAWS,
    CLAIMS,
    LEDGER,
)
