"""Random features: Gaussian layers with the means and covariances of another ensemble's layers."""

import argparse
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.options import add_seed_name


def parse() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = make_parser("Draw Gaussian layers like those of the networks of another condition.")
    parser.add_argument("--layers", type=Path, required=True, help="activations to be like")
    parser.add_argument("--networks-table", type=Path, required=True, help="their networks.parquet")
    parser.add_argument("--data-set", required=True, help="name of the data set")
    parser.add_argument("--architecture", required=True, help="name of the architecture")
    parser.add_argument("--condition", required=True, help="name of the condition drawn")
    parser.add_argument("--networks", type=int, required=True, help="how many, the first ones")
    add_seed_name(parser)
    parser.add_argument("--drawn", type=Path, required=True, help="output (safetensors)")
    parser.add_argument("--drawn-networks", type=Path, required=True, help="output (Parquet)")
    return parser


def body(arguments: argparse.Namespace, progress: Progress) -> None:
    """Run the stage."""
    import polars as pl

    from ricci_flow.networks.random_features import feature_seed, random_features
    from ricci_flow.storage import read_table, read_tensors, write_table, write_tensors
    from ricci_flow.tables.training import NETWORKS

    names = (
        *(arguments.seed_name, arguments.data_set),
        *(arguments.architecture, arguments.condition),
    )
    # The accuracies stay those of the network that is matched, so that the same are kept.
    table = read_table(arguments.networks_table, NETWORKS)
    table = table.head(arguments.networks)
    seeds = [feature_seed(names, network) for network in table["network"]]
    drawn = random_features(read_tensors(arguments.layers), len(table), names)
    write_tensors(arguments.drawn, drawn)
    write_table(
        arguments.drawn_networks,
        NETWORKS.check(
            table.with_columns(
                condition=pl.lit(arguments.condition), seed=pl.Series(seeds, dtype=pl.Int64)
            )
        ),
    )
    progress(f"{len(drawn)} layers of {len(table)} networks", always=True)


if __name__ == "__main__":
    raise SystemExit(run_entry(parse(), body))
