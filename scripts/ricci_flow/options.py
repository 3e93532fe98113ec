"""Options that several entry scripts have, said once."""

import argparse
from typing import Protocol


class _Options(Protocol):
    """A parser or a group of one."""

    def add_argument(self, *names: str, **settings: object) -> argparse.Action: ...


def add_names(parser: _Options) -> None:
    """Add --names of an ensemble."""
    parser.add_argument(
        "--names",
        nargs=3,
        required=True,
        metavar=("DATA_SET", "ARCHITECTURE", "CONDITION"),
        help="names of the ensemble, for its tables",
    )


def add_grid(parser: _Options, meaning: str) -> None:
    """Add --k and --k-fractions; meaning: what the grid is for."""
    parser.add_argument("--k", type=int, nargs="+", help=meaning)
    parser.add_argument("--k-fractions", type=float, nargs="+", help="in its place: shares of n")


def add_scale(parser: _Options) -> None:
    """Add --scale of the features a network sees."""
    parser.add_argument(
        "--scale",
        choices=("catalogue", "none", "unit", "standard"),
        default="catalogue",
        help="scaling of the features, as in training; catalogue: as the facts say",
    )


def add_seed_name(parser: _Options) -> None:
    """Add --seed-name, of which all seeds of a study are derived."""
    parser.add_argument("--seed-name", default="default", help="root name of random streams")
