"""Gaussian layers with the means and covariances of another ensemble's, measured or by theory."""

from pathlib import Path

from ricci_flow.job import Job, Progress, run_job
from ricci_flow.networks.recipe import Recipe


class DrawRandomFeatures(Job):
    """Draw Gaussian layers like those of the networks of another condition."""

    layers: Path
    """activations to be like"""
    networks: Path
    """networks.parquet of their networks"""
    data_set: str
    """name of the data set"""
    architecture: str
    """name of the architecture"""
    condition: str
    """name of the condition drawn"""
    count: int
    """how many networks, the first ones"""
    seed_name: str = "default"
    """root name of the study's random streams"""
    closed_form: str | None = None
    """the theory that says what layers are (networks/closed_forms); those measured where none"""
    recipe: Recipe = Recipe()
    """of the networks that it is a theory of"""
    data: Path | None = None
    """with a closed form: the data set, safetensors"""
    facts: Path | None = None
    """with a closed form: its facts, JSON"""
    drawn: Path
    """output: the layers drawn, safetensors"""
    network_table: Path
    """output: one row per network"""


def main(job: DrawRandomFeatures, progress: Progress) -> None:
    """Draw the layers, write them and the table."""
    import polars as pl

    from ricci_flow.datasets.stored import read_scaled
    from ricci_flow.networks.closed_forms import closed_layers, gives_points
    from ricci_flow.networks.random_features import (
        feature_seed,
        gaussian_units,
        random_features,
        weighed_points,
    )
    from ricci_flow.storage import read_table, read_tensors, write_table, write_tensors
    from ricci_flow.tables.training import NETWORKS

    names = (job.seed_name, job.data_set, job.architecture, job.condition)
    # The accuracies stay those of the network that is matched, so that the same are kept.
    table = read_table(job.networks, NETWORKS).head(job.count)
    seeds = [feature_seed(names, network) for network in table["network"]]
    layers = read_tensors(job.layers)
    if job.closed_form and job.data and job.facts:
        scaled = read_scaled(job.data, job.facts, job.recipe.scale)
        rows = (scaled[name] for name in ("X_train", "y_train", "X_test"))
        widths = [stack.shape[2] for stack in layers.values()]
        found = closed_layers(job.closed_form, job.recipe, *rows, widths)
        draw = weighed_points if gives_points(job.closed_form) else gaussian_units
        of_layers = dict(zip(layers, zip(found, widths, strict=True), strict=True))
        drawn = draw(of_layers, len(table), names)
    else:
        drawn = random_features(layers, len(table), names)
    table = table.with_columns(
        condition=pl.lit(job.condition), seed=pl.Series(seeds, dtype=pl.Int64)
    )
    write_tensors(job.drawn, drawn)
    write_table(job.network_table, NETWORKS.check(table))
    progress(f"{len(drawn)} layers of {len(table)} networks", always=True)


if __name__ == "__main__":
    raise SystemExit(run_job(DrawRandomFeatures, main))
