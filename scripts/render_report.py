"""The report of a study: pages that lead to one another, each one self-contained HTML file."""

from pathlib import Path
from typing import Literal

from ricci_flow.job import Job, Progress, run_job


class RenderReport(Job):
    """Render the report of a study, a few self-contained HTML pages."""

    study: str
    """name of the study"""
    reports: Path
    """folder of _quarto.yml and the texts of the pages"""
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
    pages: list[Path]
    """output: the pages, HTML, in one folder: NAME.html of every NAME.qmd that _quarto.yml lists"""


def main(job: RenderReport, progress: Progress) -> None:
    """Render the pages."""
    from ricci_flow.report.build import Sources, render
    from ricci_flow.report.pages import check_files
    from ricci_flow.report.provenance import read_config

    system = bool(read_config(job.config).get("about"))
    folder = check_files(job.pages, job.reports, system=system)
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
    render(sources, folder, renderer=job.renderer, say=progress.say)


if __name__ == "__main__":
    raise SystemExit(run_job(RenderReport, main))
