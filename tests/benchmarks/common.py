"""What the benchmarks share: one thread, clocks, test layers, jobs as they run in a study.

Imported before numpy, so that every library has one thread. Times are of the processor, not of
the clock, so that other work on the machine changes them little; ratios are what counts.
"""

import os

for _variable in ("OMP", "MKL", "OPENBLAS", "NUMBA"):
    os.environ[f"{_variable}_NUM_THREADS"] = "1"
os.environ["POLARS_MAX_THREADS"] = "1"

import json  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Sequence  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import NamedTuple  # noqa: E402

import numpy as np  # noqa: E402

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
IMAGE_GRID = [10, 20, 30, 50, 90, 100, 120, 150, 250, 350, 500]  # the paper's, for images


def clock(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the least of `repeats` processor times of work(), in seconds."""
    times = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def make_layers(n: int, depth: int, width: int = 50, seed: int = 0) -> list[np.ndarray]:
    """Return activations (n, width) float32 of a random ReLU network on a 10-dimensional cloud."""
    generator = np.random.default_rng(seed)
    h = generator.normal(size=(n, 10))
    layers = []
    for _ in range(depth):
        weights = generator.normal(size=(h.shape[1], width)) * np.sqrt(2 / h.shape[1])
        h = np.maximum(h @ weights, 0)
        layers.append(h.astype(np.float32))
    return layers


class Job(NamedTuple):
    """What a job took: processor seconds, and peak resident memory in MB."""

    seconds: float
    memory: float


# A small process between this one and the job: a process begins with the memory of the one that
# started it, and getrusage counts that.
_LAUNCHER = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[2:], timeout=float(sys.argv[1]), capture_output=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stderr.write(done.stderr.decode())
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(done.returncode)
"""


# Entries of the catalogue of measures.
FORMAN = {name: {"module": name} for name in ("forman_directed", "forman_union")}


def run_job(entry: str, /, *arguments: object, timeout: float = 600, **fields: object) -> Job:
    """Run an entry of scripts/ as a study does, in a process of its own.

    fields: of its Job, paths too. Raises RuntimeError where it fails or takes longer than `timeout`
    seconds.
    """
    settings = [json.dumps(fields, default=str)] if fields else []
    job = [sys.executable, "-m", entry, *settings, *map(str, arguments)]
    answer = subprocess.run(
        [sys.executable, "-c", _LAUNCHER, str(timeout), *job],
        cwd=SCRIPTS,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise RuntimeError(f"{' '.join(job)} failed: {answer.stderr}")
    seconds, peak = map(float, answer.stdout.split())
    return Job(seconds, peak / (1e6 if sys.platform == "darwin" else 1e3))


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return b of costs ~ sizes^b, by least squares on logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])
