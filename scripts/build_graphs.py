"""Neighbour lists of every network and layer of one ensemble."""

from pathlib import Path

from ricci_flow.job import Job, Progress, run_job


class BuildGraphs(Job):
    """Search the nearest neighbours of all points in every layer of an ensemble's networks."""

    names: list[str]
    """data set, architecture and condition of the ensemble"""
    k: list[int] | None = None
    """the grid of k, of which only the largest counts"""
    k_fractions: list[float] | None = None
    """in its place: shares of the points"""
    layers: Path
    """layers.safetensors of the activations"""
    neighbours: Path
    """output: neighbour lists, safetensors"""
    ties: Path
    """output: what is degenerate in each layer, Parquet"""


def main(job: BuildGraphs, progress: Progress) -> None:
    """Read activations, write neighbour lists and the table of ties."""
    from ricci_flow.graphs.ensemble import build_graphs
    from ricci_flow.storage import write_table
    from ricci_flow.tables.graphs import TIES

    ties = build_graphs(job.layers, job.neighbours, job.k, job.k_fractions, job.names, progress)
    write_table(job.ties, TIES.check(ties))


if __name__ == "__main__":
    raise SystemExit(run_job(BuildGraphs, main))
