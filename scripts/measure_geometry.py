"""Stage 5, geometry: curvature and geodesic mass of every network, layer and k of one ensemble."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.options import add_grid, add_names


def measure_geometry(arguments: argparse.Namespace, progress: Progress) -> None:
    """Read neighbour lists, write the table of layers."""
    from ricci_flow.geometry.ensemble import measure_ensemble
    from ricci_flow.storage import write_table
    from ricci_flow.tables.graphs import LAYERS

    table = measure_ensemble(
        arguments.neighbours,
        arguments.k,
        arguments.k_fractions,
        arguments.conventions,
        arguments.names,
        progress,
    )
    write_table(arguments.table, LAYERS.check(table))


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument(
        "--neighbours", type=Path, required=True, help="graphs neighbours.safetensors"
    )
    add_names(parser)
    add_grid(parser, "the grid")
    parser.add_argument(
        "--conventions", nargs="+", default=["directed", "union"], help="directed, union"
    )
    parser.add_argument("--table", type=Path, required=True, help="output, Parquet")
    return run_entry(parser, measure_geometry, argv)


if __name__ == "__main__":
    sys.exit(main())
