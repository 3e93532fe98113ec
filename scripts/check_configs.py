"""Say in one line what is wrong with a config file, before Snakemake stumbles over it."""

import sys
from pathlib import Path

from ricci_flow.errors import InputError
from ricci_flow.study.schema import load_yaml


def main(arguments: list[str]) -> int:
    """Read the files that follow --configfile in Snakemake's arguments; return the exit status."""
    given = False
    for argument in arguments:
        option, _, value = argument.partition("=")
        if argument.startswith("-"):
            given = option in ("--configfile", "--configfiles")
        if not given or (argument == option and argument.startswith("-")):
            continue
        try:
            load_yaml(Path(value if argument.startswith("-") else argument))
        except InputError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
