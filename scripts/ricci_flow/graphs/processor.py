"""Which of numpy's code suits this processor, decided before numpy is imported.

Zen 4 (AMD's family 25 with AVX-512) stores compressed vectors so slowly that numpy's AVX-512
`partition`, where the neighbour search spends half of its time, is three times slower than its
AVX2 code. Both sort integers, so results are the same.
"""

import os
import sys
from pathlib import Path

_SWITCH = "NPY_DISABLE_CPU_FEATURES"


def compresses_slowly(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Say whether this is a Zen 4, by the first processor of Linux's list; False elsewhere."""
    try:
        first = cpuinfo.read_text("utf-8").partition("\n\n")[0]
    except OSError:
        return False
    pairs = (line.partition(":")[::2] for line in first.splitlines())
    facts = {name.strip(): value.strip() for name, value in pairs}
    known = facts.get("vendor_id"), facts.get("cpu family")
    return known == ("AuthenticAMD", "25") and "avx512f" in facts.get("flags", "").split()


def choose_code(cpuinfo: Path = Path("/proc/cpuinfo")) -> None:
    """Have numpy do without AVX-512 on a Zen 4, in a process that has not imported it yet.

    A choice that is in the environment already is kept.
    """
    if "numpy" not in sys.modules and _SWITCH not in os.environ and compresses_slowly(cpuinfo):
        os.environ[_SWITCH] = "X86_V4"
