"""A study's jobs and when they end: Snakemake's graph read, and jobs scheduled over machines."""

import heapq
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

STAGES = {
    "make_dataset": "datasets",
    "train_ensemble": "training",
    "draw_random_features": "random_features",
    "build_graphs": "graphs",
    "measure": "measures",
    "compute_coefficients": "coefficients",
    "measure_further": "measures",
    "compute_statistics": "statistics",
    "render_report": "report",
    "render_explore": "explore",
}


class Job(NamedTuple):
    """A job: its rule, its wildcards, and the numbers of the jobs it waits for."""

    rule: str
    names: Mapping[str, str]
    waits: tuple[int, ...]

    @property
    def stage(self) -> str:
        """Return the folder (or file) of the rule's benchmarks."""
        return STAGES.get(self.rule, self.rule)


def read_dag(text: str) -> dict[int, Job]:
    """Return the jobs of `snakemake --dag`, which names a wildcard only where it first occurs."""
    labels = {
        int(number): label.split("\\n")
        for number, label in re.findall(r'^\s*(\d+)\[label = "(.*?)"', text, re.M)
    }
    waits: dict[int, list[int]] = {number: [] for number in labels}
    for before, after in re.findall(r"^\s*(\d+) -> (\d+)$", text, re.M):
        waits[int(after)].append(int(before))
    jobs: dict[int, Job] = {}

    def add(number: int) -> Job:
        if number not in jobs:
            rule, *own = labels[number]
            names: dict[str, str] = {}
            # The parent with most names last: of a data set and an ensemble, the ensemble.
            for parent in sorted(
                (add(parent) for parent in waits[number]), key=lambda j: len(j.names)
            ):
                names |= parent.names
            names |= dict(item.split(": ", 1) for item in own)
            jobs[number] = Job(rule, names, tuple(waits[number]))
        return jobs[number]

    for number in labels:
        add(number)
    return jobs


def read_priorities(folder: Path) -> dict[str, int]:
    """Return the priority of every rule in the files of a folder; 0 where a rule names none."""
    priorities = {}
    for path in sorted(folder.glob("*.smk")):
        for block in re.split(r"^(?=rule )", path.read_text("utf-8"), flags=re.M)[1:]:
            named = re.search(r"^    priority: (\d+)$", block, re.M)
            priorities[block.partition(":")[0].split()[1]] = int(named[1]) if named else 0
    return priorities


def list_schedule(
    waits: Mapping[int, Sequence[int]], costs: Mapping[int, float], machines: Mapping[str, int],
    kinds: Mapping[int, str], alone: frozenset[int] = frozenset(),
) -> float:  # fmt: skip
    """Return when the last job ends if a free machine of a job's kind takes the first one ready.

    alone: jobs beside which no other runs. Jobs are taken in the order of `costs`.
    """
    order = {number: place for place, number in enumerate(costs)}
    left = {number: len(waits[number]) for number in costs}
    after: dict[int, list[int]] = {number: [] for number in costs}
    for number in costs:
        for before in waits[number]:
            after[before].append(number)
    ready = sorted((number for number in costs if not left[number]), key=order.__getitem__)
    free = dict(machines)
    running: list[tuple[float, int]] = []
    now = 0.0
    while ready or running:
        for number in list(ready):
            lonely = number in alone
            blocked = any(other in alone for _, other in running) or (lonely and running)
            if free[kinds[number]] > 0 and not blocked:
                ready.remove(number)
                free[kinds[number]] -= 1
                heapq.heappush(running, (now + costs[number], number))
        if not running:
            raise ValueError("no machine for the jobs that are left")
        now, number = heapq.heappop(running)
        free[kinds[number]] += 1
        for then in after[number]:
            left[then] -= 1
            if not left[then]:
                ready.append(then)
        ready.sort(key=order.__getitem__)
    return now


def critical_path(waits: Mapping[int, Sequence[int]], costs: Mapping[int, float]) -> float:
    """Return the longest sum of costs along jobs that wait for each other."""
    ends: dict[int, float] = {}

    def end(number: int) -> float:
        if number not in ends:
            ends[number] = costs[number] + max(map(end, waits[number]), default=0.0)
        return ends[number]

    return max(map(end, costs))


def submissions(jobs: Mapping[int, Job], groups: Mapping[str, str], local: Sequence[str]) -> int:
    """Return how many jobs a cluster sees: jobs of one group that wait for each other are one.

    groups: rule -> group; local: rules whose jobs Snakemake runs itself.
    """
    root = {number: number for number in jobs}

    def find(number: int) -> int:
        while root[number] != number:
            number = root[number]
        return number

    for number, job in jobs.items():
        for before in job.waits:
            group = groups.get(job.rule)
            if group is not None and groups.get(jobs[before].rule) == group:
                root[find(number)] = find(before)
    return len({find(number) for number, job in jobs.items() if job.rule not in local})
