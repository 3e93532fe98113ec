"""What this machine has: memory, cores and GPUs, for the limits of the local profile and the rules.

A container, a Slurm job or a systemd scope is a control group (cgroup) within others, and each of
them may have limits of its own; the smallest one counts.
"""

import contextlib
import itertools
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

# Runs a job's command on a GPU that no other job is using.
ON_DEVICE = Path(__file__).resolve().parents[2] / "on_device.sh"
# What is left to the system and to other programs.
_SHARE = 0.9
# What some schedulers put in CUDA_VISIBLE_DEVICES for a job without a GPU.
_NONE = "NoDevFiles"
_HAS_AFFINITY = hasattr(os, "sched_getaffinity")
# Where Linux says which groups a process is in, and where it shows their limits.
_OWN = Path("/proc/self/cgroup")
_TREE = Path("/sys/fs/cgroup")


def memory_mb(own: Path = _OWN, tree: Path = _TREE) -> int:
    """Return the MB that jobs may fill: nine tenths of what is free, or of a smaller limit.

    own: the file with this process's control groups; tree: the folder of all of them.
    """
    import psutil

    free = psutil.virtual_memory().available
    for folder in _groups("memory", own, tree):
        for name in ("memory.max", "memory.limit_in_bytes"):  # versions 2 and 1
            with contextlib.suppress(OSError, ValueError):  # no such file, or `max`: no limit
                free = min(free, int((folder / name).read_text()))
    return int(_SHARE * free / 1e6)


def cores(own: Path = _OWN, tree: Path = _TREE) -> int:
    """Return how many cores jobs may use: those of this process, or a smaller limit, at least one.

    A limit of 2.5 cores counts as two. own, tree: as for memory_mb.
    """
    available = float(len(os.sched_getaffinity(0)) if _HAS_AFFINITY else os.cpu_count() or 1)
    for folder in _groups("cpu", own, tree):
        for names in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
            with contextlib.suppress(OSError, ValueError):
                quota, period = " ".join((folder / name).read_text() for name in names).split()
                if int(quota) > 0:  # -1: no limit
                    available = min(available, int(quota) / int(period))
    return max(1, int(available))


def _groups(controller: str, own: Path, tree: Path) -> Iterator[Path]:
    """Yield the folders of a process's control group and of all that hold it.

    controller: `memory` or `cpu`, for version 1, where each has a tree of its own. In a container
    the names are often those outside of it, and only the outermost folder is there.
    """
    try:
        lines = own.read_text("utf-8").splitlines()
    except OSError:  # not Linux
        lines = []
    for line in ["0::/", f"1:{controller}:/", *lines]:
        number, _, rest = line.partition(":")
        controllers, _, name = rest.partition(":")
        if number == "0":
            roots = [tree, tree / "unified"]
        elif controller in controllers.split(","):
            roots = [tree / controllers, tree / controller]
        else:
            continue
        group = PurePosixPath(name.lstrip("/"))
        for root in roots:
            yield from (root / part for part in (group, *group.parents))


def devices(variables: Mapping[str, str] = os.environ, folder: Path = Path("/dev")) -> list[str]:
    """Return the names of the GPUs that programs may use, as CUDA_VISIBLE_DEVICES has them.

    That variable decides where it is set; elsewhere the device files of the NVIDIA driver count.
    As in CUDA, the first negative number ends the list, so -1 hides all.
    """
    chosen = variables.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        names = (name.strip() for name in chosen.split(","))
        shown = itertools.takewhile(lambda name: not name.startswith("-"), names)
        return [name for name in shown if name not in ("", _NONE)]
    numbers = [re.fullmatch(r"nvidia(\d+)", path.name) for path in folder.glob("nvidia*")]
    return sorted((match[1] for match in numbers if match), key=int)


def gpus(
    device: str, variables: Mapping[str, str] = os.environ, folder: Path = Path("/dev")
) -> int:
    """Return how many GPUs a job asks for: one where its `device` will be a GPU, else none.

    `auto` counts on one where this machine has one, or where RICCI_FLOW_GPUS, the number of GPUs
    that a cluster's jobs may use at once, says that there are some.
    """
    told = variables.get("RICCI_FLOW_GPUS")
    available = int(told) if told else len(devices(variables, folder))
    return int(device == "cuda" or (device == "auto" and available > 0))
