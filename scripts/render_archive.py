"""Unpack the archive of a study, check it, and render its report; nothing is computed."""

import argparse
import shutil
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry


def render_archive(arguments: argparse.Namespace, progress: Progress) -> None:
    """Unpack, check and render."""
    from ricci_flow.archive.unpack import check, render_again, unpack
    from ricci_flow.errors import InputError

    folder = unpack(arguments.archive, arguments.output, arguments.max_bytes)
    try:
        progress.say(check(folder))
        same = render_again(folder, arguments.output, arguments.renderer, progress.say)
    except InputError:
        # What is not as listed is no result, and the same command can be given again.
        shutil.rmtree(arguments.output)
        raise
    progress.say(f"the pages {'are' if same else 'are not'} equal to the archived ones to the bit")


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    add = parser.add_argument
    add("archive", type=Path, help="<study>.tar.gz")
    add(
        "--output",
        type=Path,
        required=True,
        help="a new folder: report.html, the other pages, and what they are from",
    )
    add("--renderer", choices=["auto", "quarto", "pandoc"], default="auto", help="auto: as found")
    add("--max-bytes", type=int, default=2 * 10**9, help="refuse what unpacks to more")
    return run_entry(parser, render_archive, argv)


if __name__ == "__main__":
    sys.exit(main())
