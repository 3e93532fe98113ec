"""Robustness of a study: what every variant does to the coefficients of all networks."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry


def summarise_robustness(arguments: argparse.Namespace, progress: Progress) -> None:
    """Read the variants of all ensembles, write them in one table, and the summary."""
    from ricci_flow.robustness.summary import gather, summarise
    from ricci_flow.storage import write_table

    variants = gather(arguments.tables)
    write_table(arguments.variants, variants)
    write_table(arguments.summary, summarise(variants))
    progress.say(f"{len(variants)} coefficients of {len(arguments.tables)} ensembles")


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument(
        "--tables", type=Path, nargs="*", default=[], help="robustness variants.parquet, each"
    )
    parser.add_argument("--variants", type=Path, required=True, help="output, Parquet: all rows")
    parser.add_argument("--summary", type=Path, required=True, help="output, Parquet")
    return run_entry(parser, summarise_robustness, argv)


if __name__ == "__main__":
    sys.exit(main())
