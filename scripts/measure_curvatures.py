"""Beside stages 4 to 6, curvatures: other curvatures of some networks of one ensemble."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.options import add_names, add_seed_name


def measure_curvatures(arguments: argparse.Namespace, progress: Progress) -> None:
    """Read activations and classes, write the tables and what each curvature cost."""
    import numpy as np

    from ricci_flow.curvatures.ensemble import measure_ensemble
    from ricci_flow.curvatures.registry import load_notions
    from ricci_flow.storage import damaged, read_tensors, write_json, write_table

    labels = read_tensors(arguments.dataset).get("y_test", np.empty(()))
    if labels.ndim != 1 or labels.dtype != np.uint8:
        raise damaged(arguments.dataset, "y_test holds no class numbers")
    measured = measure_ensemble(
        arguments.layers,
        labels,
        load_notions(arguments.notions),
        arguments.k_fractions,
        arguments.networks,
        arguments.names,
        arguments.seed_name,
        progress,
    )
    for name, table in measured.tables.items():
        write_table(arguments.output / f"{name}.parquet", table)
    if arguments.costs:
        costs = {"graphs": measured.graphs, "seconds": measured.seconds}
        write_json(arguments.costs, costs)


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--layers", type=Path, required=True, help="activations layers.safetensors")
    parser.add_argument("--dataset", type=Path, required=True, help="datasets/D.safetensors")
    parser.add_argument(
        "--notions", nargs="+", required=True, help="NAME=MODULE[,OPTION=NUMBER...], each"
    )
    parser.add_argument(
        "--k-fractions", type=float, nargs="+", required=True, help="k as shares of the points"
    )
    parser.add_argument(
        "--networks", type=int, default=2, help="so many of the ensemble, from the first"
    )
    add_names(parser)
    add_seed_name(parser)
    parser.add_argument("--output", type=Path, required=True, help="folder of the tables")
    parser.add_argument(
        "--costs", type=Path, help="also write processor seconds by curvature there, JSON"
    )
    return run_entry(parser, measure_curvatures, argv)


if __name__ == "__main__":
    sys.exit(main())
