"""Fail where the report lacks a figure, so that a run with gaps does not pass for a whole one."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry


def check_report(arguments: argparse.Namespace, progress: Progress) -> None:
    """Name every figure that is missing, and have the next run draw it again."""
    from ricci_flow.errors import InputError
    from ricci_flow.figures.gap import take_gaps
    from ricci_flow.storage import write_json

    lines = take_gaps(arguments.figures)
    for line in lines:
        progress.say(line)
    if lines:
        raise InputError(
            f"{'; '.join(lines)}. {arguments.page} is complete but for that; mend the cause and "
            "start the same command again, which draws what is missing"
        )
    names = sorted(path.stem for path in arguments.figures)
    write_json(arguments.output, {"figures": names})


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--page", type=Path, required=True, help="the report")
    parser.add_argument("--figures", type=Path, nargs="+", required=True, help="its figures, SVG")
    parser.add_argument("--output", type=Path, required=True, help="what was found there, JSON")
    return run_entry(parser, check_report, argv)


if __name__ == "__main__":
    sys.exit(main())
