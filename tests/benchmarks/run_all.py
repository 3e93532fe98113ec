"""Run every benchmark, one after the other: python tests/benchmarks/run_all.py [NAME ...].

Each is a process of its own with one thread, ended after 15 minutes. Returns 1 if one failed.
"""

import subprocess
import sys
from pathlib import Path

import common  # sets one thread, for the processes started here too

BENCHMARKS = (
    "search_speed",
    "measure_speed",
    "curvature_speed",
    "training_speed",
    "growth",
    "overhead",
)


def main() -> int:
    """Run those named, or all; return the exit status."""
    failed = []
    for name in sys.argv[1:] or BENCHMARKS:
        print(f"== {name}", flush=True)
        command = [sys.executable, str(Path(common.__file__).with_name(f"{name}.py"))]
        try:
            subprocess.run(command, check=True, timeout=900)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            print(f"{name} failed: {error}")
            failed.append(name)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
