"""The layers of networks that were trained elsewhere, in the form of an ensemble's."""

from pathlib import Path

from ricci_flow.datasets.request import Activations
from ricci_flow.job import Job, Progress, run_job


class ReadActivations(Job):
    """Read the activations that a data set brings, as the layers of one ensemble."""

    source: Activations
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
    from ricci_flow.datasets.activations import read_layers
    from ricci_flow.datasets.drawn_points import draw_rows
    from ricci_flow.storage import write_table, write_tensors
    from ricci_flow.tables.training import NETWORKS

    layers = read_layers(Path(job.source.path), job.source.labels)
    networks, n = layers["layer_1"].shape[:2]
    rows = draw_rows(n, job.test_points, job.seed_name, job.data_set)
    if rows is not None:
        layers = {name: values[:, rows] for name, values in layers.items()}
    given = job.source.accuracy
    accuracy = given if isinstance(given, tuple) else (given,) * networks
    rows = [
        {
            "data_set": job.data_set,
            "architecture": job.architecture,
            "condition": job.condition,
            "network": network,
            "test_accuracy": accuracy[network],
        }
        for network in range(networks)
    ]
    write_tensors(job.layers, layers)
    write_table(job.network_table, NETWORKS.check(NETWORKS.frame(rows)))
    progress(f"{len(layers)} layers of {networks} networks", always=True)


if __name__ == "__main__":
    raise SystemExit(run_job(ReadActivations, main))
