"""Draw one figure of a study as SVG, or where it cannot be drawn a picture of the reason.

    python -m draw_figure '{"figure": "spread"}' --file files networks.parquet --file output a.svg

The settings, JSON: figure, a module of ricci_flow/figures; select, column -> value of the rows to
draw; settings, further arguments of the module; labels, titles of names and shapes of
architectures; gap, whether the reason is drawn. Files: those that the figure declares, in order.
"""

import argparse
import json
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.labels import Labels


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of this entry."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("settings", type=json.loads, metavar="JSON", help="what is drawn")
    parser.add_argument("--file", nargs="+", action="append", metavar=("NAME", "PATH"))
    return parser


def body(arguments: argparse.Namespace, progress: Progress) -> None:
    """Draw the figure that was asked for, or with `gap` its name and what is in the way."""
    files = {name: [Path(path) for path in paths] for name, *paths in arguments.file}
    settings, output = arguments.settings, files["output"][0]
    try:
        _draw(settings, files["files"], output, progress)
    except Exception as error:
        if not settings.get("gap", False) or _of_the_machine(error):
            raise
        _leave_gap(output, progress, error)


def _draw(settings: Mapping[str, Any], files: list[Path], output: Path, progress: Progress) -> None:
    from ricci_flow.figures.draw import draw_from_files
    from ricci_flow.figures.style import save_svg

    labels = Labels(**{"titles": {}, "shapes": {}, **settings.get("labels", {})})
    chosen, further = settings.get("select", {}), settings.get("settings", {})
    figure = draw_from_files(settings["figure"], files, chosen, further, labels)
    missing = save_svg(figure, output)
    if missing:
        numbers = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in missing)
        progress.say(
            f"warning: no font of this machine has {numbers}; the figure shows the numbers. "
            "Install one that does, Noto Sans CJK for instance, and draw it again"
        )
    progress.say(f"drew {output} ({output.stat().st_size / 1000:.0f} kB)")


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
    raise SystemExit(run_entry(build_parser(), body))
