"""Claims judged under every choice: series of the networks, specifications, what they depend on."""

from ricci_flow.tables.keys import ENSEMBLE_COLUMNS, MEASURE, NETWORK, K
from ricci_flow.tables.schema import BOOL, FLOAT, INT, TEXT, Column, Table, maybe

_POLICY = Column("policy", TEXT, "what becomes of a network with a graph that is not connected")
_LAYERS = Column("layers", TEXT, "which layers count")
_CLAIM = (Column("claim", INT, "number in the paper"), Column("key", TEXT, "name of the claim"))

SERIES = Table(
    "coefficients/*/choices.parquet",
    "One row per network, k, measure, policy and layers, in a study with the key multiverse.",
    (
        *ENSEMBLE_COLUMNS,
        NETWORK,
        MEASURE,
        _POLICY,
        _LAYERS,
        K,
        Column("n", INT, "points", "points"),
        Column(
            "series",
            (
                Column("geodesic_mass", FLOAT, "missing where the policy excludes the network"),
                Column("curvature", FLOAT, "Ric of the layer; missing where it has none"),
            ),
            "a value per layer, in order",
        ),
        maybe(Column("null_negative", FLOAT, "share of layer orders with a negative rho", "share")),
    ),
)

CHOICES = Table(
    "statistics/choices.parquet",
    "One row per option of a choice, as written down before the results were known.",
    (
        Column("choice", TEXT, "what is chosen"),
        Column("option", TEXT, "its name"),
        Column("title", TEXT, "its title"),
        Column("plausible", BOOL, "whether it counts among the defensible ones"),
        Column("reason", TEXT, "why, or why not"),
        Column("own", BOOL, "whether it is the study's own"),
    ),
)

SPECIFICATIONS = Table(
    "statistics/specifications.parquet",
    "One row per claim and specification, then the same quantity in each of its controls.",
    (
        *_CLAIM,
        Column("recipe", TEXT, "training recipe"),
        Column("data", TEXT, "data sets"),
        MEASURE,
        _POLICY,
        Column("k", TEXT, "choice of k"),
        _LAYERS,
        Column("threshold", TEXT, "which networks count"),
        Column("plausible", BOOL, "whether every option is"),
        Column("own", BOOL, "whether it is the study's own specification"),
        maybe(Column("control", TEXT, "control that the row is of; missing for the claim itself")),
        maybe(Column("value", FLOAT, "the claim's quantity")),
        maybe(Column("low", FLOAT, "interval over cells")),
        maybe(Column("high", FLOAT, "interval over cells")),
        maybe(Column("widest_low", FLOAT, "the wider interval, over data sets too")),
        maybe(Column("widest_high", FLOAT, "the wider interval, over data sets too")),
        Column("cells", INT, "cells behind it, in the smaller group", "cells"),
        maybe(Column("verdict", TEXT, "of rows without control")),
        maybe(Column("remark", TEXT, "how the controls stand, or why the verdict is open")),
        maybe(Column("standing", TEXT, "how the control stands to the networks")),
        maybe(Column("reason", TEXT, "why there is no value")),
    ),
)

VERDICTS = Table(
    "statistics/multiverse.parquet",
    "One row per claim: in what share of the plausible specifications the verdict is the same.",
    (
        *_CLAIM,
        Column("verdict", TEXT, "in the study's own specification"),
        Column("specifications", INT, "plausible ones"),
        Column("same", FLOAT, "share of these with that verdict; no probability", "share"),
        Column("reproduced", INT, "plausible specifications with this verdict"),
        Column("as_counted", INT, "the same: reproduced as counted"),
        Column("undecided", INT, "the same: undecided"),
        Column("not_reproduced", INT, "the same: not reproduced"),
        Column("implausible", INT, "specifications with an option that is not plausible"),
        maybe(Column("implausible_same", FLOAT, "share of these with the own verdict", "share")),
        Column("standing", TEXT, "in nearly all, in most, or depends on"),
        maybe(Column("depends_on", TEXT, "the choice that changes the verdict most often")),
    ),
)

EFFECTS = Table(
    "statistics/choice_effects.parquet",
    "One row per claim and choice, over the plausible specifications.",
    (
        *_CLAIM,
        Column("choice", TEXT, "what is chosen"),
        Column("options", INT, "plausible options of it"),
        maybe(
            Column("explained", FLOAT, "share of the variance of the estimate: its options alone")
        ),
        Column("pairs", INT, "pairs of specifications that differ in this choice alone"),
        maybe(Column("changes", FLOAT, "share of these with two different verdicts", "share")),
        maybe(Column("from_own", TEXT, "options that alone change the verdict of the study's own")),
    ),
)

OF_STUDY = (CHOICES, SPECIFICATIONS, VERDICTS, EFFECTS)
TABLES = (SERIES, *OF_STUDY)
