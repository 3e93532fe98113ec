"""Where each network would stop by a rule, and how good it is there.

Source of the rule by local coefficients: Hehl, von Renesse and Weber 2025, "Neural feature geometry
evolves as discrete Ricci flow", arXiv 2509.22362. A rule chooses one of the checkpoints of a
network. The test accuracy is looked at only after that, to judge the choice.
"""

from typing import Any

import numpy as np
import polars as pl

from ricci_flow.networks.checkpoints import reached
from ricci_flow.tables.keys import ENSEMBLE
from ricci_flow.tables.statistics import EARLY_STOPPING

LOCAL, GLOBAL = "local coefficient", "global coefficient"
HELD_OUT, LAST = "held-out loss", "last checkpoint"
# Columns of which a rule takes the least; the last checkpoint is the one fixed beforehand.
CRITERIA = {LOCAL: "local_mean", GLOBAL: "rho", HELD_OUT: "validation_loss"}
RULES = (*CRITERIA, LAST)

_SERIES = [
    *("block", *ENSEMBLE, "network", "setting", "draw", "k_fraction", "k", "measure"),
    "checkpoint_unit",
]


def stopping_table(networks: pl.DataFrame, trained: pl.DataFrame) -> pl.DataFrame:
    """Return statistics/early_stopping.parquet: a row per network, series and rule.

    networks: statistics/checkpoints.parquet; trained: training/checkpoints.parquet of all
    ensembles. Of series point by point; checkpoints that a network did not reach are none of it.
    """
    states = trained.filter(reached()).select(
        *(*ENSEMBLE, "network", "checkpoint", "test_accuracy", "test_loss", "validation_loss")
    )
    asked = networks.filter(pl.col("local_points").is_not_null()).join(
        states, on=[*ENSEMBLE, "network", "checkpoint"], how="inner", maintain_order="left"
    )
    rows = []
    for names, part in asked.group_by(_SERIES, maintain_order=True):
        ordered = part.sort("checkpoint")
        head = dict(zip(_SERIES, names, strict=True))
        rows += [head | {"rule": rule} | _stop(ordered, rule) for rule in RULES]
    return EARLY_STOPPING.frame(rows)


def _stop(part: pl.DataFrame, rule: str) -> dict[str, Any]:
    """Return the columns of a rule; part: the checkpoints of one series, ascending."""
    accuracy = part["test_accuracy"].to_numpy()
    found: dict[str, Any] = {"checkpoints": len(part)}
    if len(part) < 2:
        return found | {"reason": f"{len(part)} checkpoint, fewer than 2"}
    place = len(part) - 1
    if rule != LAST:
        criterion = part[CRITERIA[rule]]
        found["compared"] = len(part) - criterion.null_count()
        if not found["compared"]:
            return found | {"reason": f"no checkpoint has a {rule}"}
        place = int(np.nanargmin(_floats(criterion)))  # of equals the first
        found["criterion"] = criterion[place]
    best = int(np.argmax(accuracy))
    return found | {
        "checkpoint": part["checkpoint"][place],
        "test_accuracy": accuracy[place],
        "test_loss": part["test_loss"][place],
        "best_checkpoint": part["checkpoint"][best],
        "excess_error": accuracy[best] - accuracy[place],
        "share_worse": share_worse(accuracy, place),
    }


def share_worse(accuracy: np.ndarray, place: int) -> float:
    """Return the share of the other checkpoints that are less accurate; equals count half.

    accuracy: (C,), C >= 2. A checkpoint that is drawn at random has a half on average, whatever
    the accuracies are, and the best one alone has 1.
    """
    others = np.delete(accuracy, place)
    own = accuracy[place]
    return float(((others < own) + 0.5 * (others == own)).mean())


def _floats(column: pl.Series) -> np.ndarray:
    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()


def no_worse(table: pl.DataFrame, rule: str, other: str) -> tuple[int, int]:
    """Return in how many networks a rule's test error is at most another's, and of how many.

    table: rows of early_stopping.parquet, of one setting, share of n and measure.
    """
    keys = [*ENSEMBLE, "network"]
    sides = [
        table.filter(rule=name).drop_nulls("test_accuracy").select(*keys, "test_accuracy")
        for name in (rule, other)
    ]
    both = sides[0].join(sides[1], on=keys, suffix="_other")
    return int((both["test_accuracy"] >= both["test_accuracy_other"]).sum()), len(both)
