"""How long a study takes on more cores, or with GPUs: measured job costs scheduled over its jobs.

The jobs and what they wait for come from snakemake --dag, their costs from the benchmark files of
a study that was run (where a condition was not run, or with another number of networks, those of
another condition: --like and --share). Each free core takes the job of the highest priority that
is ready, as Snakemake does. --check runs a small study on one core and on two, predicts each from
the costs of the other, and fails where a prediction is off by more than a fifth.
"""

import argparse
import csv
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from types import MappingProxyType
from typing import NamedTuple

from schedule import Job, critical_path, list_schedule, read_dag, read_priorities

ROOT = Path(__file__).resolve().parents[2]
OF_ENSEMBLE = ("training", "random_features", "graphs", "measures", "coefficients")
SMALL = ("--config", "data_sets=[A]", "conditions=[trained,untrained]")
# Measured by overhead.py: what Snakemake adds to a job.
OVERHEAD = 0.06
# How far a prediction of --check may be off.
TOLERANCE = 0.2


def read_costs(folder: Path, clock: str) -> dict[tuple[str, ...], float]:
    """Return seconds by (stage, data set, ...) from benchmark files; clock: `s` or `cpu_time`.

    Snakemake samples the processor time: of a job of less than a second it may see none, and then
    the clock's time counts.
    """
    costs = {}
    for path in sorted(folder.rglob("*.tsv")):
        row = next(csv.DictReader(path.open(encoding="utf-8"), delimiter="\t"))
        wall = float(row["s"])
        key = path.relative_to(folder).with_suffix("").parts
        costs[key] = wall if clock == "s" or wall < 1 or row[clock] == "NA" else float(row[clock])
    return costs


def cost_of(
    job: Job, costs: Mapping[tuple[str, ...], float], like: Mapping[str, str], share: float
) -> float:
    """Return what a job costs; 0 for one whose stage was not measured (`main` names them)."""
    names = [job.names.get(name, "") for name in ("data_set", "architecture", "condition")]
    if job.rule == "measure_further":
        return costs.get((job.stage, *names, job.names["block"]), 0.0)
    if job.stage in OF_ENSEMBLE:
        block = ["main"] if job.stage == "measures" else []
        if names[2] not in like:
            return costs[(job.stage, *names, *block)]
        stage = "training" if job.stage == "random_features" else job.stage
        return share * costs[(stage, *names[:2], like[names[2]], *block)]
    if job.stage == "datasets":
        return costs[(job.stage, names[0])]
    of_stage = [cost for key, cost in costs.items() if key[0] == job.stage]
    if job.stage.startswith("draw_"):
        of_stage = [cost for key, cost in costs.items() if key[0] == "figures"]
    return fmean(of_stage) if of_stage else 0.0


def predict(
    jobs: Mapping[int, Job], costs: Mapping[int, float], cores: int, gpus: int = 0,
    speedup: Mapping[str, float] = MappingProxyType({}), overhead: float = OVERHEAD,
) -> float:  # fmt: skip
    """Return the seconds of a run.

    speedup: by stage that runs on a GPU, how much faster than on a core; overhead: of every job.
    """
    priorities = read_priorities(ROOT / "workflow" / "rules")
    order = sorted(jobs, key=lambda number: -priorities.get(jobs[number].rule, 0))
    kinds = {n: "gpu" if gpus and jobs[n].stage in speedup else "core" for n in order}
    taken = {
        n: overhead + costs[n] / (speedup[jobs[n].stage] if kinds[n] == "gpu" else 1.0)
        for n in order
    }
    waits = {number: jobs[number].waits for number in order}
    alone = frozenset(n for n in order if jobs[n].stage in ("datasets", "check_data_set"))
    return list_schedule(waits, taken, {"core": cores, "gpu": gpus}, kinds, alone)


class Run(NamedTuple):
    """A run of the small study: its jobs, their costs, seconds of a start and of it all."""

    jobs: Mapping[int, Job]
    costs: Mapping[int, float]
    start: float
    seconds: float


