"""What the machine has, who gets a GPU, and that two jobs never share one."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from ricci_flow.study.machine import ON_DEVICE, cores, devices, gpus, memory_mb


def groups(folder: Path, own: str, limits: dict[str, str]) -> tuple[Path, Path]:
    """Make a tree of control groups; return the file of a process's own groups, and its folder.

    own: the content of that file; limits: path in the tree -> content.
    """
    file, tree = folder / "cgroup", folder / "tree"
    file.write_text(own)
    for name, content in limits.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")
    return file, tree


SLURM = "0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_0\n"
OLD = "5:cpu,cpuacct:/slurm/uid_0/job_7\n4:memory:/slurm/uid_0/job_7/step_0\n0::/\n"
JOB = "system.slice/slurmstepd.scope/job_7"


@pytest.mark.parametrize(
    ("own", "limits"),
    [
        ("0::/\n", {"memory.max": "100000000"}),
        # A job in a group that has no limit of its own, within one that has.
        (SLURM, {f"{JOB}/step_0/user/task_0/memory.max": "max", f"{JOB}/memory.max": "100000000"}),
        # The smallest one counts, whichever it is of.
        (SLURM, {f"{JOB}/memory.max": "300000000", "system.slice/memory.max": "100000000"}),
        (SLURM, {f"{JOB}/step_0/memory.max": "100000000", "memory.max": "300000000"}),
        # A container that is told the names outside of it, and sees its own group as the whole.
        ("0::/docker/8f7c\n", {"memory.max": "100000000"}),
        (OLD, {"memory/slurm/uid_0/memory.limit_in_bytes": "100000000"}),
        ("4:memory:/docker/8f7c\n", {"memory/memory.limit_in_bytes": "100000000"}),
    ],
)
def test_memory_is_what_the_groups_of_a_process_may_have(tmp_path, own, limits):
    assert memory_mb(*groups(tmp_path, own, limits)) == 90


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"memory.max": "max"},
        {"memory/memory.limit_in_bytes": "9223372036854771712"},
        {"another.slice/memory.max": "100000000"},  # not of this process
    ],
)
def test_without_a_limit_memory_is_what_is_free(tmp_path, limits):
    total = psutil.virtual_memory().total / 1e6
    assert 90 < memory_mb(*groups(tmp_path, SLURM, limits)) <= 0.9 * total
    assert 90 < memory_mb(tmp_path / "no file", tmp_path / "no folder") <= 0.9 * total


@pytest.mark.parametrize(
    ("own", "limits", "expected"),
    [
        (SLURM, {}, 8),
        (SLURM, {"cpu.max": "max 100000"}, 8),
        (SLURM, {f"{JOB}/cpu.max": "350000 100000", f"{JOB}/step_0/cpu.max": "max 100000"}, 3),
        (SLURM, {f"{JOB}/cpu.max": "600000 100000", "cpu.max": "400000 200000"}, 2),
        (SLURM, {"cpu.max": "20000 100000"}, 1),
        (OLD, {"cpu,cpuacct/slurm/cpu.cfs_quota_us": "-1"}, 8),
        (
            OLD,
            {
                "cpu,cpuacct/slurm/uid_0/cpu.cfs_quota_us": "200000",
                "cpu,cpuacct/slurm/uid_0/cpu.cfs_period_us": "100000",
            },
            2,
        ),
    ],
)
def test_cores_are_those_that_the_groups_of_a_process_may_use(
    tmp_path, monkeypatch, own, limits, expected
):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    assert cores(*groups(tmp_path, own, limits)) == expected


@pytest.mark.parametrize(
    ("variables", "files", "expected"),
    [
        ({}, [], []),
        ({}, ["nvidiactl", "nvidia-uvm", "nvidia10", "nvidia2", "nvidia0"], ["0", "2", "10"]),
        ({"CUDA_VISIBLE_DEVICES": "1, 3"}, ["nvidia0"], ["1", "3"]),
        ({"CUDA_VISIBLE_DEVICES": "GPU-8f7c"}, [], ["GPU-8f7c"]),
        ({"CUDA_VISIBLE_DEVICES": ""}, ["nvidia0"], []),
        ({"CUDA_VISIBLE_DEVICES": "-1"}, ["nvidia0"], []),
        ({"CUDA_VISIBLE_DEVICES": "1, -1, 0"}, ["nvidia0", "nvidia1"], ["1"]),
        ({"CUDA_VISIBLE_DEVICES": "NoDevFiles"}, ["nvidia0"], []),
    ],
)
def test_devices_are_those_chosen_or_the_drivers(tmp_path, variables, files, expected):
    for name in files:
        (tmp_path / name).touch()
    assert devices(variables, tmp_path) == expected


@pytest.mark.parametrize(
    ("device", "variables", "expected"),
    [
        ("cpu", {"CUDA_VISIBLE_DEVICES": "0"}, 0),
        ("auto", {"CUDA_VISIBLE_DEVICES": "0,1"}, 1),
        ("auto", {"CUDA_VISIBLE_DEVICES": "-1"}, 0),
        ("auto", {}, 0),
        ("auto", {"RICCI_FLOW_GPUS": "4"}, 1),
        ("auto", {"RICCI_FLOW_GPUS": "0", "CUDA_VISIBLE_DEVICES": "0"}, 0),
        ("cuda", {}, 1),
    ],
)
def test_a_job_asks_for_a_gpu_where_it_will_use_one(tmp_path, device, variables, expected):
    assert gpus(device, variables, tmp_path) == expected


def start(folder: Path, command: str, visible: str = "3,5") -> subprocess.Popen:
    """Run a command as Snakemake does where shell_exec is set: Popen with that executable."""
    variables = {**os.environ, "CUDA_VISIBLE_DEVICES": visible, "TMPDIR": str(folder)}
    return subprocess.Popen(command, shell=True, executable=str(ON_DEVICE), env=variables)


def test_jobs_share_out_the_devices_and_never_meet_on_one(tmp_path):
    # A folder per device is there while a job runs; mkdir fails where another has made it.
    command = (
        f'cd {tmp_path}; mkdir "on-$CUDA_VISIBLE_DEVICES"; sleep 0.3;'
        ' rmdir "on-$CUDA_VISIBLE_DEVICES"; echo >>"used-$CUDA_VISIBLE_DEVICES"'
    )
    jobs = [start(tmp_path, command) for _ in range(6)]
    assert [job.wait(60) for job in jobs] == [0] * 6
    used = {path.name: len(path.read_text()) for path in tmp_path.glob("used-*")}
    assert set(used) == {"used-3", "used-5"}
    assert sum(used.values()) == 6


@pytest.mark.parametrize(
    ("visible", "names"),
    [
        ("1, ,3", {"1", "3"}),
        (" 7 ,-1,2", {"7"}),
        ("MIG-GPU-8f7c/1/0,MIG-GPU-8f7c/2/0", {"MIG-GPU-8f7c/1/0", "MIG-GPU-8f7c/2/0"}),
    ],
)
def test_devices_are_handed_out_under_cudas_own_names(tmp_path, visible, names):
    command = f'echo "$CUDA_VISIBLE_DEVICES" >>{tmp_path}/used; sleep 1'
    jobs = [start(tmp_path, command, visible) for _ in range(2)]
    assert [job.wait(60) for job in jobs] == [0, 0]
    assert set((tmp_path / "used").read_text().splitlines()) == names
    assert len(list(tmp_path.glob("ricci-flow-devices-*/*"))) == len(names)  # a lock each


def test_a_killed_job_gives_its_device_back_and_errors_pass_through():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hold = f'echo >"{folder}/on-$CUDA_VISIBLE_DEVICES"; exec sleep 600'
        jobs = [start(folder, hold) for _ in range(2)]
        try:
            while not all((folder / f"on-{device}").exists() for device in "35"):
                assert [job.poll() for job in jobs] == [None, None]
                time.sleep(0.05)
            third = start(folder, f'echo "$CUDA_VISIBLE_DEVICES" >{folder}/third; false | true')
            jobs.append(third)
            with pytest.raises(subprocess.TimeoutExpired):
                third.wait(1)
            jobs[1].kill()
            assert third.wait(60) == 1  # as under Snakemake's own shell, set -o pipefail
            assert (folder / "third").read_text().strip() in ("3", "5")
        finally:
            for job in jobs:
                job.kill()
                job.wait()
