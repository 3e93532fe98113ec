"""Stage 7, statistics: the tables and numbers of the report, from all ensembles of a study."""

import argparse
import sys
from functools import partial
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.options import add_seed_name


def compute_statistics(arguments: argparse.Namespace, progress: Progress) -> None:
    """Read the tables of all ensembles, write those of the study."""
    from ricci_flow.analysis.funnel import summarise
    from ricci_flow.analysis.join import read_ensembles
    from ricci_flow.analysis.published import read_published
    from ricci_flow.analysis.study import Measured, Settings, analyse
    from ricci_flow.claims.ledger import claims_tables
    from ricci_flow.claims.registry import chosen_claims
    from ricci_flow.storage import write_json, write_table
    from ricci_flow.tables import coefficients, graphs, statistics, training

    claims = chosen_claims(arguments.claims)
    gather = partial(read_ensembles, arguments.root, ensembles=arguments.ensembles)
    measured = Measured(
        networks=gather("training", "networks.parquet", needed=training.NETWORKS),
        coefficients=gather("coefficients", "networks.parquet", needed=coefficients.NETWORKS),
        cells=gather("coefficients", "cell.parquet", needed=coefficients.CELLS),
        geometry=gather("geometry", "layers.parquet", needed=graphs.LAYERS),
        ties=gather("graphs", "ties.parquet", needed=graphs.TIES),
    )
    settings = Settings(
        thresholds={name: float(value) for name, value in arguments.thresholds},
        architectures={
            name: (int(depth), width)
            for name, shape in arguments.architectures
            for depth, _, width in [shape.partition(":")]
        },
        confidence=arguments.confidence,
        seed_name=arguments.seed_name,
        unfiltered=arguments.unfiltered,
        groups=dict(arguments.groups),
        controls=arguments.controls,
        published=(
            read_published(arguments.published, dict(arguments.variant_of))
            if arguments.published
            else None
        ),
    )
    analysis = analyse(measured, settings)
    tables = analysis.tables | claims_tables(analysis, claims)
    for schema in statistics.TABLES:
        path = arguments.output / Path(schema.file).name
        write_table(path, schema.check(tables[path.stem]))
    summary = summarise(
        analysis.tables,
        arguments.study,
        arguments.primary_condition,
        arguments.primary_convention,
        arguments.networks,
        arguments.control_networks,
    )
    write_json(arguments.output / "summary.json", summary)
    progress.say(
        f"{summary['networks_trained']} networks, {summary['kept']} kept, "
        f"{summary['connected_at_k_star']} connected at k*, {summary['negative']} negative"
    )


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--study", required=True, help="name of the study")
    parser.add_argument("--root", type=Path, required=True, help="folder of the study's results")
    parser.add_argument(
        "--ensembles", nargs="+", required=True, help="DATA_SET/ARCHITECTURE/CONDITION, each"
    )
    parser.add_argument(
        "--thresholds", nargs="+", type=_pair, required=True, help="DATA_SET=ACCURACY, each"
    )
    parser.add_argument(
        "--architectures", nargs="+", type=_pair, required=True, help="NAME=DEPTH:WIDTH, each"
    )
    parser.add_argument(
        "--groups", nargs="*", type=_pair, default=[], help="DATA_SET=synthetic or =real, each"
    )
    parser.add_argument("--claims", nargs="+", help="keys of the claims to judge; all by default")
    parser.add_argument("--published", type=Path, help="published values to compare with, YAML")
    parser.add_argument(
        "--variant-of",
        nargs="*",
        type=_pair,
        default=[],
        help="DATA_SET=NAME, each: published values are those of NAME",
    )
    add_seed_name(parser)
    parser.add_argument("--unfiltered", nargs="*", default=[], help="conditions without threshold")
    parser.add_argument("--controls", nargs="*", default=[], help="conditions to compare with")
    parser.add_argument("--networks", type=int, required=True, help="networks an ensemble")
    parser.add_argument(
        "--control-networks", type=int, required=True, help="the same, other conditions"
    )
    parser.add_argument("--confidence", type=float, default=0.95, help="level of the intervals")
    parser.add_argument("--primary-condition", default="trained", help="of the report's sentences")
    parser.add_argument("--primary-convention", default="directed", help="of the same")
    parser.add_argument("--output", type=Path, required=True, help="folder of the tables")
    return run_entry(parser, compute_statistics, argv)


if __name__ == "__main__":
    sys.exit(main())
