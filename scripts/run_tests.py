"""Set up and run all checks: style, types, layers, workflow lint, tests; the command of CI.

Slow tests run with `--full` only. Other arguments are handed to pytest (`tests/unit`, `-k graphs`);
with any, only pytest runs.
"""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Until there is something to tidy up, Ctrl-C ends this at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import sys

import environment

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("check_layers",),
    ("snakefmt", "--check", "workflow"),
    ("snakemake", "--lint"),
)


def main() -> int:
    """Run the checks one after the other; return the first exit status that is not 0."""
    environment.prepare()
    full = sys.argv[1:] == ["--full"]
    if len(sys.argv) > 1 and not full:
        return environment.run("pytest", *sys.argv[1:])
    for check in CHECKS:
        print("$", *check, flush=True)
        status = environment.run(*check)
        if status:
            return status
    # One worker per core; a file of tests stays with one worker, for its fixtures are costly.
    spread = ("-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder")
    return environment.run("pytest", *spread, *sys.argv[1:])


if __name__ == "__main__":
    environment.start(main)
