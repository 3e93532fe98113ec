"""Geometry of one ensemble's layers: what one block of the study measures of its networks."""

from pathlib import Path
from typing import Any

from ricci_flow.job import Job, Progress, run_job


class MeasureBlock(Job):
    """Measure the layers of an ensemble's networks, as one block of the study asks for.

    The block `main` needs `neighbours`; any other one `layers`, `facts` and, where a setting needs
    them, `weights`. With `checkpoints` these are of several times of the training, and so are the
    tables.
    """

    names: list[str]
    """data set, architecture and condition of the ensemble"""
    measures: dict[str, dict[str, Any]]
    """entries of the catalogue of measures"""
    settings: dict[str, dict[str, Any]] = {"knn": {}}
    """entries of the catalogue of settings"""
    k: list[int] | None = None
    """the grid of k"""
    k_fractions: list[float] | None = None
    """in its place: shares of the points"""
    networks: int | None = None
    """how many, from the first; of main always all"""
    draws: int = 1
    """how often settings are drawn that are random"""
    local: bool = False
    """whether also point by point"""
    layer_orders: int = 0
    """in how many random orders of the layers local coefficients are taken, too"""
    point_permutations: int = 0
    """by how many random permutations of the points p of layer coefficients is found; 0: no p"""
    point_edges: int = 0
    """edges drawn for every point, which measures that can be are computed of alone; 0: all"""
    scale: str = "catalogue"
    """scaling of the features, as in training; catalogue: as the facts say"""
    seed_name: str = "default"
    """root name of the study's random streams"""
    data: Path
    """the data set, safetensors"""
    facts: Path | None = None
    """its facts, JSON"""
    neighbours: Path | None = None
    """neighbours.safetensors of the graphs"""
    layers: Path | None = None
    """layers.safetensors of the activations"""
    weights: Path | None = None
    """weights.safetensors of the training; none: settings that need them are left out"""
    checkpoints: Path | None = None
    """checkpoints.parquet of the training"""
    asked: list[int] | None = None
    """those of them that the block asks for"""
    coefficients: Path | None = None
    """networks.parquet of the coefficients: only networks excluded at k*, and at that k"""
    cell: Path | None = None
    """cell.parquet of the same"""
    table: Path
    """output: one row per network, setting, k, measure and layer"""
    local_table: Path | None = None
    """output: one row per network, setting, k and edge measure; empty unless `local`"""
    costs: Path | None = None
    """output: processor seconds by measure, JSON"""


def main(job: MeasureBlock, progress: Progress) -> None:
    """Read graphs or activations, write both tables."""
    from collections.abc import Sequence
    from functools import partial

    import polars as pl

    from ricci_flow.analysis.kept import excluded_at_k_star, read_kept
    from ricci_flow.measurement.checkpoints import measure_checkpoints
    from ricci_flow.measurement.ensemble import Plan, measure_ensemble
    from ricci_flow.measurement.grids import grid_of, grid_of_networks
    from ricci_flow.measurement.registry import load_measures
    from ricci_flow.measurement.settings import read_settings
    from ricci_flow.measurement.sources import Activations, Searched, read_classes
    from ricci_flow.networks.weights import part_of
    from ricci_flow.seeds import derive_generator, derive_seed
    from ricci_flow.storage import read_table, write_json, write_table
    from ricci_flow.tables.measures import LOCAL, MEASURES
    from ricci_flow.tables.training import CHECKPOINTS

    measures = load_measures(job.measures, "measures")
    labels = read_classes(job.data)
    networks: Sequence[int] = range(job.networks or 0)
    grid = grid_of(job.k, job.k_fractions, by_share=job.neighbours is None)
    if job.coefficients and job.cell:
        excluded = excluded_at_k_star(read_kept(job.coefficients, job.cell, job.names))
        networks, grid = list(excluded), grid_of_networks(excluded)
    if job.coefficients and not networks:
        write_table(job.table, MEASURES.frame())
        if job.local_table:
            write_table(job.local_table, LOCAL.frame())
        progress.say("no network is excluded at k*")
        return

    plan = Plan(
        measures,
        read_settings(job.settings),
        grid,
        job.draws,
        job.local,
        job.layer_orders,
        job.point_permutations,
        job.point_edges,
        partial(derive_seed, job.seed_name, *job.names),
    )

    def activations(networks: Sequence[int], part: str = "") -> Activations:
        streams = partial(derive_generator, job.seed_name, *job.names)
        files = (job.data, job.facts, job.scale, job.weights)
        return Activations(job.layers, networks, labels, streams, *files, part)

    if job.checkpoints:
        trained = read_table(job.checkpoints, CHECKPOINTS).filter(
            pl.col("network") < job.networks, pl.col("checkpoint").is_in(job.asked or [])
        )
        (unit,) = trained["checkpoint_unit"].unique() if len(trained) else ("epochs",)
        found = measure_checkpoints(
            plan,
            trained,
            lambda checkpoint, reached: activations(reached, part_of(checkpoint, unit)),
            len(labels),
            job.names,
            progress,
        )
        measured = trained["network"].n_unique()
    else:
        source: Searched | Activations
        if job.neighbours:
            needs_points = any(measure.points for measure in measures.values())
            source = Searched(job.neighbours, labels, job.layers if needs_points else None)
        else:
            source = activations(networks)
        found = measure_ensemble(plan, source, job.names, progress)
        measured = len(source.networks)
    # In the order in which the main table is read: all networks at one layer.
    order = ["network", "layer", "k", "measure"]
    write_table(job.table, found.table.sort(order) if job.neighbours else found.table)
    if job.local_table:
        write_table(job.local_table, found.local)
    if job.costs:
        write_json(job.costs, {"graphs": found.graphs, "seconds": found.seconds})
    progress.say(f"{found.graphs} graphs of {measured} networks measured")


if __name__ == "__main__":
    raise SystemExit(run_job(MeasureBlock, main))
