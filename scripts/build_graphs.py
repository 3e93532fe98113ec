"""Stage 4, graphs: the neighbour lists of every network and layer of one ensemble."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.options import add_grid, add_names


def run(arguments: argparse.Namespace, progress: Progress) -> None:
    """Read activations, write neighbour lists and the table of ties."""
    from ricci_flow.graphs.ensemble import build_graphs
    from ricci_flow.storage import write_table
    from ricci_flow.tables.graphs import TIES

    ties = build_graphs(
        arguments.layers,
        arguments.neighbours,
        arguments.k,
        arguments.k_fractions,
        arguments.names,
        progress,
    )
    write_table(arguments.ties, TIES.check(ties))


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--layers", type=Path, required=True, help="activations layers.safetensors")
    add_names(parser)
    add_grid(parser, "the grid; only its largest k counts")
    parser.add_argument("--neighbours", type=Path, required=True, help="output, safetensors")
    parser.add_argument("--ties", type=Path, required=True, help="output, Parquet")
    return run_entry(parser, run, argv)


if __name__ == "__main__":
    sys.exit(main())
