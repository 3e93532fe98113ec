"""What every measure of the further blocks says, over a whole study."""

import polars as pl

from ricci_flow.coefficients.pearson import pearson
from ricci_flow.tables.keys import ENSEMBLE
from ricci_flow.tables.statistics import ALONG_LAYERS, LAYER_MEASURES, MEASURES

_KEYS = ["block", "setting", "measure", "condition", "k_fraction"]
# One network at one k under one setting.
_NETWORK = ["block", "setting", "draw", *ENSEMBLE, "network", "k_fraction"]
# The measure that the others are compared with.
REFERENCE = "forman_union"
# Level of a single test.
ALPHA = 0.05
# Networks without which a rank correlation says nothing.
_FEWEST = 4


def summarise_measures(networks: pl.DataFrame, layers: pl.DataFrame) -> pl.DataFrame:
    """Return statistics/measures.parquet: per block, setting, measure, condition and share of n.

    networks: statistics/further.parquet; layers: the long tables, see `further.further_networks`.
    Networks are not filtered by accuracy.
    """
    of_networks = networks.group_by(_KEYS, maintain_order=True).agg(
        scope=pl.col("scope").first(),
        networks=pl.len().cast(pl.Int32),
        defined=pl.col("rho").count().cast(pl.Int32),
        rho=pl.col("rho").median(),
        rho_low=pl.col("rho").quantile(0.25, "linear"),
        rho_high=pl.col("rho").quantile(0.75, "linear"),
        negative=(pl.col("rho") < 0).mean(),
        has_local=pl.col("local_points").is_not_null().any(),
        local_points=pl.col("local_points").sum().cast(pl.Int64),
        local_apart=pl.col("local_apart").sum().cast(pl.Int64),
        local_constant=pl.col("local_constant").sum().cast(pl.Int64),
        local_median=pl.col("local_median").median(),
        local_negative=pl.col("local_negative").mean(),
    )
    of_layers = layers.group_by(_KEYS, maintain_order=True).agg(
        layers=pl.col("layer_rho").count().cast(pl.Int32),
        layer_rho=pl.col("layer_rho").median(),
        layers_negative=(pl.col("layer_rho") < 0).mean(),
        layers_significant=(pl.col("layer_p") <= ALPHA).mean(),
        layers_corrected=(corrected("layer_p") <= ALPHA).mean(),
        gap_first=_at_first_layer("gap").median(),
        gap_last=_at_last_layer("gap").median(),
    )
    table = of_networks
    for other in (of_layers, _agreement(networks)):
        table = table.join(other, on=_KEYS, how="left", nulls_equal=True, maintain_order="left")
    return MEASURES.check(table)


def summarise_layer_measures(layers: pl.DataFrame) -> pl.DataFrame:
    """Return statistics/layer_measures.parquet: measures of layers at the first and last layer.

    layers: the long tables. A row per block, setting, measure, data set, condition and share of
    n; medians over networks.
    """
    chosen = layers.filter(pl.col("layer").is_not_null(), scope="layer")
    keys = ["block", "setting", "measure", "data_set", "condition", "k_fraction"]
    table = chosen.group_by(keys, maintain_order=True).agg(
        networks=pl.struct("architecture", "network").n_unique().cast(pl.Int32),
        first=_at_first_layer("value").median(),
        last=_at_last_layer("value").median(),
        undefined=pl.col("reason").count().cast(pl.Int32),
    )
    return LAYER_MEASURES.check(table)


def corrected(column: str) -> pl.Expr:
    """Return p values of a group as corrected by Benjamini and Hochberg (1995), null left out."""
    known = pl.col(column).drop_nulls()
    return known.map_batches(_corrected, return_dtype=pl.Float64)


def _corrected(p: pl.Series) -> pl.Series:
    from scipy.stats import false_discovery_control  # takes time to load

    return pl.Series(false_discovery_control(p.to_numpy())) if len(p) else p


def summarise_along_layers(layers: pl.DataFrame) -> pl.DataFrame:
    """Return statistics/along_layers.parquet: means over networks at every layer.

    layers: the long tables; of blocks that do not measure point by point only measures of layers
    are in it.
    """
    keys = ["block", "setting", "measure", "k_fraction", *ENSEMBLE, "layer"]
    pointwise = layers.filter(pl.col("layer_points").is_not_null())["block"].unique()
    chosen = layers.filter(
        pl.col("block").is_in(pointwise.to_list()) | (pl.col("scope") == "layer"),
        pl.col("layer").is_not_null(),
        pl.col("scope") != "network",
    )
    table = chosen.group_by(keys, maintain_order=True).agg(
        scope=pl.col("scope").first(),
        networks=pl.col("network").n_unique().cast(pl.Int32),
        defined=pl.col("layer_rho").count().cast(pl.Int32),
        layer_rho=pl.col("layer_rho").mean(),
        layer_rho_sd=pl.col("layer_rho").std(),
        significant=(pl.col("layer_p") <= ALPHA).mean(),
        gap=pl.col("gap").mean(),
        value=pl.col("value").mean(),
    )
    return ALONG_LAYERS.check(table)


def _at_first_layer(column: str) -> pl.Expr:
    return pl.col(column).filter(pl.col("layer") == 1)


def _at_last_layer(column: str) -> pl.Expr:
    return pl.col(column).filter(pl.col("layer") == pl.col("layer").max().over(_NETWORK))


def _agreement(networks: pl.DataFrame) -> pl.DataFrame:
    """Return Spearman's correlation over networks of rho with rho by the reference."""
    reference = networks.filter(measure=REFERENCE).select(*_NETWORK, reference_rho=pl.col("rho"))
    both = networks.join(
        reference, on=_NETWORK, how="left", nulls_equal=True, maintain_order="left"
    )
    rows = []
    for keys, group in both.group_by(_KEYS, maintain_order=True):
        defined = group.filter(pl.col("rho").is_not_null() & pl.col("reference_rho").is_not_null())
        agreement: float | None = None
        reason: str | None = f"{len(defined)} networks, fewer than {_FEWEST}"
        if len(reference) == 0:
            reason = f"{REFERENCE} was not asked for"
        elif len(defined) >= _FEWEST:
            ranks = defined.select(pl.col("rho", "reference_rho").rank("average"))
            agreement = pearson(ranks["rho"].to_numpy(), ranks["reference_rho"].to_numpy())
            reason = None if agreement is not None else "all ranks are equal"
        rows.append(
            dict(zip(_KEYS, keys, strict=True))
            | {"agreement": agreement, "agreement_reason": reason}
        )
    columns = (*_KEYS, "agreement", "agreement_reason")
    return pl.DataFrame(rows, schema={name: MEASURES.schema[name] for name in columns})
