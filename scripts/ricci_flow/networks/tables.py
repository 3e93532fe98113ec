"""The tables of the training stage."""

import numpy as np
import polars as pl

from ricci_flow.networks.ensemble import Ensemble
from ricci_flow.networks.performance import Performance


def networks_table(ensemble: Ensemble, **keys: str) -> pl.DataFrame:
    """Return networks.parquet of the contract: one row per network, after the columns `keys`."""
    count = len(ensemble.networks)
    columns = {
        "network": pl.Series(ensemble.networks, dtype=pl.Int32),
        "seed": pl.Series(ensemble.seeds, dtype=pl.Int64),
        "epochs": pl.Series(ensemble.epochs, dtype=pl.Int32),
    }
    for name in ("train", "validation", "test"):
        measures: Performance | None = getattr(ensemble, name)
        for field in ("accuracy", "loss"):
            columns[f"{name}_{field}"] = _column(measures, field, count)
    columns["margin"] = _numbers(ensemble.margin, count)
    columns["weight_norm"] = _numbers(ensemble.weight_norm, count)
    return _with_keys(columns, keys)


def history_table(ensemble: Ensemble, **keys: str) -> pl.DataFrame:
    """Return history.parquet of the contract: one row per network and epoch, networks outermost.

    The rows of a network end with the epoch that it stopped at.
    """
    count = len(ensemble.networks)
    frames = [
        pl.DataFrame(
            {
                "network": pl.Series(ensemble.networks, dtype=pl.Int32),
                "epoch": pl.Series([epoch] * count, dtype=pl.Int32),
                "loss": _column(running, "loss", count),
                "accuracy": _column(running, "accuracy", count),
                "validation_loss": _column(validation, "loss", count),
                "validation_accuracy": _column(validation, "accuracy", count),
            }
        ).filter(pl.lit(pl.Series(epoch <= ensemble.epochs)))
        for epoch, (running, validation) in enumerate(ensemble.history, 1)
    ]
    if not frames:  # untrained: the columns, without rows
        nothing = Performance(np.zeros(count), np.zeros(count))
        empty = ensemble._replace(history=[(nothing, None)])
        return history_table(empty, **keys).clear()
    table = pl.concat(frames).sort("network", "epoch", maintain_order=True)
    return _with_keys(table.to_dict(), keys)


def _column(measures: Performance | None, field: str, count: int) -> pl.Series:
    return _numbers(None if measures is None else getattr(measures, field), count)


def _numbers(values: np.ndarray | None, count: int) -> pl.Series:
    """Return a Float64 column; NaN, and what is not there, become null."""
    if values is None:
        return pl.Series([None] * count, dtype=pl.Float64)
    return pl.Series(values, dtype=pl.Float64).fill_nan(None)


def _with_keys(columns: dict[str, pl.Series], keys: dict[str, str]) -> pl.DataFrame:
    table = pl.DataFrame(columns)
    return table.select(*(pl.lit(value).alias(key) for key, value in keys.items()), pl.all())
