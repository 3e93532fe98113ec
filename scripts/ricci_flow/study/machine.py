"""What this machine has: memory and GPUs, for the limits of the local profile and the rules."""

import contextlib
import itertools
import os
import re
from collections.abc import Mapping
from pathlib import Path

# Runs a job's command on a GPU that no other job is using.
ON_DEVICE = Path(__file__).resolve().parents[2] / "on_device.sh"
# What is left to the system and to other programs.
_SHARE = 0.9
# What some schedulers put in CUDA_VISIBLE_DEVICES for a job without a GPU.
_NONE = "NoDevFiles"


def memory_mb(limit: Path = Path("/sys/fs/cgroup/memory.max")) -> int:
    """Return the MB that jobs may fill: nine tenths of what is free, or of a container's limit.

    limit: the file in which Linux gives a container's limit in bytes, or `max`.
    """
    import psutil

    free = psutil.virtual_memory().available
    with contextlib.suppress(OSError, ValueError):  # no such file, or no limit
        free = min(free, int(limit.read_text()))
    return int(_SHARE * free / 1e6)


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
