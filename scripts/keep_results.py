"""Keep what a reader needs of a finished study in a small folder: tables, figures, provenance."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry


def keep_results(arguments: argparse.Namespace, progress: Progress) -> None:
    """Copy tables and figures, write the README that says what made them."""
    from ricci_flow.report.keep import keep

    size = keep(arguments.root, arguments.benchmarks, arguments.output, arguments.command)
    progress.say(f"kept {size / 1e6:.1f} MB in {arguments.output}")


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--root", type=Path, required=True, help="results/<study>")
    parser.add_argument("--benchmarks", type=Path, required=True, help="benchmarks/<study>")
    parser.add_argument("--command", required=True, help="the command that made the results")
    parser.add_argument("--output", type=Path, required=True, help="the folder to write")
    return run_entry(parser, keep_results, argv)


if __name__ == "__main__":
    sys.exit(main())
