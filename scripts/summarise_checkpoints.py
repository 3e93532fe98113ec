"""Tables of the study on networks at several epochs of their training."""

from pathlib import Path

from ricci_flow.job import Job, Progress, run_job


class SummariseCheckpoints(Job):
    """Compute the coefficients of networks at their checkpoints, and summarise them."""

    root: Path
    """folder of the study's results"""
    blocks: dict[str, list[str]]
    """ensembles of each block with checkpoints, as DATA_SET/ARCHITECTURE/CONDITION"""
    published: list[Path] = []
    """published values to compare with: YAML, and the CSV files that it names"""
    seed_name: str = "default"
    """root name of the study's random streams"""
    output: Path
    """folder of the tables"""


def main(job: SummariseCheckpoints, progress: Progress) -> None:
    """Read the tables of all ensembles, write those of the study."""
    from ricci_flow.analysis.early_stopping import stopping_table
    from ricci_flow.analysis.published_training import compare_over_training, read_over_training
    from ricci_flow.analysis.training_time import read_checkpoints, summarise_training_time
    from ricci_flow.storage import write_table
    from ricci_flow.tables.statistics import OVER_TRAINING, TRAINING_COMPARISON

    printed = read_over_training(job.published[0]) if job.published else None
    networks, layers, trained = read_checkpoints(job.root, job.blocks, job.seed_name)
    tables = {
        "checkpoints": networks,
        "training_time": summarise_training_time(networks, layers, trained),
        "early_stopping": stopping_table(networks, trained),
        "training_comparison": (
            compare_over_training(networks, printed) if printed else TRAINING_COMPARISON.frame()
        ),
    }
    for schema in OVER_TRAINING:
        path = job.output / Path(schema.file).name
        write_table(path, schema.check(tables[path.stem]))
    progress.say(f"{len(networks)} coefficients of {len(job.blocks)} blocks with checkpoints")


if __name__ == "__main__":
    raise SystemExit(run_job(SummariseCheckpoints, main))
