"""How coefficients, curvature and geodesic mass change while networks are trained."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from ricci_flow.analysis.further import block_coefficients, with_reference
from ricci_flow.analysis.join import read_ensembles
from ricci_flow.networks.checkpoints import reached
from ricci_flow.tables.keys import ENSEMBLE
from ricci_flow.tables.measures import LOCAL_OVER_TRAINING, OVER_TRAINING
from ricci_flow.tables.statistics import CHECKPOINTS, TRAINING_TIME
from ricci_flow.tables.training import CHECKPOINTS as TRAINED

_AT = ["checkpoint", "checkpoint_unit"]
_KEYS = ["block", *ENSEMBLE, "setting", "k_fraction", "k", "measure", *_AT]
# How well networks are trained.
_STATES = ("test_accuracy", "test_loss", "train_accuracy", "train_loss", "validation_loss")
# What is measured of each layer, and then taken as the mean over them.
_OF_LAYERS = ("value", "mean", "gap", "geodesic_mass", "hops")


def read_checkpoints(
    root: Path, blocks: Mapping[str, Sequence[str]], seed_name: str
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return statistics/checkpoints.parquet, the long tables behind it, and how networks trained.

    root: results/<study>; blocks, seed_name: as of `further.further_networks`, of blocks with
    checkpoints. The second has a column for the block, the third is training/checkpoints.parquet.
    Raises InputError naming the file that is damaged, or of another ensemble.
    """
    layers, rows = [], []
    for block, ensembles in blocks.items():
        of_block = pl.lit(block).alias("block")
        file = f"{block}.checkpoints"
        table = read_ensembles(root, "measures", f"{file}.parquet", ensembles, OVER_TRAINING)
        local = read_ensembles(
            *(root, "measures", f"{file}.local.parquet", ensembles, LOCAL_OVER_TRAINING),
            may_be_empty=True,
        )
        for (checkpoint, unit), part in table.group_by(_AT, maintain_order=True):
            at = (
                pl.lit(checkpoint, pl.Int32).alias("checkpoint"),
                pl.lit(unit).alias("checkpoint_unit"),
            )
            points = local.filter(pl.col("checkpoint") == checkpoint).drop(_AT)
            found = block_coefficients(part.drop(_AT), points, seed_name)
            rows.append(with_reference(found.with_columns(of_block)).with_columns(at))
        layers.append(table.with_columns(of_block))
    every = list(dict.fromkeys(name for ensembles in blocks.values() for name in ensembles))
    trained = read_ensembles(root, "training", "checkpoints.parquet", every, TRAINED)
    return CHECKPOINTS.check(pl.concat(rows)), pl.concat(layers), trained


def summarise_training_time(
    networks: pl.DataFrame, layers: pl.DataFrame, trained: pl.DataFrame
) -> pl.DataFrame:
    """Return statistics/training_time.parquet.

    networks, layers, trained: see `read_checkpoints`. A mean over layers is that of a network that
    has a value at all of them.
    """
    of_network = [*_KEYS, "draw", "network"]
    pairs = pl.col("n").cast(pl.Float64) * (pl.col("n") - 1) / 2
    whole = (
        layers.with_columns(hops=pl.col("geodesic_mass") / pairs)
        .group_by(of_network, maintain_order=True)
        .agg(
            pl.col("scope").first(),
            pl.col("layer_rho"),
            *(_if_everywhere(name) for name in _OF_LAYERS),
        )
    )
    coefficients = networks.select(
        *(*of_network, "rho", "reason", "local_median", "local_mean"), asked=pl.lit(1)
    )
    states = trained.select(*ENSEMBLE, "network", "checkpoint", *_STATES, reached=reached())
    joined = whole.join(
        coefficients, on=of_network, how="left", nulls_equal=True, maintain_order="left"
    ).join(states, on=[*ENSEMBLE, "network", "checkpoint"], how="left", maintain_order="left")
    rows = []
    for names, group in joined.group_by(_KEYS, maintain_order=True):
        there = group.filter("reached")
        asked = there.drop_nulls("asked")
        rho = asked["rho"].drop_nulls()
        reasons = Counter(r.partition(" at layer")[0] for r in asked["reason"].drop_nulls())
        rows.append(
            dict(zip(_KEYS, names, strict=True))
            | {
                "scope": group["scope"][0],
                "networks": there["network"].n_unique(),
                "stopped": group["network"].n_unique() - there["network"].n_unique(),
                "coefficients": len(asked),
                "undefined": len(asked) - len(rho),
                "reasons": "; ".join(f"{n} {why}" for why, n in reasons.most_common()) or None,
                "rho": rho.mean(),
                "rho_sd": rho.std(),
                "negative": (rho < 0).mean(),
                "local_median": asked["local_median"].median(),
                "local_mean": asked["local_mean"].mean(),
                "local_sd": asked["local_mean"].std(),
                "layer_rho": there["layer_rho"].explode().median(),
                "with_mass": there["geodesic_mass"].count(),
            }
            | {name: there[name].mean() for name in (*_OF_LAYERS, *_STATES)}
        )
    return TRAINING_TIME.frame(rows)


def _if_everywhere(name: str) -> pl.Expr:
    """Return the mean of a column over the layers; null where one of them lacks it."""
    return pl.when(pl.col(name).null_count() == 0).then(pl.col(name).mean()).alias(name)
