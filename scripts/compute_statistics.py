"""The tables and numbers of the report, from all ensembles of a study."""

from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ricci_flow.job import Job, Progress, run_job


class ComputeStatistics(Job):
    """Compute the statistics of a study: its tables, and the numbers of the report's sentences."""

    study: str
    """name of the study"""
    root: Path
    """folder of the study's results"""
    ensembles: list[str]
    """data_set/architecture/condition, each"""
    thresholds: dict[str, float | None]
    """of each data set: networks whose test accuracy is greater are kept"""
    architectures: dict[str, Annotated[tuple[int, str], Field(strict=False)]]
    """depth and width of each"""
    groups: dict[str, str] = {}
    """of each data set: synthetic, images or table"""
    claims: list[str] | None = None
    """keys of the claims to judge; all where null"""
    blocks: dict[str, list[str]] = {}
    """ensembles of each further block, for claims that need what these measured"""
    stopping: Path | None = None
    """early_stopping.parquet, for claims that need it"""
    published: list[Path] = []
    """published values to compare with: YAML, and the CSV files that it names"""
    published_names: dict[str, str] = {}
    """of each data set that the published values know by another name"""
    seed_name: str = "default"
    """root name of the study's random streams"""
    unfiltered: list[str] = []
    """conditions without threshold"""
    controls: list[str] = []
    """conditions to compare with"""
    drawn: list[str] = []
    """those without networks of their own"""
    networks: int
    """networks of an ensemble of the first condition"""
    control_networks: int
    """the same of any other condition"""
    confidence: float = 0.95
    """level of the intervals"""
    primary_condition: str = "trained"
    """condition of the report's sentences"""
    primary_measure: str = "forman_directed"
    """their measure of curvature"""
    output: Path
    """output: folder of the tables"""


def main(job: ComputeStatistics, progress: Progress) -> None:
    """Read the tables of all ensembles, write those of the study."""
    from ricci_flow.analysis.funnel import summarise
    from ricci_flow.analysis.further import further_networks
    from ricci_flow.analysis.join import read_ensembles
    from ricci_flow.analysis.published_local import read_either
    from ricci_flow.analysis.study import Measured, Settings, analyse
    from ricci_flow.claims.ledger import claims_tables
    from ricci_flow.claims.registry import chosen_claims
    from ricci_flow.coefficients.inputs import layers_of
    from ricci_flow.storage import read_table, write_json, write_table
    from ricci_flow.tables import coefficients, graphs, measures, statistics, training

    claims = chosen_claims(job.claims)
    gather = partial(read_ensembles, job.root, ensembles=job.ensembles)
    measured = Measured(
        networks=gather("training", "networks.parquet", needed=training.NETWORKS),
        coefficients=gather("coefficients", "networks.parquet", needed=coefficients.NETWORKS),
        cells=gather("coefficients", "cell.parquet", needed=coefficients.CELLS),
        geometry=layers_of(gather("measures", "main.parquet", needed=measures.MEASURES)),
        ties=gather("graphs", "ties.parquet", needed=graphs.TIES),
        further=further_networks(job.root, job.blocks, job.seed_name) if job.blocks else None,
        stopping=read_table(job.stopping, statistics.EARLY_STOPPING) if job.stopping else None,
    )
    printed, printed_local = (
        read_either(job.published[0], job.published_names) if job.published else (None, None)
    )
    settings = Settings(
        thresholds=job.thresholds,
        architectures=job.architectures,
        confidence=job.confidence,
        seed_name=job.seed_name,
        unfiltered=job.unfiltered,
        groups=job.groups,
        controls=job.controls,
        drawn=job.drawn,
        published=printed,
        published_local=printed_local,
    )
    analysis = analyse(measured, settings)
    tables = analysis.tables | claims_tables(analysis, claims)
    for schema in statistics.TABLES:
        path = job.output / Path(schema.file).name
        write_table(path, schema.check(tables[path.stem]))
    summary = summarise(
        analysis.tables,
        job.study,
        job.primary_condition,
        job.primary_measure,
        job.networks,
        job.control_networks,
    )
    write_json(job.output / "summary.json", summary)
    progress.say(
        f"{summary['networks_trained']} networks, {summary['kept']} kept, "
        f"{summary['connected_at_k_star']} connected at k*, {summary['negative']} negative"
    )


if __name__ == "__main__":
    raise SystemExit(run_job(ComputeStatistics, main))
