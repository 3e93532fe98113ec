"""The tables of all ensembles, summarised. Schemas: reports/guide/files.md."""

import polars as pl

from ricci_flow.coefficients.pearson import pearson

KEYS = ["curvature", "condition", "k_fraction"]
_AGREEMENT_SCHEMA = {
    "curvature": pl.String,
    "condition": pl.String,
    "k_fraction": pl.Float64,
    "agreement": pl.Float64,
    "agreement_reason": pl.String,
}
# The curvature that the others are set beside.
REFERENCE = "forman"
# Networks without which a rank correlation says nothing.
_FEWEST = 4


def summarise_curvatures(curvatures: pl.DataFrame, local: pl.DataFrame) -> pl.DataFrame:
    """Return statistics/curvatures.parquet: a row a curvature, condition and share k of n.

    curvatures, local: these tables of all ensembles, one below the other. Networks are not
    filtered by accuracy.
    """
    networks = local.group_by(KEYS, maintain_order=True).agg(
        networks=pl.len().cast(pl.Int32),
        defined=pl.col("rho").count().cast(pl.Int32),
        rho=pl.col("rho").median(),
        rho_low=pl.col("rho").quantile(0.25, "linear"),
        rho_high=pl.col("rho").quantile(0.75, "linear"),
        negative=(pl.col("rho") < 0).mean(),
        local_points=pl.col("local_points").sum().cast(pl.Int64),
        local_apart=pl.col("local_apart").sum().cast(pl.Int64),
        local_constant=pl.col("local_constant").sum().cast(pl.Int64),
        local_median=pl.col("local_median").median(),
        local_negative=pl.col("local_negative").mean(),
    )
    layers = curvatures.group_by(KEYS, maintain_order=True).agg(
        layers=pl.col("layer_rho").count().cast(pl.Int32),
        layer_rho=pl.col("layer_rho").median(),
        layers_negative=(pl.col("layer_rho") < 0).mean(),
        gap_first=_at_first_layer("gap").median(),
        gap_last=_at_last_layer("gap").median(),
    )
    table = networks.join(layers, on=KEYS, how="left", maintain_order="left", validate="1:1")
    return table.join(_agreement(local), on=KEYS, how="left", maintain_order="left")


def _at_first_layer(column: str) -> pl.Expr:
    return pl.col(column).filter(pl.col("layer") == 1)


def _at_last_layer(column: str) -> pl.Expr:
    network = ["data_set", "architecture", "condition", "network", "k_fraction"]
    return pl.col(column).filter(pl.col("layer") == pl.col("layer").max().over(network))


def _agreement(local: pl.DataFrame) -> pl.DataFrame:
    """Return Spearman's correlation over networks of rho with rho by the reference."""
    network = ["data_set", "architecture", "condition", "network", "k_fraction"]
    beside = local.filter(curvature=REFERENCE).select(*network, reference=pl.col("rho"))
    both = local.join(beside, on=network, how="left", maintain_order="left")
    rows = []
    for keys, group in both.group_by(KEYS, maintain_order=True):
        defined = group.filter(pl.col("rho").is_not_null() & pl.col("reference").is_not_null())
        agreement: float | None = None
        reason: str | None = f"{len(defined)} networks, fewer than {_FEWEST}"
        if len(beside) == 0:
            reason = f"{REFERENCE} was not asked for"
        elif len(defined) >= _FEWEST:
            ranks = defined.select(pl.col("rho", "reference").rank("average"))
            agreement = pearson(ranks["rho"].to_numpy(), ranks["reference"].to_numpy())
            reason = None if agreement is not None else "all ranks are equal"
        rows.append(
            dict(zip(KEYS, keys, strict=True))
            | {"agreement": agreement, "agreement_reason": reason}
        )
    return pl.DataFrame(rows, schema=_AGREEMENT_SCHEMA)


def summarise_classes(partition: pl.DataFrame) -> pl.DataFrame:
    """Return statistics/curvature_classes.parquet: a row a data set, condition and share k of n.

    partition: that table of all ensembles. Medians over networks, at the first and last layer.
    """
    return partition.group_by(["data_set", "condition", "k_fraction"], maintain_order=True).agg(
        networks=pl.struct("architecture", "network").n_unique().cast(pl.Int32),
        modularity_first=_at_first_layer("modularity").median(),
        modularity_last=_at_last_layer("modularity").median(),
        cut_first=_at_first_layer("normalised_cut").median(),
        cut_last=_at_last_layer("normalised_cut").median(),
        undefined=pl.col("reason").count().cast(pl.Int32),
    )
