"""Scheduling of a study's jobs: closed forms, and bounds that every list schedule keeps."""

from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.schedule import (
    critical_path,
    list_schedule,
    read_dag,
    read_priorities,
    submissions,
)

CORES = {"core": 3}


def all_on(costs, kind="core"):
    return dict.fromkeys(costs, kind)


@pytest.mark.parametrize(
    ("cores", "expected"), [(1, 14.0), (2, 8.0), (3, 6.0), (7, 2.0), (99, 2.0)]
)
def test_equal_jobs_fill_the_cores(cores, expected):
    costs = dict.fromkeys(range(7), 2.0)
    waits = {number: () for number in costs}
    assert list_schedule(waits, costs, {"core": cores}, all_on(costs)) == expected


def test_a_chain_gains_nothing_and_kinds_do_not_mix():
    costs = {0: 1.0, 1: 2.0, 2: 4.0}
    chain = {0: (), 1: (0,), 2: (1,)}
    assert list_schedule(chain, costs, CORES, all_on(costs)) == critical_path(chain, costs) == 7.0
    free = {0: (), 1: (), 2: ()}
    kinds = {0: "gpu", 1: "gpu", 2: "core"}
    assert list_schedule(free, costs, {"core": 3, "gpu": 1}, kinds) == 4.0
    kinds[2] = "gpu"
    assert list_schedule(free, costs, {"core": 3, "gpu": 1}, kinds) == 7.0
    with pytest.raises(ValueError, match="no machine"):
        list_schedule(free, costs, {"core": 3, "gpu": 0}, kinds)


def test_jobs_that_run_alone_have_nothing_beside_them():
    costs = {0: 5.0, 1: 1.0, 2: 1.0}
    waits = {number: () for number in costs}
    assert list_schedule(waits, costs, CORES, all_on(costs), frozenset({0})) == 6.0
    assert list_schedule(waits, costs, CORES, all_on(costs), frozenset({1})) == 6.0


@pytest.mark.parametrize("seed", range(20))
def test_bounds_of_every_list_schedule(seed):
    """Graham 1966: between max(work/m, path) and work/m + (1 - 1/m) path."""
    generator = np.random.default_rng(seed)
    costs = {number: float(generator.uniform(0.1, 3)) for number in range(40)}
    waits = {n: tuple(int(m) for m in range(n) if generator.random() < 0.08) for n in costs}
    work, path = sum(costs.values()), critical_path(waits, costs)
    for cores in (1, 2, 5):
        end = list_schedule(waits, costs, {"core": cores}, all_on(costs))
        assert max(work / cores, path) - 1e-9 <= end <= work / cores + (1 - 1 / cores) * path + 1e-9


DAG = r"""digraph snakemake_dag {
	0[label = "all", color = "0"];
	1[label = "train_ensemble\narchitecture: short\ncondition: trained", color = "0"];
	2[label = "make_dataset\ndata_set: rolls", color = "0"];
	3[label = "draw_random_features\ncondition: random_features", color = "0"];
	4[label = "dump_activations", color = "0"];
	5[label = "build_graphs", color = "0"];
	6[label = "build_graphs", color = "0"];
	5 -> 0
	6 -> 0
	2 -> 1
	4 -> 3
	1 -> 3
	2 -> 4
	1 -> 4
	4 -> 5
	3 -> 6
}"""


def test_wildcards_come_from_the_jobs_before():
    jobs = read_dag(DAG)
    ensemble = {"data_set": "rolls", "architecture": "short", "condition": "trained"}
    assert jobs[4].names == jobs[5].names == ensemble
    assert jobs[6].names == ensemble | {"condition": "random_features"}
    assert jobs[6].stage == "graphs"
    assert jobs[6].waits == (3,)


def test_priorities_are_those_of_the_rules(tmp_path):
    (tmp_path / "a.smk").write_text(
        "rule first:\n    output:\n        'a',\n    priority: 30\n\n\n"
        "rule second:\n    output:\n        'priority: 9',\n"
    )
    (tmp_path / "b.smk").write_text("X = 1\n\n\nrule third:\n    priority: 100\n")
    assert read_priorities(tmp_path) == {"first": 30, "second": 0, "third": 100}
    own = read_priorities(Path("workflow/rules"))
    assert own["train_ensemble"] < own["build_graphs"] < own["measure"]
    assert max(own, key=own.get) in ("make_dataset", "check_data_set")


def test_jobs_of_a_group_are_one_where_they_touch():
    jobs = read_dag(DAG)
    assert submissions(jobs, {}, ["all"]) == 6
    assert submissions(jobs, {"build_graphs": "g"}, ["all"]) == 6
    rules = ("train_ensemble", "dump_activations", "build_graphs")
    # Random features stay alone, and so do the graphs that wait for them.
    assert submissions(jobs, dict.fromkeys(rules, "g"), ["all", "make_dataset"]) == 3
