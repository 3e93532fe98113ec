"""How much of the negative coefficients is left when nulls and other readings are set beside."""

import polars as pl

LEVEL = 0.05
KEYS = ["condition", "convention", "depth"]


def nulls_table(networks: pl.DataFrame, fixed: pl.DataFrame) -> pl.DataFrame:
    """Return nulls.parquet: per condition, convention and depth, over kept networks at k*.

    networks: networks.parquet of this stage; fixed: the same rows at the k fixed beforehand
    (`gather.at_fixed_k`), for the columns that begin with fixed_. At k*, chosen as the most
    negative, more than 5 % of networks are significant by chance; at a fixed k at most 5.
    rho, null_mean, rho_detrended, spearman and rho_next are means over networks; negative and
    null_negative mean shares below zero, observed and over the orders of each network's layers;
    significant and significant_orders shares of networks with p at most 0.05 by the law over
    pairings and over layer orders; coupling the median.
    """
    defined = networks.filter(pl.col("kept") & pl.col("rho").is_not_null())
    beforehand = (
        fixed.filter(pl.col("kept") & pl.col("rho").is_not_null())
        .group_by(KEYS)
        .agg(
            fixed_networks=pl.len().cast(pl.Int32),
            fixed_negative=(pl.col("rho") < 0).mean(),
            fixed_null_negative=pl.col("null_negative").mean(),
            fixed_significant_orders=(pl.col("p_orders") <= LEVEL).mean(),
        )
    )
    return (
        defined.group_by(KEYS, maintain_order=True)
        .agg(
            networks=pl.len().cast(pl.Int32),
            rho=pl.col("rho").mean(),
            negative=(pl.col("rho") < 0).mean(),
            null_mean=pl.col("null_mean").mean(),
            null_negative=pl.col("null_negative").mean(),
            significant=(pl.col("p") <= LEVEL).mean(),
            significant_orders=(pl.col("p_orders") <= LEVEL).mean(),
            coupling=pl.col("coupling").median(),
            rho_detrended=pl.col("rho_detrended").mean(),
            spearman=pl.col("spearman").mean(),
            rho_next=pl.col("rho_next").mean(),
        )
        .join(beforehand, on=KEYS, how="left")
        .sort(KEYS)
    )
