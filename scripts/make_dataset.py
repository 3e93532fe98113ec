"""One data set of the catalogue: its points and its facts."""

from pathlib import Path

from ricci_flow.datasets.request import DataSet, File, Request
from ricci_flow.job import Job, Progress, run_job


class MakeDataset(Job):
    """Make one data set: raw features and class indices."""

    name: str
    """of the data set"""
    source: DataSet
    """its entry in the catalogue: `kind`, and the keys of that kind"""
    seed_name: str = "default"
    """root name of the study's random streams"""
    path: list[Path] = []
    """the files that the entry names; of one in remote storage the copy here"""
    data_dir: Path | None = None
    """folder whose NAME.npz takes the place of a download"""
    data_home: Path | None = None
    """scikit-learn's folder of downloads"""
    test_points: int | None = None
    """the most test points; all where none"""
    max_bytes: int = 8 * 2**30
    """most to unpack"""
    tensors: Path
    """output: the points, safetensors"""
    facts: Path
    """output: JSON"""


def main(job: MakeDataset, progress: Progress) -> None:
    """Make the points, write them and their facts."""
    from ricci_flow.datasets.make import make_data_set
    from ricci_flow.storage import write_json, write_tensors

    one = isinstance(job.source, File) and job.path
    copy = {"path": f"{job.path[0]}"} if one else {}
    request = Request(
        job.name,
        job.source.model_copy(update=copy),
        seed_name=job.seed_name,
        data_dir=job.data_dir,
        data_home=job.data_home,
        max_bytes=job.max_bytes,
        test_points=job.test_points,
    )
    tensors, facts = make_data_set(request, progress.say)
    write_tensors(job.tensors, tensors)
    write_json(job.facts, facts)


if __name__ == "__main__":
    raise SystemExit(run_job(MakeDataset, main))
