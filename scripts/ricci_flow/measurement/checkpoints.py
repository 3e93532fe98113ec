"""What a block measures of networks at several epochs, or steps, of their training."""

from collections.abc import Callable, Sequence

import polars as pl

from ricci_flow.measurement.ensemble import Measured, Plan, measure_ensemble, skipped_rows
from ricci_flow.measurement.sources import Source
from ricci_flow.networks.checkpoints import reached
from ricci_flow.tables.keys import ENSEMBLE
from ricci_flow.tables.measures import LOCAL, LOCAL_OVER_TRAINING, MEASURES, OVER_TRAINING


def measure_checkpoints(
    plan: Plan,
    trained: pl.DataFrame,
    source_at: Callable[[int, Sequence[int]], Source],
    n: int,
    names: Sequence[str],
    progress: Callable[[str], None],
) -> Measured:
    """Measure networks at their checkpoints; the tables have columns for these.

    trained: training/checkpoints.parquet, of the networks to measure. A network has a checkpoint if
    it was trained that long; one that stopped before has rows with that reason. source_at: the
    layers of (checkpoint, networks); n: test points; names: data set, architecture, condition.
    """
    whole = Measured(OVER_TRAINING.frame(), LOCAL_OVER_TRAINING.frame(), {}, 0)
    labels = dict(zip(ENSEMBLE, names, strict=True))
    several = trained.group_by("checkpoint", "checkpoint_unit", maintain_order=True)
    for (checkpoint, unit), part in several:
        there = part.filter(reached())["network"].to_list()
        found = Measured(MEASURES.frame(), LOCAL.frame(), {}, 0)
        if there:
            progress(f"checkpoint {checkpoint} ({unit})")
            source = source_at(int(str(checkpoint)), there)
            found = measure_ensemble(plan, source, names, progress)
        stopped = [
            labels | {"network": network} | row
            for network, done in part.filter(~reached()).select("network", f"{unit}").iter_rows()
            for setting in plan.settings
            for row in skipped_rows(plan, network, setting, n, f"stopped after {done} {unit}")
        ]
        at = (
            pl.lit(checkpoint, pl.Int32).alias("checkpoint"),
            pl.lit(unit).alias("checkpoint_unit"),
        )
        table = pl.concat([found.table, MEASURES.frame(stopped)]).with_columns(at)
        whole.table.vstack(OVER_TRAINING.check(table), in_place=True)
        whole.local.vstack(LOCAL_OVER_TRAINING.check(found.local.with_columns(at)), in_place=True)
        whole.graphs += found.graphs
        for name, seconds in found.seconds.items():
            whole.seconds[name] = whole.seconds.get(name, 0.0) + seconds
    return whole
