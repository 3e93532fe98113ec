"""The report of a study as one self-contained HTML page."""

from pathlib import Path
from typing import Literal

from ricci_flow.job import Job, Progress, run_job


class RenderReport(Job):
    """Render the report of a study as one self-contained HTML page."""

    study: str
    """name of the study"""
    reports: Path
    """folder of report.qmd and _quarto.yml"""
    data_sets: Path
    """folder of the facts of the data sets"""
    statistics: Path
    """folder of the tables of statistics"""
    figures: list[Path]
    """the figures, SVG"""
    config: Path
    """the resolved config, JSON or YAML"""
    benchmarks: Path
    """folder of Snakemake's benchmark tables"""
    lock: Path
    """lock file of the environment"""
    renderer: Literal["auto", "quarto", "pandoc"] = "auto"
    """auto: as found"""
    page: Path
    """output: the page, HTML"""


def main(job: RenderReport, progress: Progress) -> None:
    """Render the page."""
    from ricci_flow.report.build import Sources, render

    sources = Sources(
        reports=job.reports,
        data_sets=job.data_sets,
        statistics=job.statistics,
        figures=tuple(job.figures),
        study=job.study,
        config=job.config,
        benchmarks=job.benchmarks,
        lock=job.lock,
    )
    render(sources, job.page, renderer=job.renderer, say=progress.say)


if __name__ == "__main__":
    raise SystemExit(run_job(RenderReport, main))
