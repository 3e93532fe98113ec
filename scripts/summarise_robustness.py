"""Robustness of a study: what variants and policies do to the coefficients of all networks."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry


def summarise_robustness(arguments: argparse.Namespace, progress: Progress) -> None:
    """Read the tables of all ensembles, write variants in one table, and both summaries."""
    from ricci_flow.robustness.policy_summary import gather_policies, summarise_policies
    from ricci_flow.robustness.summary import gather, summarise
    from ricci_flow.storage import write_table

    variants = gather(arguments.root, arguments.ensembles)
    policies = gather_policies(arguments.root, arguments.ensembles, variants)
    tables = {
        "robustness_variants": variants,
        "robustness": summarise(variants),
        "policies": summarise_policies(policies),
    }
    for name, table in tables.items():
        write_table(arguments.output / f"{name}.parquet", table)
    progress.say(f"{len(variants)} coefficients of {len(arguments.ensembles)} ensembles")


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--root", type=Path, required=True, help="folder of the study's results")
    parser.add_argument(
        "--ensembles", nargs="*", default=[], help="DATA_SET/ARCHITECTURE/CONDITION, each"
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the tables")
    return run_entry(parser, summarise_robustness, argv)


if __name__ == "__main__":
    sys.exit(main())
