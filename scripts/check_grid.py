"""Stage 1, check: the k grid of a data set fits its test points; before anything is trained."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.options import add_grid


def check_grid(arguments: argparse.Namespace, progress: Progress) -> None:
    """Resolve the grid against the data set's facts and write it down."""
    from ricci_flow.graphs.grid import resolve_grid
    from ricci_flow.storage import read_json, write_json

    facts = read_json(arguments.facts, ("data_set", "n_test"))
    grid = resolve_grid(
        arguments.k, arguments.k_fractions, facts["n_test"], f"data set {facts['data_set']}: "
    )
    write_json(arguments.output, {"data_set": facts["data_set"], "k": grid})


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--facts", type=Path, required=True, help="facts of the data set, JSON")
    add_grid(parser, "the grid")
    parser.add_argument("--output", type=Path, required=True, help="the grid resolved, JSON")
    return run_entry(parser, check_grid, argv)


if __name__ == "__main__":
    sys.exit(main())
