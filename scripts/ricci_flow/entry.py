"""Entry scripts with a command line of their own, which people call by hand."""

import argparse
from collections.abc import Callable
from pathlib import Path

from ricci_flow.process import Progress, run

__all__ = ["Progress", "make_parser", "run_entry"]


def make_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser with the options that every stage has: --threads, --log and --job."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    common = parser.add_argument_group("common")
    common.add_argument("--threads", type=int, default=1, help="threads of every library")
    common.add_argument("--log", type=Path, help="also write what is said to this file")
    common.add_argument("--job", default="", help="name of this job in its messages")
    return parser


def run_entry(
    parser: argparse.ArgumentParser,
    body: Callable[[argparse.Namespace, Progress], None],
    argv: list[str] | None = None,
) -> int:
    """Parse the command line, run `body`, and return the exit status; see `process.run`."""
    arguments = parser.parse_args(argv)
    label = arguments.job or parser.prog
    return run(lambda progress: body(arguments, progress), label, arguments.threads, arguments.log)
