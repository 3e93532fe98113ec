"""Beside stage 7, curvatures: the tables of the report, from curvatures/ of all ensembles."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry


def summarise(arguments: argparse.Namespace, progress: Progress) -> None:
    """Read the tables of all ensembles, write those of the study."""
    import polars as pl

    from ricci_flow.analysis.join import read_ensembles
    from ricci_flow.curvatures.summary import summarise_classes, summarise_curvatures
    from ricci_flow.storage import write_table

    def gather(file: str, *needed: str) -> pl.DataFrame:
        return read_ensembles(arguments.root, "curvatures", file, arguments.ensembles, needed)

    local = gather("local.parquet", "curvature", "rho", "local_points")
    tables = {
        "curvatures": summarise_curvatures(
            gather("curvatures.parquet", "curvature", "gap", "layer_rho"), local
        ),
        "curvature_networks": local,
        "curvature_classes": summarise_classes(
            gather("partition.parquet", "modularity", "normalised_cut")
        ),
    }
    for name, table in tables.items():
        write_table(arguments.output / f"{name}.parquet", table)
    count = local["curvature"].n_unique()
    progress.say(f"{count} curvatures of {len(arguments.ensembles)} ensembles")


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--root", type=Path, required=True, help="folder of the study's results")
    parser.add_argument(
        "--ensembles", nargs="+", required=True, help="DATA_SET/ARCHITECTURE/CONDITION, each"
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the tables")
    return run_entry(parser, summarise, argv)


if __name__ == "__main__":
    sys.exit(main())
