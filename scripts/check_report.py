"""Does the report lack a figure? A run with gaps must not pass for a whole one."""

from pathlib import Path

from ricci_flow.job import Job, Progress, run_job


class CheckReport(Job):
    """Fail where the report lacks a figure, and have the next run draw it again."""

    page: Path
    """the report"""
    figures: list[Path]
    """its figures, SVG"""
    checked: Path
    """output: the names of the figures, JSON"""


def main(job: CheckReport, progress: Progress) -> None:
    """Name every figure that is missing; write down what is there if none is."""
    from ricci_flow.errors import InputError
    from ricci_flow.figures.gap import take_gaps
    from ricci_flow.storage import write_json

    lines = take_gaps(job.figures)
    for line in lines:
        progress.say(line)
    if lines:
        raise InputError(
            f"{'; '.join(lines)}. {job.page} is complete but for that; remove the cause and "
            "start the same command again, which draws what is missing"
        )
    write_json(job.checked, {"figures": sorted(path.stem for path in job.figures)})


if __name__ == "__main__":
    raise SystemExit(run_job(CheckReport, main))
