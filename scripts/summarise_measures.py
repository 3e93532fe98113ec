"""Tables of the study on what its further blocks measured."""

from pathlib import Path

from ricci_flow.job import Job, Progress, run_job


class SummariseMeasures(Job):
    """Compute the coefficients of the further blocks, and summarise them over the study."""

    root: Path
    """folder of the study's results"""
    blocks: dict[str, list[str]]
    """ensembles of each block, as DATA_SET/ARCHITECTURE/CONDITION"""
    excluded: dict[str, list[str]] = {}
    """the same, of blocks of networks that are excluded at k*"""
    settings: dict[str, list[str]] = {}
    """settings of these"""
    groups: dict[str, str] = {}
    """of each data set: synthetic, images or table"""
    confidence: float = 0.95
    """level of the intervals"""
    published: list[Path] = []
    """published values to compare with: YAML, and the CSV that it names"""
    seed_name: str = "default"
    """root name of the study's random streams"""
    output: Path
    """folder of the tables"""


def main(job: SummariseMeasures, progress: Progress) -> None:
    """Read the tables of all ensembles, write those of the study."""
    from ricci_flow.analysis.further import further_networks
    from ricci_flow.analysis.local import compare_local, summarise_local
    from ricci_flow.analysis.measures import (
        summarise_along_layers,
        summarise_layer_measures,
        summarise_measures,
    )
    from ricci_flow.analysis.policies import policies_table
    from ricci_flow.analysis.published_local import read_coefficients
    from ricci_flow.analysis.settings import summarise_settings
    from ricci_flow.storage import write_table
    from ricci_flow.tables.statistics import LOCAL_COMPARISON, OF_FURTHER

    printed = read_coefficients(job.published[0]) if job.published else None

    networks, layers = further_networks(job.root, job.blocks, job.seed_name)
    tables = {
        "further": networks,
        "settings": summarise_settings(networks),
        "measures": summarise_measures(networks, layers),
        "layer_measures": summarise_layer_measures(layers),
        "along_layers": summarise_along_layers(layers),
        "policies": policies_table(job.root, job.excluded, job.settings),
        "local_settings": summarise_local(networks, job.groups, job.confidence, job.seed_name),
        "local_comparison": (
            compare_local(networks, printed) if printed else LOCAL_COMPARISON.frame()
        ),
    }
    for schema in OF_FURTHER:
        path = job.output / Path(schema.file).name
        write_table(path, schema.check(tables[path.stem]))
    progress.say(f"{len(networks)} coefficients of {len(job.blocks)} blocks")


if __name__ == "__main__":
    raise SystemExit(run_job(SummariseMeasures, main))
