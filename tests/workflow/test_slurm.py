"""A study on a real Slurm, through its profile: killed, drained, resumed, and the same tables."""

import re
import signal
import tempfile
import time
from pathlib import Path

import pytest

from tests.slurm_cluster import ACCOUNT, MISSING, Cluster, missing
from tests.workflow.runner import ROOT, Study, kill
from tests.workflow.test_failed_jobs import errors, killing_python

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing()), reason=f"{MISSING} ({', '.join(missing())})"),
]

# Two ensembles of the tiny study; every stage of one is a step of its job.
SMALL = ("--config", "data_sets=[rolls]", "architectures=[short]")
# No accounting here, so squeue tells how jobs are; a test cannot wait 40 s before it first asks.
OF_ENSEMBLE = ("write_config", "check_data_set", "compute_coefficients")
ASKING = ("--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "1")


@pytest.fixture
def cluster():
    with tempfile.TemporaryDirectory(prefix="slurm") as folder, Cluster(Path(folder)) as cluster:
        yield cluster


def wait(process, cluster, what, condition):
    deadline = time.monotonic() + 240
    while not condition():
        assert process.poll() is None, f"ended before {what}: {process.communicate()[0]}"
        assert time.monotonic() < deadline, f"{what}: {cluster.jobs()}; {cluster.logs()}"
        time.sleep(0.1)


def test_a_study_survives_a_kill_and_a_drained_node_to_the_same_tables(cluster, empty, tmp_path):
    here = Study(tmp_path / "on_slurm")
    here.profile = ROOT / "workflow" / "profiles" / "slurm"
    chosen = {"SBATCH_PARTITION": "other", "SBATCH_ACCOUNT": ACCOUNT, "RICCI_FLOW_GPUS": "2"}
    here.variables = {**cluster.variables, **chosen}
    process = here.start("--configfile", "tiny/config.yaml", *SMALL, *ASKING)
    try:
        running = {"1": "RUNNING", "2": "RUNNING"}
        wait(process, cluster, "two ensembles running", lambda: cluster.jobs() == running)
        details = [cluster.ask("scontrol", "--details", "show", "job", job) for job in "12"]
        # What the rules ask for: a core, the most memory of a stage, the time of all stages.
        for text in details:
            assert "Partition=other" in text
            assert f"Account={ACCOUNT} " in text
            assert "cpu=1,mem=1100M" in text
            assert "TimeLimit=01:25:00" in text
        devices = {re.search(r"GRES=gpu:1\(IDX:(\d)\)", text)[1] for text in details}
        assert devices == {"0", "1"}

        # At once: how far each is by then is the machine's choice.
        cluster.ask("scancel", "1")
        node = f"NodeName={cluster.host}"
        cluster.ask("scontrol", "update", node, "State=DRAIN", "Reason=test")

        def waiting():
            """What Slurm says of jobs that wait; what follows job 2 may be one of them."""
            pending = [job for job, state in cluster.jobs().items() if state == "PENDING"]
            return [cluster.ask("scontrol", "--details", "show", "job", job) for job in pending]

        def second():  # twice the memory
            return [text for text in waiting() if "cpu=1,mem=2200M" in text]

        wait(process, cluster, "a second attempt", second)
        wait(process, cluster, "an empty node", lambda: cluster.node_state() == "drained")
        jobs = {"1": "CANCELLED", "2": "COMPLETED"}
        assert jobs.items() <= cluster.jobs().items()
        (text,) = second()
        assert "TimeLimit=02:50:00" in text  # twice the time, too
        cluster.ask("scontrol", "update", node, "State=RESUME")
        text, _ = process.communicate(timeout=600)
    finally:
        kill(process, signal.SIGINT if process.poll() is None else signal.SIGKILL)
    assert process.returncode == 0, text + cluster.logs()
    # Robustness and the excluded networks of the trained ensemble are one more each, and all
    # statistics, figures and the report are one, the page of layers another; data sets are made by
    # Snakemake itself.
    assert cluster.jobs() == {**jobs, **dict.fromkeys("34567", "COMPLETED")}

    # A local run has nothing to add there, and elsewhere makes the same of the two ensembles.
    here.profile = None
    assert here.plan(*SMALL) == set()
    local = empty.tiny(*SMALL)
    assert local.status == 0, local.text
    names = [name for name in here.files() if name.endswith((".parquet", ".safetensors", ".svg"))]
    assert len(names) > 30
    for name in names:
        assert (here.folder / name).read_bytes() == (empty.folder / name).read_bytes(), name


def test_a_job_given_up_does_not_keep_others_from_being_made(cluster, empty):
    """One job at a time, the first training killed: the other ensemble is submitted after that."""
    empty.profile = ROOT / "workflow" / "profiles" / "slurm"
    empty.variables = cluster.variables
    empty.programs = killing_python(empty.folder.parent / "programs", times=1)
    result = empty.tiny(*SMALL, *ASKING, "--jobs", "1", "--retries", "0", "--until", *OF_ENSEMBLE)
    assert result.status == 1
    made = list(empty.folder.glob("results/tiny/coefficients/rolls/short/*/cell.parquet"))
    assert len(made) == 1, result.text + cluster.logs()
    given_up = {"trained": "untrained", "untrained": "trained"}[made[0].parent.name]
    (error,) = {line for line in errors(result.text) if "training" in line}
    assert error.startswith(f"error: training rolls/short/{given_up}: ")
    assert sorted(cluster.jobs().values()) == ["COMPLETED", "FAILED"]
