"""The networks of one ensemble, trained, and their layers."""

from pathlib import Path
from typing import Literal

from ricci_flow.job import Job, Progress, run_job
from ricci_flow.networks.architecture import ArchitectureEntry
from ricci_flow.networks.recipe import Recipe
from ricci_flow.tables.keys import CheckpointUnit


class TrainEnsemble(Job):
    """Train the networks of one data set x architecture x condition."""

    data: Path
    """the data set, safetensors"""
    facts: Path
    """facts of the data set, JSON"""
    data_set: str
    """its name"""
    architecture: str
    """name of the architecture"""
    condition: str
    """name of the condition"""
    entry: ArchitectureEntry
    """of the architecture in its catalogue (networks/architecture.py)"""
    recipe: Recipe = Recipe()
    """keys of a recipe (networks/recipe.py)"""
    networks: int = 36
    """how many"""
    seed_name: str = "default"
    """root name of the study's random streams"""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """what trains"""
    checkpoints: list[int] | None = None
    """in place of the end: epochs or steps after which the networks are kept, ascending"""
    unit: CheckpointUnit = "epochs"
    """what these count; steps beyond the training are left out"""
    measured: int | None = None
    """how many networks are kept there, the first ones"""
    weights: Path
    """output: parameters of all networks, safetensors"""
    layers: Path
    """output: values of the hidden units at the test points, safetensors"""
    network_table: Path
    """output: one row per network; with checkpoints, per checkpoint and network"""
    history: Path | None = None
    """output: one row per network and epoch; not with checkpoints"""


def main(job: TrainEnsemble, progress: Progress) -> None:
    """Train, write weights, layers and the tables."""
    from ricci_flow.datasets.stored import read_scaled
    from ricci_flow.networks.checkpoints import gather, within_training
    from ricci_flow.networks.draws import Streams
    from ricci_flow.networks.ensemble import Data, train_in_parts
    from ricci_flow.networks.tables import history_table, networks_table
    from ricci_flow.storage import read_json, write_table, write_tensors
    from ricci_flow.tables.training import CHECKPOINTS, HISTORY, NETWORKS

    architecture, recipe = job.entry.architecture(), job.recipe
    scaled = read_scaled(job.data, job.facts, recipe.scale)
    facts = read_json(job.facts, ("classes",))
    checkpoints = job.checkpoints or [recipe.epochs]
    if job.unit == "steps":
        checkpoints = within_training(checkpoints, recipe, len(scaled["y_train"]), progress)
    states = train_in_parts(
        Data(
            *(scaled[name] for name in ("X_train", "y_train", "X_test", "y_test")),
            classes=len(facts["classes"]),
            image_shape=facts.get("image_shape"),
        ),
        Streams(job.seed_name, job.data_set, job.architecture),
        range(job.networks),
        architecture,
        recipe,
        checkpoints,
        unit=job.unit,
        device=job.device,
        say=progress,
    )
    keys = {
        "data_set": job.data_set,
        "architecture": job.architecture,
        "condition": job.condition,
    }
    own = job.entry.module is not None
    activation = {} if own else {"activation": recipe.activation or architecture.activation}
    if job.checkpoints:
        several = zip(checkpoints, states, strict=True)
        count = job.measured or job.networks
        weights, layers, table = gather(several, count, job.unit, **keys)
        write_tensors(job.weights, weights, activation)
        write_tensors(job.layers, layers)
        write_table(job.network_table, CHECKPOINTS.check(table))
        return
    (ensemble,) = states
    write_tensors(job.weights, ensemble.parameters, activation)
    write_tensors(job.layers, ensemble.layers)
    networks = networks_table(ensemble, **keys)
    write_table(job.network_table, NETWORKS.check(networks))
    if job.history:
        write_table(job.history, HISTORY.check(history_table(ensemble, **keys)))


if __name__ == "__main__":
    raise SystemExit(run_job(TrainEnsemble, main))
