"""Stage 4, graphs: the neighbour lists of every network and layer of one ensemble."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry


def run(arguments: argparse.Namespace, progress: Progress) -> None:
    """Read activations, write neighbour lists and the table of ties."""
    from ricci_flow.graphs.ensemble import build_graphs
    from ricci_flow.storage import write_table

    ties = build_graphs(
        arguments.layers,
        arguments.neighbours,
        arguments.k,
        arguments.k_fractions,
        arguments.names,
        progress,
        arguments.device,
    )
    write_table(arguments.ties, ties)


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--layers", type=Path, required=True, help="activations layers.safetensors")
    parser.add_argument(
        "--names",
        nargs=3,
        required=True,
        metavar=("DATA_SET", "ARCHITECTURE", "CONDITION"),
        help="names of the ensemble, for the tables",
    )
    parser.add_argument("--k", type=int, nargs="+", help="the grid; only its largest k counts")
    parser.add_argument("--k-fractions", type=float, nargs="+", help="in its place: shares of n")
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="cpu", help="the result is the same"
    )
    parser.add_argument("--neighbours", type=Path, required=True, help="output, safetensors")
    parser.add_argument("--ties", type=Path, required=True, help="output, Parquet")
    return run_entry(parser, run, argv)


if __name__ == "__main__":
    sys.exit(main())
