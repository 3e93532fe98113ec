"""What the machine has, who gets a GPU, and that two jobs never share one."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from ricci_flow.study.machine import ON_DEVICE, devices, gpus, memory_mb


def test_memory_is_what_is_free_or_what_a_container_may_have(tmp_path):
    total = psutil.virtual_memory().total / 1e6
    assert 0 < memory_mb(tmp_path / "none") <= 0.9 * total
    limit = tmp_path / "memory.max"
    limit.write_text("max\n")
    assert 0 < memory_mb(limit) <= 0.9 * total
    limit.write_text("100000000\n")
    assert memory_mb(limit) == 90


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
