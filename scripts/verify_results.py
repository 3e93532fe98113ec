"""Verify results/<study>: name what is altered, truncated, missing or unlisted.

Needs Python 3.11 and nothing else. The exit status is 1 where anything is wrong.
"""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry


def verify_results(arguments: argparse.Namespace, progress: Progress) -> None:
    """Say one line for each file that is not as its manifest lists it, and a summary."""
    from ricci_flow.errors import InputError
    from ricci_flow.manifest.verify import verify

    lines, summary = verify(arguments.root)
    for line in lines:
        progress.say(line)
    if lines:
        raise InputError(
            f"{arguments.root}: {len(lines)} not as listed ({summary}); make a file again with"
            " --forcerun FILE, delete what is unlisted"
        )
    progress.say(summary)


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("root", type=Path, help="results/<study>, here or on another machine")
    return run_entry(parser, verify_results, argv)


if __name__ == "__main__":
    sys.exit(main())
