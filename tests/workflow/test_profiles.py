"""What the rules ask for, what the profiles allow, and how many jobs a cluster sees."""

import json
import re

import psutil
import pytest
import yaml

from tests.benchmarks.schedule import read_dag, submissions
from tests.workflow.runner import ROOT

SMALL = ("--config", "data_sets=[rolls]", "architectures=[short]")
FORTY_TWO = 7 * 6


def rule_blocks():
    """Return rule -> its text, of all rules that make something."""
    blocks = {}
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        for block in re.split(r"^(?=rule )", path.read_text("utf-8"), flags=re.M)[1:]:
            blocks[re.match(r"rule (\w+):", block)[1]] = block
    return blocks


BLOCKS = rule_blocks()
# The profile's template is plain YAML but for its conditions.
SLURM = yaml.safe_load(
    (ROOT / "workflow" / "profiles" / "slurm" / "config.yaml").read_text("utf-8")
)
LARGE = ["measure_further", "train_checkpoints", "measure_checkpoints"]
TRAINING = ["train_ensemble", "train_checkpoints"]
LOCAL = [rule for rule, block in BLOCKS.items() if "    localrule: True\n" in block]


@pytest.mark.parametrize("rule", BLOCKS)
def test_every_rule_says_what_it_needs_and_where_it_runs(rule):
    block = BLOCKS[rule]
    assert re.search(r"^    threads: 1$", block, re.M)
    assert re.search(r"^        mem_mb=grown\(\d+(, .+)?\),$", block, re.M)
    assert re.search(r"^        runtime=grown\(.+\),$", block, re.M)
    # Only networks are trained on a GPU.
    assert (rule in TRAINING) == ("        gpu=" in block)
    # One of these; a cluster sees a job of its own for every job of a rule that is large enough.
    assert [rule in SLURM["groups"], rule in LOCAL, rule in LARGE].count(True) == 1


def test_groups_name_rules_that_exist():
    assert set(SLURM["groups"]) <= set(BLOCKS)


def test_the_papers_study_is_hundreds_of_jobs_to_a_cluster(empty):
    result = empty.snakemake("--configfile", "config/paper.yaml", "--dag", "--quiet", "all")
    assert result.status == 0, result.text
    jobs = read_dag(result.text)
    # Trained, untrained, shuffled_labels, linear: four stages; random_features: four; and three
    # further blocks of trained and of untrained ones.
    in_ensembles = FORTY_TWO * (4 * 4 + 4 + 3 * 2)
    alone = submissions(jobs, {}, ["all", *LOCAL])
    assert in_ensembles < alone < in_ensembles + 40
    # Random features run in the job of the ensemble they are matched to; one job makes the pages,
    # and one that of layers, which needs none of what the others do.
    assert submissions(jobs, SLURM["groups"], ["all", *LOCAL]) == FORTY_TWO * (4 + 3 * 2) + 2


def times_of_training(study):
    """Return (start, end) of each training, by Snakemake's records."""
    times = {}
    for path in (study.folder / ".snakemake" / "metadata").rglob("*"):
        if path.is_file():
            entry = json.loads(path.read_text("utf-8"))
            if entry["rule"] == "train_ensemble":
                times[entry["shellcmd"]] = (entry["starttime"], entry["endtime"])
    return sorted(times.values())


def test_memory_is_limited_to_what_is_free_and_the_limit_is_kept(finished, empty):
    limit = re.search(r'mem_mb=Resource\("mem_mb", (\d+)\)', finished.first.text)
    assert 0 < int(limit[1]) <= 0.9 * psutil.virtual_memory().total / 1e6
    # Two cores would train both at once; a training asks for more than half of this.
    need = int(re.search(r"mem_mb=grown\((\d+),", BLOCKS["train_ensemble"])[1])
    limits = ("--resources", "gate=1000", "gpu=0", f"mem_mb={2 * need - 1}")
    result = empty.tiny(*SMALL, "--cores", "2", *limits, "--until", "train_ensemble")
    assert result.status == 0, result.text
    first, second = times_of_training(empty)
    assert first[1] <= second[0]


def test_several_devices_take_one_job_each(empty, tmp_path):
    empty.variables = {"CUDA_VISIBLE_DEVICES": "0,1", "TMPDIR": str(tmp_path)}
    result = empty.tiny(*SMALL, "--until", "train_ensemble")
    assert result.status == 0, result.text
    assert 'gpu=Resource("gpu", 2)' in result.text
    # The shell that hands out devices ran (tests/unit/test_machine.py: how): its locks are there.
    locks = {path.name for path in tmp_path.glob("ricci-flow-devices-*/*")}
    assert "0" in locks
    assert locks <= {"0", "1"}
