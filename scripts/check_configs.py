"""Say in one line what is wrong with a config file, before Snakemake stumbles over it."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # There is nothing to tidy up.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import sys
from pathlib import Path

from ricci_flow.errors import InputError
from ricci_flow.yaml_file import load_yaml


def main(files: list[str]) -> int:
    """Read config files; return the exit status."""
    for file in files:
        try:
            load_yaml(Path(file))
        except InputError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