def snakemake(folder: Path, *arguments: str) -> tuple[str, float]:
    """Run snakemake on this checkout's workflow in a folder; return its output and its seconds."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "workflow" / "Snakefile"),
         "--workflow-profile", str(ROOT / "workflow" / "profiles" / "default"), *arguments],
        cwd=folder, capture_output=True, text=True, timeout=3600,
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return done.stdout + done.stderr, time.monotonic() - begun


def prepare(folder: Path) -> Path:
    """Copy into a folder what a study needs."""
    for name in ("config", "reports"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "requirements.lock", folder)
    return folder


def run(study: Sequence[str], cores: int) -> Run:
    """Run a study from nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder = prepare(Path(name))
        jobs = read_dag(snakemake(folder, *study, "--dag")[0])
        _, start = snakemake(folder, *study, "--dry-run")
        _, seconds = snakemake(folder, *study, "--cores", str(cores))
        measured = read_costs(next((folder / "benchmarks").iterdir()), "s")
    costs = {number: cost_of(jobs[number], measured, {}, 1.0) for number in jobs}
    return Run(jobs, costs, start, seconds)


def check(study: Sequence[str]) -> bool:
    """Run a study on one core and on two; print what each predicts of the other, and the clock.

    Returns whether both predictions are near enough.
    """
    with tempfile.TemporaryDirectory() as name:
        # What Snakemake adds to a job here and now, from the first stages on one core.
        folder = prepare(Path(name))
        first = ("--until", "train_ensemble", "write_config", "check_data_set")
        _, start = snakemake(folder, *study, "--dry-run", *first)
        text, wall = snakemake(folder, *study, "--cores", "1", *first)
        inside = sum(read_costs(next((folder / "benchmarks").iterdir()), "s").values())
        count = int(re.findall(r"of (\d+) steps", text)[-1])
        overhead = max((wall - start - inside) / count, 0.0)
        print(f"Snakemake adds {overhead:.2f} s to each of {count} jobs", flush=True)
    runs = {cores: run(study, cores) for cores in (1, 2)}
    near = True
    for cores, other in ((1, 2), (2, 1)):
        jobs, costs, start, _ = runs[other]
        told = start + predict(jobs, costs, cores, overhead=overhead)
        took = runs[cores].seconds
        off = told / took - 1
        print(
            f"{cores} cores: {len(jobs)} jobs of {sum(costs.values()):.1f} s on {other}, "
            f"start {start:.1f} s; predicted {told:.1f} s, took {took:.1f} s, {off:+.0%}"
        )
        near = near and abs(off) <= TOLERANCE
    return near


def main() -> int:
    """Print the table, or the check; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="run a small study on 1 and 2 cores")
    parser.add_argument("--benchmarks", type=Path, help="benchmarks/<study> of a run")
    parser.add_argument("--study", nargs=argparse.REMAINDER, default=SMALL,
                        help="last: what snakemake is given, --configfile FILE")  # fmt: skip
    parser.add_argument("--clock", choices=("cpu_time", "s"), default="cpu_time")
    parser.add_argument("--like", nargs="*", default=(), metavar="NEW=OLD",
                        help="a condition that was not run costs what another does")  # fmt: skip
    parser.add_argument("--share", type=float, default=1.0, help="of that, such as 12/36 networks")
    parser.add_argument("--speedup", nargs="*", default=(), metavar="STAGE=FACTOR",
                        help="assumed, of a GPU against a core")  # fmt: skip
    arguments = parser.parse_args()
    if arguments.check:
        return 0 if check(arguments.study) else 1
    with tempfile.TemporaryDirectory() as name:
        jobs = read_dag(snakemake(prepare(Path(name)), *arguments.study, "--dag")[0])
    measured = read_costs(arguments.benchmarks, arguments.clock)
    like = dict(pair.split("=") for pair in arguments.like)
    costs = {number: cost_of(jobs[number], measured, like, arguments.share) for number in jobs}
    waits = {number: jobs[number].waits for number in jobs}
    print(f"{len(jobs)} jobs, {sum(costs.values()) / 60:.1f} min; critical path "
          f"{critical_path(waits, costs) / 60:.1f} min")  # fmt: skip
    free = sorted({jobs[number].rule for number in jobs if not costs[number]} - {"all"})
    print(f"not measured, counted as nothing: {', '.join(free) or 'none'}")
    for cores in (1, 2, 4, 16, 64, 256):
        print(f"{cores:4} cores            {predict(jobs, costs, cores) / 60:7.1f} min")
    speedup = {pair.split("=")[0]: float(pair.split("=")[1]) for pair in arguments.speedup}
    for gpus in (1, 2, 4, 8) if speedup else ():
        minutes = predict(jobs, costs, 16, gpus, speedup) / 60
        print(f"{16:4} cores, {gpus} GPUs     {minutes:7.1f} min")
    return 0


if __name__ == "__main__":
    sys.exit(main())
