"""Networks of an ensemble as they were after some of their epochs."""

from collections.abc import Iterable

import numpy as np
import polars as pl

from ricci_flow.networks.ensemble import Ensemble
from ricci_flow.networks.tables import networks_table
from ricci_flow.networks.weights import part_of
from ricci_flow.tables.training import CHECKPOINTS

Tensors = dict[str, np.ndarray]


def gather(
    states: Iterable[tuple[int, Ensemble]], count: int, **keys: str
) -> tuple[Tensors, Tensors, pl.DataFrame]:
    """Return parameters and layers of the first `count` networks, and training/checkpoints.parquet.

    states: the checkpoints, with what `train_in_parts` yields of them. In both, the names of
    arrays, (count, ...), begin with that of the checkpoint (`part_of`). keys: names of the
    ensemble.
    """
    parameters: Tensors = {}
    layers: Tensors = {}
    tables = [CHECKPOINTS.frame()]
    for checkpoint, state in states:
        part = part_of(checkpoint)
        # Copies: the arrays of all other networks are let go.
        parameters |= {
            part + name: stack[:count].copy() for name, stack in state.parameters.items()
        }
        layers |= {part + name: stack[:count].copy() for name, stack in state.layers.items()}
        table = networks_table(state, **keys).head(count)
        table = table.with_columns(checkpoint=pl.lit(checkpoint, pl.Int32))
        tables.append(CHECKPOINTS.check(table))
    return parameters, layers, pl.concat(tables)
