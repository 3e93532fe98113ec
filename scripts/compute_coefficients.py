"""Ricci coefficients of one ensemble's networks, and of its cell."""

from pathlib import Path

from ricci_flow.job import Job, Progress, run_job


class ComputeCoefficients(Job):
    """Compute the Ricci coefficients of an ensemble's networks, and of the ensemble as a whole."""

    measures: Path
    """main.parquet of the measures"""
    networks: Path
    """networks.parquet of the training"""
    accuracy_threshold: float | None = None
    """networks whose test accuracy is greater are kept; all where null"""
    seed_name: str = "default"
    """root name of the study's random streams"""
    network_table: Path
    """output: one row per network, k and measure"""
    cell_table: Path
    """output: one row per k and measure"""


def main(job: ComputeCoefficients, progress: Progress) -> None:
    """Read measures and accuracies, write both tables."""
    from ricci_flow.coefficients.inputs import read_ensemble
    from ricci_flow.coefficients.tables import cell_table, network_table
    from ricci_flow.storage import write_table
    from ricci_flow.tables.coefficients import CELLS, NETWORKS

    layers, networks = read_ensemble(job.measures, job.networks)
    threshold = job.accuracy_threshold
    table = network_table(layers, networks, threshold, job.seed_name)
    cell = cell_table(layers, networks, threshold)
    write_table(job.network_table, NETWORKS.check(table))
    write_table(job.cell_table, CELLS.check(cell))
    kept = int(cell["kept"][0])
    filtered = "" if threshold is None else f" above accuracy {threshold}"
    progress.say(f"{kept} of {len(networks)} networks kept{filtered}")


if __name__ == "__main__":
    raise SystemExit(run_job(ComputeCoefficients, main))
