"""Snakemake, ending after Ctrl-C without a traceback, whenever it comes."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # While modules are imported there is nothing to tidy up.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import sys

from snakemake.cli import main

if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
