"""Set up and run every study of the atlas; write results/atlas/index.html from their tables.

Everything on the command line is handed to snakemake for each of them: -n, --cores 4, ...
"""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Until there is something to tidy up, Ctrl-C ends this at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import re
import sys

import environment
import run_study

OVERVIEW = "results/atlas/index.html"


def main() -> int:
    """Run the studies one after the other; return the first exit status that is not 0."""
    first = 0
    for path in sorted((environment.ROOT / "config" / "atlas").glob("*.yaml")):
        if not re.search(r"^study:", path.read_text("utf-8"), re.MULTILINE):  # a catalogue
            continue
        print(f"[atlas] {path.name}", file=sys.stderr, flush=True)
        status = run_study.run(["--configfile", str(path), *sys.argv[1:]])
        first = first or status
    if {"-n", "--dry-run", "--dryrun"} & set(sys.argv):
        return first
    # A study that failed is named there.
    status = environment.run("write_atlas_page", "--results", "results", "--output", OVERVIEW)
    if status == 0:
        print(f"Atlas: {environment.ROOT / OVERVIEW}")
    return first or status


if __name__ == "__main__":
    environment.start(main)
