"""Tables of the study as a whole: folder statistics/."""

from ricci_flow.tables import coefficients, graphs, keys, measures, training
from ricci_flow.tables.coefficients import REASON, RHO
from ricci_flow.tables.keys import (
    ARCHITECTURE,
    CELL_COLUMNS,
    CONDITION,
    DATA_SET,
    DEPTH,
    ENSEMBLE_COLUMNS,
    MEASURE,
    NETWORK,
    K,
)
from ricci_flow.tables.schema import BOOL, FLOAT, INT, LONG, TEXT, Column, Table, maybe

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
    "The tables coefficients/*/cell.parquet of all ensembles, concatenated.",
    coefficients.CELLS.columns,
)

NETWORKS = Table(
    "statistics/networks.parquet",
    "One row per network and measure, at the k* of its cell.",
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
    "One row per condition, measure and step from networks trained to negative coefficients.",
    (
        CONDITION,
        MEASURE,
        Column("step", TEXT, "the step"),
        Column("networks", INT, "networks left after it", "networks"),
        maybe(Column("published", INT, "the same in the paper", "networks")),
    ),
)

EXCLUDED = Table(
    "statistics/excluded.parquet",
    "One row per network and measure that has no coefficient at k*, with the first reason.",
    (
        *ENSEMBLE_COLUMNS,
        NETWORK,
        MEASURE,
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
        MEASURE,
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
        MEASURE,
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
    "One row per cell, measure and layer at k*, over its kept networks with a coefficient.",
    (
        *ENSEMBLE_COLUMNS,
        MEASURE,
        K,
        measures.LAYER,
        _NETWORKS,
        Column("curvature", FLOAT, "mean curvature of the layer"),
        maybe(Column("curvature_sd", FLOAT, "its standard deviation over networks")),
        Column("geodesic_mass", FLOAT, "mean geodesic mass of the layer", "hops"),
        maybe(Column("geodesic_mass_sd", FLOAT, "its standard deviation over networks", "hops")),
    ),
)

PAIRS = Table(
    "statistics/pairs.parquet",
    "One row per layer of one network per cell and measure: the one of (lower) median rho.",
    (
        *ENSEMBLE_COLUMNS,
        NETWORK,
        MEASURE,
        K,
        measures.LAYER,
        Column("eta", FLOAT, "geodesic mass of the next layer less that of this one", "hops"),
        Column("curvature", FLOAT, "value of the measure: Ric_l, summed over edges"),
        RHO,
    ),
)

TIES = Table(
    "statistics/ties.parquet",
    "The tables graphs/*/ties.parquet of all ensembles, concatenated.",
    graphs.TIES.columns,
)

COMPARISON = Table(
    "statistics/comparison.parquet",
    "One row per cell that the paper has too, per condition and measure.",
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
    "One row per condition and measure, for all data sets together and for each: how near the "
    "study comes to the paper.",
    (
        CONDITION,
        MEASURE,
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
    "One row per method, condition and measure: does a more negative coefficient go with a "
    "higher accuracy?",
    (
        CONDITION,
        MEASURE,
        Column("method", TEXT, "the method"),
        Column("primary", BOOL, "whether it is the one that was chosen beforehand"),
        *_TEST,
    ),
)

BASELINES = Table(
    "statistics/baselines.parquet",
    "One row per quantity, predictor, condition and measure: do simpler numbers say as much?",
    (
        CONDITION,
        MEASURE,
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
    "One row per condition, measure and depth: coefficients at k* next to their nulls.",
    (
        CONDITION,
        MEASURE,
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

FIXED_K = Table(
    "statistics/fixed_k.parquet",
    "One row per ensemble and measure, at the k nearest to a tenth of n, fixed beforehand.",
    (
        *ENSEMBLE_COLUMNS,
        MEASURE,
        K,
        Column("kept", INT, "networks kept", "networks"),
        Column("networks", INT, "of these, with a coefficient", "networks"),
        maybe(Column("rho", FLOAT, "median coefficient")),
        maybe(Column("rho_quarter", FLOAT, "first quartile")),
        maybe(Column("rho_three_quarters", FLOAT, "third quartile")),
        maybe(Column("negative", FLOAT, "networks with a negative coefficient", "share")),
        *_interval("the same, networks independent", "negative_", "share"),
        maybe(Column("significant", FLOAT, "networks with p <= 0.05 over layer orders", "share")),
        *_interval("the same, networks independent", "significant_", "share"),
    ),
)

BEYOND_CONTROLS = Table(
    "statistics/beyond_controls.parquet",
    "One row per condition that is no control, measure and control (its own layers in random order "
    "are one): are its coefficients lower, at the k nearest to a tenth of n, fixed beforehand?",
    (
        CONDITION,
        MEASURE,
        Column("control", TEXT, "name of the control, or layer orders"),
        Column("pairs", INT, "networks that both keep", "networks"),
        Column("networks", INT, "of these, with a coefficient in both", "networks"),
        Column("cells", INT, "cells of these", "cells"),
        maybe(Column("rho", FLOAT, "mean coefficient, over networks and then over cells")),
        maybe(Column("control_rho", FLOAT, "the same in the control")),
        maybe(Column("difference", FLOAT, "rho less control_rho")),
        *_interval("the difference, over cells"),
        maybe(Column("p", FLOAT, "one-sided p: as low a difference, signs turned by network")),
    ),
)

NULL_LAWS = Table(
    "statistics/null_laws.parquet",
    "One row per bin of a histogram of rho, observed or under a null, networks of equal weight.",
    (
        CONDITION,
        MEASURE,
        DEPTH,
        Column("law", TEXT, "observed, layer orders, or coupling (independent coupled layers)"),
        Column("low", FLOAT, "lower end of the bin"),
        Column("share", FLOAT, "share in the bin", "share"),
    ),
)

CLAIMS = Table(
    "statistics/claims.parquet",
    "One row per quantity behind a claim as the paper took it, per condition and measure.",
    (
        Column("claim", INT, "number of the claim"),
        Column("key", TEXT, "name of the claim"),
        Column("quantity", TEXT, "what is counted or measured"),
        CONDITION,
        MEASURE,
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
    "One row per claim, condition and measure with its verdict (control missing), and one for "
    "each of its controls.",
    (
        Column("claim", INT, "number of the claim"),
        Column("key", TEXT, "name of the claim"),
        CONDITION,
        MEASURE,
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

_BLOCK = Column("block", TEXT, "block of the study that asked for it")
_SCOPE = Column("scope", TEXT, "what the measure is of: edge or layer")

FURTHER = Table(
    "statistics/further.parquet",
    "One row per network, setting, draw, k and measure of the further blocks.",
    (
        _BLOCK,
        *measures.SERIES,
        _SCOPE,
        maybe(Column("n", INT, "points", "points")),
        maybe(Column("left_out", INT, "most points that a layer's graph leaves out", "points")),
        maybe(coefficients.PAIRS),
        maybe(RHO),
        coefficients.P,
        coefficients.P_METHOD,
        REASON,
        measures.DEVIATION,
        *(maybe(column) for column in measures.LOCAL.columns[len(measures.SERIES) :]),
        maybe(Column("reference", FLOAT, "rho of the same network under the setting knn")),
    ),
)

SETTINGS = Table(
    "statistics/settings.parquet",
    "One row per block, condition, setting and measure: what the setting does to coefficients.",
    (
        _BLOCK,
        CONDITION,
        measures.SETTING,
        MEASURE,
        _NETWORKS,
        Column("coefficients", INT, "coefficients asked for"),
        Column("undefined", INT, "of these without a value"),
        maybe(Column("reasons", TEXT, "why, counted")),
        maybe(Column("negative", FLOAT, "share of the others below 0", "share")),
        maybe(Column("median_rho", FLOAT, "median of these")),
        Column("compared", INT, "coefficients that are defined under knn, too"),
        maybe(Column("median_change", FLOAT, "median of the absolute change")),
        maybe(Column("flips", FLOAT, "share of sign changes", "share")),
        maybe(Column("spearman", FLOAT, "Spearman correlation of both")),
        Column("regained", INT, "coefficients that are not defined under knn"),
        maybe(Column("regained_negative", FLOAT, "share of these below 0", "share")),
        maybe(Column("left_out", FLOAT, "largest share of points left out at a layer", "share")),
        maybe(Column("deviation", FLOAT, "largest change of the logits by rescaling")),
    ),
)

MEASURES = Table(
    "statistics/measures.parquet",
    "One row per block, setting, measure, condition and share of n; networks are not filtered.",
    (
        _BLOCK,
        measures.SETTING,
        MEASURE,
        CONDITION,
        measures.SHARE,
        _SCOPE,
        _NETWORKS,
        Column("defined", INT, "of these with a coefficient", "networks"),
        maybe(Column("rho", FLOAT, "median coefficient")),
        maybe(Column("rho_low", FLOAT, "lower quartile")),
        maybe(Column("rho_high", FLOAT, "upper quartile")),
        maybe(Column("negative", FLOAT, "share below 0", "share")),
        Column("has_local", BOOL, "whether it was also measured point by point"),
        Column("local_points", LONG, "points with a local coefficient", "points"),
        Column("local_apart", LONG, "points whose neighbours a next layer does not connect"),
        Column("local_constant", LONG, "points whose change or curvature is constant"),
        maybe(Column("local_median", FLOAT, "median of the networks' median local coefficients")),
        maybe(Column("local_negative", FLOAT, "mean share of local coefficients below 0")),
        maybe(Column("layers", INT, "layers with a layer coefficient", "layers")),
        maybe(Column("layer_rho", FLOAT, "median layer coefficient")),
        maybe(Column("layers_negative", FLOAT, "share of these below 0", "share")),
        maybe(
            Column(
                "layers_significant",
                FLOAT,
                "share of layer coefficients with p <= 0.05 over permutations of the points; "
                "missing where no p was asked for",
                "share",
            )
        ),
        maybe(
            Column(
                "layers_corrected",
                FLOAT,
                "the same after Benjamini and Hochberg's correction over those of the row",
                "share",
            )
        ),
        maybe(Column("gap_first", FLOAT, "median gap between classes at the first layer")),
        maybe(Column("gap_last", FLOAT, "the same at the last layer")),
        maybe(Column("agreement", FLOAT, "Spearman correlation with rho by forman_union")),
        maybe(Column("agreement_reason", TEXT, "why there is none")),
    ),
)

LAYER_MEASURES = Table(
    "statistics/layer_measures.parquet",
    "One row per block, setting, measure of layers, data set, condition and share of n.",
    (
        _BLOCK,
        measures.SETTING,
        MEASURE,
        DATA_SET,
        CONDITION,
        measures.SHARE,
        _NETWORKS,
        maybe(Column("first", FLOAT, "median over networks at the first hidden layer")),
        maybe(Column("last", FLOAT, "the same at the last layer")),
        Column("undefined", INT, "layers without a value", "layers"),
    ),
)

ALONG_LAYERS = Table(
    "statistics/along_layers.parquet",
    "One row per block, setting, measure, share of n, ensemble and layer: means over networks, not "
    "filtered by accuracy. Of blocks that do not measure point by point only measures of layers.",
    (
        _BLOCK,
        measures.SETTING,
        MEASURE,
        measures.SHARE,
        *ENSEMBLE_COLUMNS,
        measures.LAYER,
        _SCOPE,
        _NETWORKS,
        Column("defined", INT, "of these with a layer coefficient", "networks"),
        maybe(Column("layer_rho", FLOAT, "mean layer coefficient")),
        maybe(Column("layer_rho_sd", FLOAT, "its standard deviation over networks")),
        maybe(Column("significant", FLOAT, "share of these with p <= 0.05", "share")),
        maybe(Column("gap", FLOAT, "mean gap between classes")),
        maybe(Column("value", FLOAT, "mean value of the measure")),
    ),
)

POLICIES = Table(
    "statistics/policies.parquet",
    "One row per condition, measure and policy for networks whose graph is not connected at k*.",
    (
        CONDITION,
        MEASURE,
        Column("policy", TEXT, "exclude, or a setting that keeps the network"),
        Column("kept", INT, "networks kept", "networks"),
        Column("connected", INT, "of these connected at k*", "networks"),
        Column("connected_negative", INT, "of these with a negative coefficient", "networks"),
        Column("regained", INT, "coefficients that only the policy defines"),
        Column("regained_negative", INT, "of these below 0"),
        Column("coefficients", INT, "connected and regained"),
        Column("negative", INT, "of these below 0"),
        Column("undefined", INT, "networks without a coefficient", "networks"),
        maybe(Column("reasons", TEXT, "why, counted")),
        maybe(Column("left_out", FLOAT, "largest share of points left out at a layer", "share")),
    ),
)

CHECKPOINTS = Table(
    "statistics/checkpoints.parquet",
    "One row per checkpoint, network, setting, draw, k and measure of the blocks with checkpoints.",
    (FURTHER.columns[0], *keys.CHECKPOINT_COLUMNS, *FURTHER.columns[1:]),
)

TRAINING_TIME = Table(
    "statistics/training_time.parquet",
    "One row per block, ensemble, setting, share of n, measure and checkpoint; nothing is pooled "
    "over checkpoints. Networks are not filtered by accuracy.",
    (
        _BLOCK,
        *ENSEMBLE_COLUMNS,
        measures.SETTING,
        measures.SHARE,
        K,
        MEASURE,
        *keys.CHECKPOINT_COLUMNS,
        Column("scope", TEXT, "what the measure is of: edge, layer or network"),
        Column("networks", INT, "networks that were trained for so long", "networks"),
        Column(
            "stopped", INT, "networks that had stopped before, left out of all else", "networks"
        ),
        Column("coefficients", INT, "coefficients asked for: networks, times draws"),
        Column("undefined", INT, "of these without a value"),
        maybe(Column("reasons", TEXT, "why, counted")),
        maybe(Column("rho", FLOAT, "mean coefficient")),
        maybe(Column("rho_sd", FLOAT, "its standard deviation; missing for a single coefficient")),
        maybe(Column("negative", FLOAT, "share of coefficients below 0", "share")),
        maybe(Column("local_median", FLOAT, "median of the networks' median local coefficients")),
        maybe(Column("local_mean", FLOAT, "mean of the networks' mean local coefficients")),
        maybe(Column("local_sd", FLOAT, "its standard deviation; missing for a single one")),
        maybe(Column("layer_rho", FLOAT, "median layer coefficient")),
        maybe(Column("value", FLOAT, "value of the measure: mean over layers, then networks")),
        maybe(Column("mean", FLOAT, "the same, of the value per edge")),
        maybe(Column("gap", FLOAT, "the same, of the gap between classes")),
        Column("with_mass", INT, "networks and draws whose layers are all connected"),
        maybe(Column("geodesic_mass", FLOAT, "of these: mean over layers, then networks", "hops")),
        maybe(Column("hops", FLOAT, "the same, per pair of points", "hops")),
        maybe(Column("test_accuracy", FLOAT, "mean accuracy on the test points", "share")),
        maybe(Column("test_loss", FLOAT, "mean cross-entropy on the test points", "nats")),
        maybe(Column("train_accuracy", FLOAT, "mean accuracy on the rows trained on", "share")),
        maybe(Column("train_loss", FLOAT, "mean cross-entropy on these", "nats")),
        maybe(Column("validation_loss", FLOAT, "the same on the rows held out", "nats")),
    ),
)

EARLY_STOPPING = Table(
    "statistics/early_stopping.parquet",
    "One row per network, setting, k, measure and rule that chooses one of its checkpoints; of "
    "blocks with checkpoints that measure point by point. Networks are not filtered by accuracy.",
    (
        _BLOCK,
        *ENSEMBLE_COLUMNS,
        NETWORK,
        measures.SETTING,
        measures.DRAW,
        measures.SHARE,
        K,
        MEASURE,
        Column(
            "rule",
            TEXT,
            "where the network would stop: at the lowest mean local coefficient, global "
            "coefficient, loss on the rows held out; or at its last checkpoint",
        ),
        keys.CHECKPOINT_UNIT,
        Column("checkpoints", INT, "checkpoints of the network"),
        maybe(Column("compared", INT, "of these with a value of what the rule goes by")),
        maybe(Column("criterion", FLOAT, "that value at the checkpoint chosen")),
        maybe(Column("checkpoint", INT, "the checkpoint chosen", "as checkpoint_unit")),
        maybe(Column("test_accuracy", FLOAT, "accuracy on the test points there", "share")),
        maybe(Column("test_loss", FLOAT, "cross-entropy on the test points there", "nats")),
        maybe(Column("best_checkpoint", INT, "first one of the best accuracy")),
        maybe(Column("excess_error", FLOAT, "best accuracy less that of the one chosen", "share")),
        maybe(
            Column(
                "share_worse",
                FLOAT,
                "share of the other checkpoints that are less accurate, equals count half",
                "share",
            )
        ),
        REASON,
    ),
)

TRAINING_COMPARISON = Table(
    "statistics/training_comparison.parquet",
    "One row per mean local coefficient over training that a paper printed; empty where the study "
    "names no such paper under published.",
    (
        *ENSEMBLE_COLUMNS,
        MEASURE,
        Column("checkpoint", INT, "epochs of training", "epochs"),
        Column("published", FLOAT, "published mean over networks of their mean local coefficients"),
        Column("published_networks", INT, "networks behind it", "networks"),
        Column("networks", INT, "networks of the study with a value; 0: not run", "networks"),
        maybe(Column("value", FLOAT, "the study's mean over networks")),
        maybe(Column("sd", FLOAT, "its standard deviation, divided by one network less")),
        maybe(Column("difference", FLOAT, "value less published")),
        maybe(
            Column(
                "agrees",
                BOOL,
                "difference within two standard errors: sd times the root of one over either "
                "number of networks, summed",
            )
        ),
    ),
)

# Of the blocks with checkpoints, where a study has any.
OVER_TRAINING = (CHECKPOINTS, TRAINING_TIME, EARLY_STOPPING, TRAINING_COMPARISON)

LOCAL_SETTINGS = Table(
    "statistics/local_settings.parquet",
    "One row per block, condition, setting, measure, share of n and group of data sets: mean local "
    "coefficients. Networks are not filtered by accuracy.",
    (
        _BLOCK,
        CONDITION,
        measures.SETTING,
        MEASURE,
        measures.SHARE,
        Column("group", TEXT, "data sets: all, or synthetic, images or table"),
        Column("networks", INT, "networks with a local coefficient", "networks"),
        Column("undefined", INT, "networks without one", "networks"),
        _CELLS,
        Column("data_sets", INT, "data sets of these cells", "data sets"),
        maybe(Column("local_mean", FLOAT, "mean over points, then networks, then cells")),
        *_interval("local_mean, over cells"),
        maybe(Column("seed", LONG, "seed of the resampling of cells behind this interval")),
        *_interval("local_mean, the wider one with cells and with data sets as units", "widest_"),
        maybe(Column("local_negative", FLOAT, "share of points below 0, likewise", "share")),
        maybe(Column("orders_negative", FLOAT, "the same with layers in random order", "share")),
    ),
)

LOCAL_COMPARISON = Table(
    "statistics/local_comparison.parquet",
    "One row per mean coefficient that a paper on local coefficients printed; empty where the "
    "study names no such paper under published.",
    (
        Column(
            "quantity", TEXT, "local: of a network's mean local coefficient; global: of its rho"
        ),
        DATA_SET,
        ARCHITECTURE,
        CONDITION,
        MEASURE,
        Column("published", FLOAT, "published mean over networks"),
        Column("published_sd", FLOAT, "published standard deviation, divided by the networks"),
        Column("published_networks", INT, "networks behind it", "networks"),
        maybe(Column("published_negative", FLOAT, "published share of points below 0", "share")),
        Column("networks", INT, "networks of the study with a value; 0: not run", "networks"),
        Column("undefined", INT, "networks of the study without a value", "networks"),
        maybe(Column("value", FLOAT, "the study's mean over networks")),
        maybe(Column("sd", FLOAT, "its standard deviation, divided by one network less")),
        maybe(Column("negative", FLOAT, "the study's mean share of points below 0", "share")),
        maybe(Column("agrees", BOOL, "within two published standard deviations of the published")),
        maybe(Column("expected", FLOAT, "chance of that where nothing differs", "share")),
        maybe(Column("p", FLOAT, "two-sided p of Welch's test for a difference of the means")),
    ),
)

# Made of the further blocks of a study; the others of its main measurement.
OF_FURTHER = (
    FURTHER,
    SETTINGS,
    MEASURES,
    LAYER_MEASURES,
    ALONG_LAYERS,
    POLICIES,
    LOCAL_SETTINGS,
    LOCAL_COMPARISON,
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
    FIXED_K,
    BEYOND_CONTROLS,
    NULL_LAWS,
    CLAIMS,
    LEDGER,
)
