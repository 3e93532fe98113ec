"""Robustness: coefficients of one ensemble's networks on other graphs, points, layers, weights.

And, of the networks that are excluded at k*, under the policies that keep them.
"""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.options import add_names, add_scale, add_seed_name

VARIANTS = (
    *("mutual", "subsample", "rescaled", "with_input", "with_output", "with_input_and_output"),
    *("largest_component", "mst"),
)


def measure_robustness(arguments: argparse.Namespace, progress: Progress) -> None:
    """Read a data set, activations, weights and coefficients, write variants and policies."""
    from ricci_flow.robustness.ensemble import measure_ensemble, measure_policies
    from ricci_flow.storage import write_table

    policies = measure_policies(
        *(arguments.layers, arguments.coefficients, arguments.cell),
        *(arguments.variants, arguments.names),
        progress,
    )

    table = measure_ensemble(
        *(arguments.data, arguments.facts, arguments.layers, arguments.weights),
        *(arguments.variants, arguments.k_fractions, arguments.networks, arguments.draws),
        *(arguments.scale, arguments.names, arguments.seed_name),
        progress,
    )
    write_table(arguments.table, table)
    write_table(arguments.policies, policies)


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--data", type=Path, required=True, help="data set (safetensors)")
    parser.add_argument("--facts", type=Path, required=True, help="its facts (JSON)")
    parser.add_argument("--layers", type=Path, required=True, help="activations layers.safetensors")
    parser.add_argument(
        "--weights", type=Path, help="training weights.safetensors; none: variants are left out"
    )
    parser.add_argument(
        "--coefficients", type=Path, required=True, help="coefficients networks.parquet"
    )
    parser.add_argument("--cell", type=Path, required=True, help="coefficients cell.parquet")
    add_names(parser)
    parser.add_argument(
        "--variants", nargs="+", choices=VARIANTS, required=True, help="beside the baseline"
    )
    parser.add_argument(
        "--k-fractions", type=float, nargs="+", default=[0.05, 0.1], help="k as shares of n"
    )
    parser.add_argument("--networks", type=int, default=2, help="the first ones of the ensemble")
    parser.add_argument("--draws", type=int, default=3, help="of subsample and rescaled")
    add_scale(parser)
    add_seed_name(parser)
    parser.add_argument("--table", type=Path, required=True, help="output, Parquet: variants")
    parser.add_argument("--policies", type=Path, required=True, help="output, Parquet")
    return run_entry(parser, measure_robustness, argv)


if __name__ == "__main__":
    sys.exit(main())
