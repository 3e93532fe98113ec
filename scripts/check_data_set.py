"""Stage 1, check: what a study asks of a data set fits it; before anything is trained."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.options import add_grid


def check_data_set(arguments: argparse.Namespace, progress: Progress) -> None:
    """Hold grid, threshold and scales against the data set's facts; write down the grid."""
    from ricci_flow.datasets.precision import check_raw
    from ricci_flow.datasets.threshold import check_threshold
    from ricci_flow.graphs.grid import resolve_grid
    from ricci_flow.storage import read_json, write_json

    needed = ("data_set", "n_test", "scale", "larger_class_test")
    facts = read_json(arguments.facts, needed)
    where = f"data set {facts['data_set']}"
    grid = resolve_grid(arguments.k, arguments.k_fractions, facts["n_test"], f"{where}: ")
    if arguments.accuracy_threshold is not None:
        check_threshold(arguments.accuracy_threshold, facts["larger_class_test"], where)
    for scale in arguments.scales:
        warning = check_raw(facts, facts["scale"] if scale == "catalogue" else scale)
        if warning:
            progress.say(f"warning: {warning}")
    write_json(arguments.output, {"data_set": facts["data_set"], "k": grid})


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--facts", type=Path, required=True, help="facts of the data set, JSON")
    add_grid(parser, "the grid")
    parser.add_argument(
        "--accuracy-threshold", type=float, help="of the networks that are kept, where any are not"
    )
    parser.add_argument("--scales", nargs="*", default=[], help="that networks are trained with")
    parser.add_argument("--output", type=Path, required=True, help="the grid resolved, JSON")
    return run_entry(parser, check_data_set, argv)


if __name__ == "__main__":
    sys.exit(main())
