"""Write the guide's page of results from the kept tables of the paper's study."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry


def write_results_page(arguments: argparse.Namespace, progress: Progress) -> None:
    """Read the kept tables, write the page."""
    from ricci_flow.report.results_page import results_page

    arguments.output.write_text(results_page(arguments.kept), "utf-8")
    progress.say(f"results in {arguments.output}")


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    reports = Path(__file__).resolve().parents[1] / "reports"
    parser = make_parser(__doc__ or "")
    parser.add_argument("--kept", type=Path, default=reports, help="the folder of kept studies")
    parser.add_argument("--output", type=Path, default=reports / "guide" / "results.md")
    return run_entry(parser, write_results_page, argv)


if __name__ == "__main__":
    sys.exit(main())
