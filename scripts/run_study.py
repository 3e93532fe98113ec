"""Set up and run a study; print the path of its report.

Everything on the command line is handed to snakemake: a target, -n, --configfile FILE,
--profile DIRECTORY, ... Paths in it belong to the folder where it is given.
"""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Until there is something to tidy up, Ctrl-C ends this at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import os
import sys
import tempfile
from pathlib import Path

import environment


def main() -> int:
    """Run snakemake on the study; return its exit status."""
    return run(sys.argv[1:])


def run(words: list[str]) -> int:
    """Run snakemake with these words of a command line; return its exit status."""
    environment.prepare()
    from ricci_flow.errors import InputError
    from ricci_flow.study.command_line import resolve

    try:
        arguments, files = resolve(words, Path.cwd(), environment.ROOT)
    except InputError as error:
        sys.exit(f"error: {error}")
    if files:
        status = environment.run("check_configs", *files)
        if status:
            return status
    with tempfile.TemporaryDirectory() as folder:
        # The workflow says in this file where the report is that it has made or found current.
        note = Path(folder) / "report"
        status = environment.run(
            "run_snakemake", *arguments, RICCI_FLOW_REPORT_NOTE=os.fspath(note)
        )
        if status == 0 and note.is_file():
            print(note.read_text("utf-8"))
    return status


if __name__ == "__main__":
    environment.start(main)
