"""The page on which readers follow the test points of single networks through the layers."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from ricci_flow.job import Job, Progress, run_job


class RenderExplore(Job):
    """Write the page that shows the layers of single networks in three dimensions."""

    study: str
    """name of the study"""
    root: Path
    """folder of the study's results"""
    data_sets: list[str]
    """names of the data sets"""
    ensembles: list[str]
    """ensembles, as DATA_SET/ARCHITECTURE/CONDITION"""
    measures: dict[str, dict[str, Any]]
    """entries of the catalogue of measures, of the main block"""
    primary_measure: str
    """the measure that colours points"""
    checkpoints: dict[str, list[str]] = {}
    """ensembles of each block with checkpoints"""
    titles: dict[str, dict[str, str]] = {}
    """of each kind of names, the text for every name"""
    shapes: dict[str, Annotated[tuple[int, str], Field(strict=False)]] = {}
    """depth and width of every architecture"""
    texts: list[Path]
    """the page without content, its style and its script"""
    page: Path
    """output: the page, HTML"""


def main(job: RenderExplore, progress: Progress) -> None:
    """Collect what is shown, write the page."""
    from ricci_flow.explore.content import Sources, collect
    from ricci_flow.explore.page import write_page
    from ricci_flow.labels import Labels

    sources = Sources(
        root=job.root,
        study=job.study,
        data_sets=job.data_sets,
        ensembles=job.ensembles,
        measures=job.measures,
        primary_measure=job.primary_measure,
        checkpoints=job.checkpoints,
        labels=Labels(job.titles, job.shapes),
    )
    index, texts = collect(sources)
    size = write_page(job.texts[0].parent, job.page, job.study, index, texts)
    most = index["most"]
    progress.say(
        f"wrote {job.page} ({size / 1e6:.1f} MB): at most {most['networks']} networks of an "
        f"ensemble, {most['points']} points of a data set"
    )


if __name__ == "__main__":
    raise SystemExit(run_job(RenderExplore, main))
