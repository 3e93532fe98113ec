"""The guide beside the report: its pages, in the look of the report, each one self-contained."""

from pathlib import Path

from ricci_flow.job import Job, Progress, run_job


class RenderGuide(Job):
    """Write the pages of the guide."""

    reports: Path
    """folder of the style sheet and of the folder guide"""
    pages: list[Path]
    """output: the pages, HTML, in one folder: NAME.html of every page of the guide"""


def main(job: RenderGuide, progress: Progress) -> None:
    """Write the pages."""
    from ricci_flow.disk import staged
    from ricci_flow.report.guide import guide_pages

    pages = guide_pages(job.reports)
    for path in job.pages:
        with staged(path) as part:
            part.write_text(pages[path.name], "utf-8")
    progress.say(f"wrote {len(pages)} pages into {job.pages[0].parent}")


if __name__ == "__main__":
    raise SystemExit(run_job(RenderGuide, main))
