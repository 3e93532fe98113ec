"""The layers that a data set brings or draws, in the form of an ensemble's."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ricci_flow.datasets.request import Activations, DrawnLayers
from ricci_flow.job import Job, Progress, run_job


class ReadActivations(Job):
    """Read or draw the layers of a data set that has them without training."""

    source: Annotated[Activations | DrawnLayers, Field(discriminator="kind")]
    """entry of the data set in its catalogue"""
    data_set: str
    """its name"""
    architecture: str
    """name of the architecture"""
    condition: str
    """name of the condition"""
    seed_name: str = "default"
    """root name of the study's random streams"""
    test_points: int | None = None
    """the most points; all where none"""
    layers: Path
    """output: the layers, safetensors"""
    network_table: Path
    """output: one row per network; what is not known of it is null"""


def main(job: ReadActivations, progress: Progress) -> None:
    """Read the layers, write them and the table."""
    from ricci_flow.datasets.drawn_points import draw_rows
    from ricci_flow.storage import write_table, write_tensors
    from ricci_flow.tables.training import NETWORKS

    given = import_module(f"ricci_flow.datasets.{job.source.module}")
    layers, seeds = given.read(job.source, job.seed_name, job.data_set, job.condition)
    networks, n = layers["layer_1"].shape[:2]
    rows = draw_rows(n, job.test_points, job.seed_name, job.data_set)
    if rows is not None:
        layers = {name: values[:, rows] for name, values in layers.items()}
    own = isinstance(job.source, Activations) and job.condition not in job.source.other_conditions
    known = job.source.accuracy if own else None
    accuracy = known if isinstance(known, tuple) else (known,) * networks
    rows = [
        {
            "data_set": job.data_set,
            "architecture": job.architecture,
            "condition": job.condition,
            "network": network,
            "seed": seeds[network],
            "test_accuracy": accuracy[network],
        }
        for network in range(networks)
    ]
    write_tensors(job.layers, layers)
    write_table(job.network_table, NETWORKS.check(NETWORKS.frame(rows)))
    progress(f"{len(layers)} layers of {networks} networks", always=True)


if __name__ == "__main__":
    raise SystemExit(run_job(ReadActivations, main))
