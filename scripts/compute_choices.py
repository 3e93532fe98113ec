"""Series of one ensemble's networks under every choice of a study's multiverse."""

from pathlib import Path

from ricci_flow.job import Job, Progress, run_job
from ricci_flow.multiverse.choices import Multiverse


class ComputeChoices(Job):
    """Compute geodesic mass and curvature along the layers under every policy and layers."""

    measures: Path
    """choices.parquet of the measures"""
    multiverse: Multiverse
    """the key of the study's config"""
    orders: bool = False
    """whether also the share of layer orders with a negative coefficient"""
    seed_name: str = "default"
    """root name of the study's random streams"""
    table: Path
    """output: one row per network, k, measure, policy and layers"""


def main(job: ComputeChoices, progress: Progress) -> None:
    """Read the measures, write the series."""
    from ricci_flow.multiverse.series import series_table
    from ricci_flow.storage import read_table, write_table
    from ricci_flow.tables.measures import MEASURES
    from ricci_flow.tables.multiverse import SERIES

    table = read_table(job.measures, MEASURES)
    series = series_table(table, job.multiverse, job.seed_name, orders=job.orders)
    write_table(job.table, SERIES.check(series))
    progress.say(f"{len(series)} series of {series['network'].n_unique()} networks")


if __name__ == "__main__":
    raise SystemExit(run_job(ComputeChoices, main))
