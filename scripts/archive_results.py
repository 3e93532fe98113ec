"""Put a finished study into one file: tables, figures, report, its texts, lock and manifest."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry


def archive_results(arguments: argparse.Namespace, progress: Progress) -> None:
    """Pack the results that the manifest lists, and what the report is rendered from."""
    from ricci_flow.archive.pack import pack

    packed, left_out = pack(
        arguments.root,
        arguments.benchmarks,
        arguments.sources,
        arguments.output,
        arguments.tensors,
    )
    size = arguments.output.stat().st_size / 1e6
    progress.say(f"packed {packed} files, {size:.1f} MB; left out {left_out} tensors")


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    add = parser.add_argument
    add("--root", type=Path, required=True, help="results/<study>")
    add("--benchmarks", type=Path, required=True, help="benchmarks/<study>")
    add("--sources", type=Path, nargs="+", required=True, help="texts of the report, and the lock")
    add("--tensors", action="store_true", help="also data, weights, activations and graphs")
    add("--output", type=Path, required=True, help="the archive, .tar.gz")
    return run_entry(parser, archive_results, argv)


if __name__ == "__main__":
    sys.exit(main())
