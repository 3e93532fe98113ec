"""Networks of an ensemble as they were after some of their epochs, or steps."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import polars as pl

from ricci_flow.errors import InputError
from ricci_flow.networks.ensemble import Ensemble
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.tables import networks_table
from ricci_flow.networks.weights import part_of
from ricci_flow.tables.keys import CheckpointUnit
from ricci_flow.tables.training import CHECKPOINTS

Tensors = dict[str, np.ndarray]


def reached() -> pl.Expr:
    """Return whether a network of training/checkpoints.parquet was trained up to the checkpoint."""
    in_steps = pl.col("checkpoint_unit") == "steps"
    return pl.when(in_steps).then("steps").otherwise("epochs") == pl.col("checkpoint")


def within_training(
    steps: Sequence[int], recipe: Recipe, rows: int, say: Callable[..., None]
) -> list[int]:
    """Return the steps that a training on some of `rows` training rows has; say which it has not.

    Raises InputError where it has none of them.
    """
    last = recipe.epochs * recipe.steps(rows)
    kept = [step for step in steps if step <= last]
    where = f"of the checkpoint_steps {', '.join(map(str, steps))}"
    if not kept:
        raise InputError(
            f"training: has {last} steps ({recipe.epochs} epochs), and none {where}; lower these, "
            "or raise training.epochs"
        )
    if len(kept) < len(steps):
        say(f"{len(kept)} {where}: the training has {last} steps", always=True)
    return kept


def gather(
    states: Iterable[tuple[int, Ensemble]],
    count: int,
    unit: CheckpointUnit = "epochs",
    **keys: str,
) -> tuple[Tensors, Tensors, pl.DataFrame]:
    """Return parameters and layers of the first `count` networks, and training/checkpoints.parquet.

    states: the checkpoints, with what `train_in_parts` yields of them. In both, the names of
    arrays, (count, ...), begin with that of the checkpoint (`part_of`). unit: of the
    checkpoints. keys: names of the ensemble.
    """
    parameters: Tensors = {}
    layers: Tensors = {}
    tables = [CHECKPOINTS.frame()]
    for checkpoint, state in states:
        part = part_of(checkpoint, unit)
        # Copies: the arrays of all other networks are let go.
        parameters |= {
            part + name: stack[:count].copy() for name, stack in state.parameters.items()
        }
        layers |= {part + name: stack[:count].copy() for name, stack in state.layers.items()}
        table = networks_table(state, **keys).with_columns(
            checkpoint=pl.lit(checkpoint, pl.Int32),
            checkpoint_unit=pl.lit(unit),
            steps=pl.Series(state.steps, dtype=pl.Int64),
        )
        tables.append(CHECKPOINTS.check(table.head(count)))
    return parameters, layers, pl.concat(tables)
