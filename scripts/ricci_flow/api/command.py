"""The command ricci-flow."""

import argparse
from pathlib import Path

from ricci_flow.errors import InputError
from ricci_flow.process import Progress, run


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit status. An error of the user's is one line, and 1."""
    arguments = _parser().parse_args(argv)
    return run(
        lambda progress: arguments.body(arguments, progress), "ricci-flow", arguments.threads
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ricci-flow", description="Ricci coefficients of the layers of a network."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    measure = commands.add_parser("measure", help="measure the layers in a file or folder")
    measure.set_defaults(body=_measure)
    measure.add_argument("layers", type=Path, help=".npz, .safetensors, or a folder of layer files")
    measure.add_argument("--labels", type=Path, help="class of each point: .npy, .csv, ...")
    measure.add_argument(
        "--k", type=number, nargs="+", help="neighbours: whole numbers, or shares of the points"
    )
    measure.add_argument("--measures", nargs="+", metavar="NAME")
    measure.add_argument("--settings", nargs="+", metavar="NAME", help="kinds of graphs")
    measure.add_argument("--no-local", action="store_true", help="not point by point; faster")
    measure.add_argument("--seed", help="name of the random streams")
    measure.add_argument(
        "--plot", type=Path, action="append", default=[], metavar="FILE",
        help=".html (figure and tables), .svg or .png; may be given several times",
    )  # fmt: skip
    measure.add_argument("--tables", type=Path, metavar="FOLDER", help="write all tables as .csv")
    measure.add_argument("--threads", type=int, default=1, help="threads of every library (1)")
    data = commands.add_parser("data", help="turn a download into files for a study's data_dir")
    data.set_defaults(body=_data, threads=1)
    data.add_argument("folder", type=Path, help="of IDX, CIFAR-10 (.bin) or Parquet files")
    data.add_argument("--output", type=Path, required=True, metavar="DIR", help="gets NAME.npz")
    data.add_argument(
        "--data-sets", nargs="+", metavar="NAME",
        help="of the catalogue; by default those whose sha256 fits",
    )  # fmt: skip
    data.add_argument("--catalogue", type=Path, default=Path("config/datasets.yaml"))
    return parser


def number(text: str) -> int | float:
    """Return a count or a share; its name stands in the message of argparse."""
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def _measure(arguments: argparse.Namespace, progress: Progress) -> None:
    # Imported here: the libraries read their number of threads as they are loaded.
    from ricci_flow.api.measuring import measure
    from ricci_flow.api.result import PLOTS
    from ricci_flow.disk import staged

    for path in arguments.plot:
        if path.suffix not in PLOTS:
            raise InputError(f"--plot: {path} is of no known kind; use {', '.join(PLOTS)}")
    given = {
        name: value
        for name in ("k", "measures", "settings", "seed")
        if (value := getattr(arguments, name)) is not None
    }
    result = measure(arguments.layers, arguments.labels, local=not arguments.no_local, **given)
    print(result)
    for path in arguments.plot:
        result.plot(path)
        progress.say(f"wrote {path}")
    if arguments.tables:
        for name, table in result.tables.items():
            with staged(arguments.tables / f"{name}.csv") as part:
                table.write_csv(part)
        progress.say(f"wrote {len(result.tables)} tables to {arguments.tables}")


def _data(arguments: argparse.Namespace, progress: Progress) -> None:
    from ricci_flow.datasets.replacements import write_replacements

    write_replacements(
        arguments.folder, arguments.output, arguments.catalogue, arguments.data_sets, progress.say
    )
