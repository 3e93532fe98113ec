"""Stage 6, coefficients: Ricci coefficients of one ensemble's networks, and of its cell."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.options import add_seed_name


def compute_coefficients(arguments: argparse.Namespace, progress: Progress) -> None:
    """Read geometry and accuracies, write both tables."""
    from ricci_flow.coefficients.inputs import read_ensemble
    from ricci_flow.coefficients.tables import cell_table, network_table
    from ricci_flow.storage import write_table

    geometry, networks = read_ensemble(arguments.geometry, arguments.networks)
    threshold = arguments.accuracy_threshold
    table = network_table(geometry, networks, threshold, arguments.seed_name)
    cell = cell_table(geometry, networks, threshold)
    write_table(arguments.network_table, table)
    write_table(arguments.cell_table, cell)
    kept = int(cell["kept"][0])
    filtered = "" if threshold is None else f" above accuracy {threshold}"
    progress.say(f"{kept} of {len(networks)} networks kept{filtered}")


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--geometry", type=Path, required=True, help="geometry layers.parquet")
    parser.add_argument("--networks", type=Path, required=True, help="training networks.parquet")
    parser.add_argument(
        "--accuracy-threshold", type=float, help="a network is kept above it; without, always"
    )
    add_seed_name(parser)
    parser.add_argument("--network-table", type=Path, required=True, help="output, Parquet")
    parser.add_argument("--cell-table", type=Path, required=True, help="output, Parquet")
    return run_entry(parser, compute_coefficients, argv)


if __name__ == "__main__":
    sys.exit(main())
