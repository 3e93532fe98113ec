"""One figure of a study as SVG, or where it cannot be drawn a picture of the reason."""

import traceback
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from ricci_flow.job import Job, Progress, run_job


class DrawFigure(Job):
    """Draw one figure of a study as SVG."""

    figure: str
    """module of ricci_flow/figures"""
    select: dict[str, str] = {}
    """column -> value of the rows to draw"""
    settings: dict[str, Any] = {}
    """further arguments of the module"""
    titles: dict[str, dict[str, str]] = {}
    """of each kind of names, the text for every name"""
    shapes: dict[str, Annotated[tuple[int, str], Field(strict=False)]] = {}
    """depth and width of every architecture"""
    gap: bool = False
    """whether the reason is drawn where the figure cannot be"""
    files: list[Path]
    """those that the figure declares, in order"""
    output: Path
    """output: the figure"""


def main(job: DrawFigure, progress: Progress) -> None:
    """Draw the figure that was asked for, or with `gap` its name and what is in the way."""
    try:
        _draw(job, progress)
    except Exception as error:
        if not job.gap or _of_the_machine(error):
            raise
        _leave_gap(job.output, progress, error)


def _draw(job: DrawFigure, progress: Progress) -> None:
    from ricci_flow.figures.draw import draw_from_files
    from ricci_flow.figures.style import save_svg
    from ricci_flow.labels import Labels

    labels = Labels(job.titles, job.shapes)
    figure = draw_from_files(job.figure, job.files, job.select, job.settings, labels)
    missing = save_svg(figure, job.output)
    if missing:
        numbers = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in missing)
        progress.say(
            f"warning: no font of this machine has {numbers}; the figure shows the numbers. "
            "Install one that does, Noto Sans CJK for instance, and draw it again"
        )
    progress.say(f"drew {job.output} ({job.output.stat().st_size / 1000:.0f} kB)")


def _of_the_machine(error: Exception) -> bool:
    """Say whether an error tells of memory or disk: the same job may go well elsewhere."""
    from ricci_flow.disk import FullDisk, full_disk

    return isinstance(error, MemoryError | FullDisk) or full_disk(error) is not None


def _leave_gap(output: Path, progress: Progress, error: Exception) -> None:
    from ricci_flow.errors import InputError
    from ricci_flow.figures.gap import write_gap

    reason = " ".join(str(error).split())
    if not isinstance(error, InputError):
        progress.say("".join(traceback.format_exception(error)).rstrip())
        reason = f"{type(error).__name__}: {reason} (not foreseen: please report it)"
    progress.say(f"error: {reason}")
    write_gap(output, output.stem, reason)
    progress.say(f"left a gap at {output}; the run goes on and fails at its end")


if __name__ == "__main__":
    raise SystemExit(run_job(DrawFigure, main))
