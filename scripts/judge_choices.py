"""Every claim of a study judged under every choice of its multiverse."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from ricci_flow.job import Job, Progress, run_job


class JudgeChoices(Job):
    """Judge the claims in every specification, and say what each verdict depends on."""

    root: Path
    """folder of the study's results"""
    ensembles: list[str]
    """data_set/architecture/condition, each"""
    options: dict[str, dict[str, dict[str, Any]]]
    """options of every choice, the study's own first: title, reason, plausible"""
    recipes: dict[str, dict[str, Any]]
    """condition and controls of every recipe"""
    data: dict[str, list[str]]
    """data sets of every option of the data"""
    thresholds: dict[str, float | None]
    """of each data set: networks whose test accuracy is greater are kept"""
    unfiltered: list[str] = []
    """conditions without threshold"""
    groups: dict[str, str] = {}
    """of each data set: synthetic, images or table"""
    points: str | None = None
    """block that claims on local coefficients are judged by; null for other claims"""
    layers: dict[str, str] = {}
    """its settings, by the choice of layers that each is"""
    architectures: dict[str, Annotated[tuple[int, str], Field(strict=False)]] = {}
    """depth and width of each"""
    claims: list[str] | None = None
    """keys of the claims to judge; all where null"""
    confidence: float = 0.95
    """level of the intervals"""
    seed_name: str = "default"
    """root name of the study's random streams"""
    output: Path
    """output: folder of the tables"""


def main(job: JudgeChoices, progress: Progress) -> None:
    """Read accuracies and series of all ensembles, write the tables."""
    from ricci_flow.analysis.further import further_networks
    from ricci_flow.analysis.join import accuracy_table, read_ensembles
    from ricci_flow.claims.registry import chosen_claims
    from ricci_flow.multiverse.cells import read_cells
    from ricci_flow.multiverse.choices import Option
    from ricci_flow.multiverse.judge import Choices, Measured, Recipe, specifications_table
    from ricci_flow.multiverse.sources import Flow, Points
    from ricci_flow.multiverse.summary import choices_table, verdicts_tables
    from ricci_flow.storage import write_table
    from ricci_flow.tables import multiverse, training

    claims = chosen_claims(job.claims)
    networks = read_ensembles(
        job.root, "training", "networks.parquet", job.ensembles, training.NETWORKS
    )
    accuracy = accuracy_table(networks, job.thresholds, job.unfiltered)
    measured: Measured
    if job.points is None:
        measured = Flow(read_cells(job.root, job.ensembles, accuracy), list(job.options["k"]))
    else:
        tables = further_networks(job.root, {job.points: job.ensembles}, job.seed_name)
        shares = list(job.options["k"])
        measured = Points(*tables, accuracy, job.architectures, job.layers, shares)
    options = {
        choice: {name: Option(**option) for name, option in of.items()}
        for choice, of in job.options.items()
    }
    recipes = {name: Recipe(**recipe) for name, recipe in job.recipes.items()}
    choices = Choices(options, recipes, job.data, job.groups)
    table = specifications_table(measured, choices, claims, job.confidence, job.seed_name, progress)
    verdicts, effects = verdicts_tables(table, claims)
    made = {
        multiverse.CHOICES: choices_table(options),
        multiverse.SPECIFICATIONS: table,
        multiverse.VERDICTS: verdicts,
        multiverse.EFFECTS: effects,
    }
    for schema, content in made.items():
        write_table(job.output / Path(schema.file).name, schema.check(content))
    progress.say(f"{int(verdicts['specifications'].sum() or 0)} plausible specifications judged")


if __name__ == "__main__":
    raise SystemExit(run_job(JudgeChoices, main))
