"""Datasets stage: make one data set of the catalogue."""

import argparse
import sys
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.options import add_seed_name


def parse() -> argparse.ArgumentParser:
    """Return the command line; every key of a catalogue entry is a flag of the same name."""
    parser = make_parser("Make one data set: raw features and class indices.")
    parser.add_argument("--name", required=True, help="name of the data set")
    parser.add_argument("--kind", required=True, help="synthetic, sklearn, openml or file")
    parser.add_argument("--tensors", type=Path, required=True, help="output (safetensors)")
    parser.add_argument("--facts", type=Path, required=True, help="output (JSON)")
    add_seed_name(parser)
    parser.add_argument("--max-bytes", type=int, default=8 * 2**30, help="most to unpack")
    every = parser.add_argument_group("every kind")
    every.add_argument("--scale", help="default for later stages: none, unit or standard")
    every.add_argument("--unit", type=float, help="what scale 'unit' divides by")
    synthetic = parser.add_argument_group("synthetic")
    synthetic.add_argument("--generator", help="such as double_swiss_roll")
    synthetic.add_argument("--n-train", type=int, help="training points (1000)")
    synthetic.add_argument("--n-test", type=int, help="test points (1000)")
    synthetic.add_argument("--parameters", nargs="+", metavar="NAME=NUMBER", help="its parameters")
    tables = parser.add_argument_group("sklearn, openml, file")
    tables.add_argument("--classes", nargs="+", metavar="CLASS", help="names of y = 0, 1, ...")
    tables.add_argument("--test-fraction", type=float, help="share of each class to test on (0.5)")
    tables.add_argument("--table", help="sklearn: digits, breast_cancer, wine or iris")
    openml = parser.add_argument_group("openml")
    openml.add_argument("--openml-name", help="name on openml.org")
    openml.add_argument("--version", type=int, help="version there (1)")
    openml.add_argument("--train-rows", type=int, help="the first rows train, the others test")
    openml.add_argument("--n-retries", type=int, help="tries again where the network fails (3)")
    openml.add_argument("--data-home", type=Path, help="scikit-learn's folder of downloads")
    openml.add_argument("--data-dir", type=Path, help="folder whose NAME.npz replaces a download")
    openml.add_argument(
        "--variant-of", metavar="NAME", help="take its NAME.npz where there is none"
    )
    files = parser.add_argument_group("file")
    files.add_argument("--path", type=Path, help=".npz, .parquet or .csv")
    files.add_argument("--label", help="column of labels of a table (label)")
    both = parser.add_argument_group("openml, file")
    both.add_argument("--image-shape", type=int, nargs=2, metavar="N", help="rows and columns")
    both.add_argument("--ignore", nargs="+", metavar="COLUMN", help="columns to leave out")
    both.add_argument("--sha256", help="checksum that the kept rows must have")
    return parser


def body(arguments: argparse.Namespace, progress: Progress) -> None:
    """Run the stage."""
    from dataclasses import fields

    from ricci_flow.datasets.make import make_data_set
    from ricci_flow.datasets.request import Request, parse_parameters
    from ricci_flow.storage import write_json, write_tensors

    given = {field.name: getattr(arguments, field.name) for field in fields(Request)}
    for key in ("classes", "image_shape", "ignore"):
        given[key] = tuple(given[key]) if given[key] is not None else None
    given["parameters"] = parse_parameters(given["parameters"])
    tensors, facts = make_data_set(Request(**given), progress.say)
    write_tensors(arguments.tensors, tensors)
    write_json(arguments.facts, facts)


if __name__ == "__main__":
    sys.exit(run_entry(parse(), body))
