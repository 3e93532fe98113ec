"""What a study's jobs cost before they do any work: imports, compiled code, Snakemake.

The fixed cost of a stage is the processor time of its entry on an ensemble of one network of 40
points. Snakemake's own is the processor time of its main process in a run of the tiny study: what
a dry run takes, and what is added for each job. With --study, both are set against the benchmark
files of a study that has been run.
"""

import argparse
import csv
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import common

sys.path.insert(0, str(common.SCRIPTS.parent))
from tests.jobs import arguments, entry_names

ROOT = common.SCRIPTS.parent
STAGES = ("datasets", "training", "graphs", "measures", "coefficients")
NAMES = ["A", "small", "trained"]
ROLL = {"kind": "synthetic", "generator": "double_swiss_roll"}


def fixed_costs(folder: Path) -> dict[str, common.Job]:
    """Return what each stage of an ensemble takes where there is nearly nothing to do."""
    at = folder.joinpath
    data = {"tensors": at("data.safetensors"), "facts": at("facts.json")}
    commands: dict[str, tuple[object, ...]] = {
        "datasets": (
            "make_dataset",
            *arguments(name="A", source={**ROLL, "n_train": 40, "n_test": 40}, **data),
        ),
        "training": (
            "train_ensemble",
            *arguments(
                data=data["tensors"],
                facts=data["facts"],
                data_set="A",
                architecture="small",
                condition="trained",
                entry={"widths": [5, 5, 5]},
                recipe={"epochs": 1},
                networks=1,
                device="cpu",
                weights=at("weights"),
                network_table=at("networks"),
                history=at("history"),
                layers=at("l"),
            ),
        ),
        "graphs": (
            "build_graphs",
            *arguments(names=NAMES, k=[9], layers=at("l"), neighbours=at("lists"), ties=at("ties")),
        ),
        "measures": (
            "measure",
            *arguments(
                names=NAMES,
                measures=common.FORMAN,
                k=[9],
                data=data["tensors"],
                neighbours=at("lists"),
                table=at("table"),
                local_table=at("local"),
            ),
        ),
        "coefficients": (
            "compute_coefficients",
            *arguments(
                measures=at("table"),
                networks=at("networks"),
                network_table=at("network_table"),
                cell_table=at("cells"),
            ),
        ),
    }
    first = {stage: common.run_job(*map(str, commands[stage])) for stage in STAGES}
    again = {stage: common.run_job(*map(str, commands[stage])) for stage in STAGES}
    return {stage: min(first[stage], again[stage]) for stage in STAGES}


def slowest_imports(entry: str, count: int = 4) -> str:
    """Return what takes longest of the imports of an entry's stage, by -X importtime."""
    modules = re.findall(
        r"^    from (ricci_flow\S+) import", (common.SCRIPTS / entry).read_text(), re.M
    )
    program = "; ".join(f"import {module}" for module in modules)
    answer = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program],
        cwd=common.SCRIPTS, capture_output=True, text=True, check=True,
    )  # fmt: skip
    times = {}
    for line in answer.stderr.splitlines():
        fields = line.split("|")
        name = fields[-1].strip()
        if len(fields) == 3 and "." not in name and fields[1].strip().isdigit():
            times[name] = int(fields[1]) / 1e3
    return ", ".join(
        f"{n} {times[n]:.0f} ms" for n in sorted(times, key=times.get)[: -count - 1 : -1]
    )


def read_benchmarks(folder: Path) -> dict[str, list[tuple[float, float]]]:
    """Return (wall, processor) seconds of every job below benchmarks/<study>, by stage."""
    jobs: dict[str, list[tuple[float, float]]] = {}
    for path in sorted(folder.rglob("*.tsv")):
        row = next(csv.DictReader(path.open(), delimiter="\t"))
        seconds = [0.0 if row[key] == "NA" else float(row[key]) for key in ("s", "cpu_time")]
        stage = path.relative_to(folder).parts[0].removesuffix(".tsv")
        jobs.setdefault(stage, []).append((seconds[0], seconds[1]))
    return jobs


# Runs Snakemake and prints the processor time of its main process, and of the jobs.
_SNAKEMAKE = """
import os, sys
from snakemake.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    status = end.code
used = os.times()
print(used.user + used.system, used.children_user + used.children_system)
sys.exit(status)
"""


def run_snakemake(folder: Path, *arguments: str) -> tuple[float, float]:
    """Run the tiny study on one core; return the processor time of Snakemake and of its jobs."""
    answer = subprocess.run(
        [sys.executable, "-c", _SNAKEMAKE, "--snakefile", str(ROOT / "workflow" / "Snakefile"),
         "--workflow-profile", str(ROOT / "workflow" / "profiles" / "default"), "--cores", "1",
         "--configfile", "tiny/config.yaml", "--until", "compute_coefficients", *arguments],
        cwd=folder, check=True, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    own, jobs = map(float, answer.stdout.splitlines()[-1].split())
    return own, jobs


def snakemake_costs(folder: Path) -> tuple[float, float, float, int]:
    """Return what Snakemake takes to begin, for each job, what all jobs take, and their number."""
    for name in ("config", "reports"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "requirements.lock", folder)
    shutil.copytree(ROOT / "tests" / "workflow" / "tiny", folder / "tiny")
    begin, _ = run_snakemake(folder, "--dry-run", "--quiet")
    own, jobs = run_snakemake(folder)
    count = sum(map(len, read_benchmarks(folder / "benchmarks" / "tiny").values()))
    return begin, (own - begin) / count, jobs, count


def main() -> None:
    """Print the costs, and their share in a study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", help="a study that has been run, for the share")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        costs = fixed_costs(Path(name))
    entries = [f"{name}.py" for name in entry_names()]
    for stage, cost in costs.items():
        print(f"{stage:13} fixed {cost.seconds:5.2f} s a job")
    for entry in entries:
        print(f"{entry:25} imports: {slowest_imports(entry)}")
    with tempfile.TemporaryDirectory() as name:
        begin, each, inside, count = snakemake_costs(Path(name))
    own = begin + each * count
    print(
        f"snakemake: {begin:.2f} s to begin and {each:.3f} s a job; in the tiny study {own:.1f} s "
        f"beside the {inside:.1f} s of {count} jobs"
    )
    if arguments.study:
        jobs = read_benchmarks(ROOT / "benchmarks" / arguments.study)
        # Snakemake does not see the processor time of jobs shorter than its first look at them.
        least = {stage: costs[stage].seconds if stage in costs else 0.0 for stage in jobs}
        total = sum(max(cpu, least[stage]) for stage in jobs for _, cpu in jobs[stage])
        fixed = sum(least[stage] * len(jobs[stage]) for stage in jobs)
        count = sum(map(len, jobs.values()))
        own = begin + each * count
        print(
            f"{arguments.study}: {count} jobs of {total:.0f} s processor time and {own:.0f} s of "
            f"Snakemake; fixed costs {fixed:.0f} s; both {(fixed + own) / (total + own):.1%}"
        )


if __name__ == "__main__":
    main()
