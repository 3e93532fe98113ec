"""Last stage: write down every result of a study, its SHA-256, and the job that made it."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry


def write_manifest(arguments: argparse.Namespace, progress: Progress) -> None:
    """Make the manifest from the files and Snakemake's records."""
    from ricci_flow.manifest.make import make_manifest, save_manifest
    from ricci_flow.report.provenance import code_state

    code = code_state()
    manifest = make_manifest(arguments.root, arguments.targets, arguments.records, code)
    save_manifest(arguments.output, manifest)
    files = manifest["files"].values()
    size = sum(entry["bytes"] or 0 for entry in files)
    progress.say(f"listed {len(files)} files, {size / 1e6:.1f} MB")
    unknown = sum(entry["job"] is None for entry in files)
    if unknown:
        progress.say(f"{unknown} of them have no record of the job that made them")


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--root", type=Path, required=True, help="results/<study>")
    parser.add_argument("--targets", nargs="+", required=True, help="what the study was run for")
    parser.add_argument("--records", type=Path, required=True, help=".snakemake/metadata")
    parser.add_argument("--output", type=Path, required=True, help="the manifest, JSON")
    return run_entry(parser, write_manifest, argv)


if __name__ == "__main__":
    sys.exit(main())
