"""The choice of numpy's code: made for one processor only, and without a trace in the results."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ricci_flow.graphs.processor import choose_code, compresses_slowly
from ricci_flow.storage import write_tensors

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
ZEN_4 = {"vendor_id": "AuthenticAMD", "cpu family": "25", "flags": "fpu sse avx2 avx512f avx512vl"}
SWITCH = "NPY_DISABLE_CPU_FEATURES"


def cpuinfo(folder, **changes):
    one = {**ZEN_4, **{name.replace("_", " "): value for name, value in changes.items()}}
    text = "".join(f"{name}\t: {value}\n" for name, value in one.items())
    (folder / "cpuinfo").write_text(f"{text}\n{text}\n")
    return folder / "cpuinfo"


@pytest.mark.parametrize(
    ("changes", "slow"),
    [
        ({}, True),
        ({"flags": "fpu sse avx2"}, False),  # Zen 3 is of the same family
        ({"cpu_family": "26"}, False),  # Zen 5
    ],
)
def test_one_family_with_avx_512(tmp_path, changes, slow):
    assert compresses_slowly(cpuinfo(tmp_path, **changes)) == slow


def test_other_makers_and_systems(tmp_path):
    path = cpuinfo(tmp_path)
    path.write_text(path.read_text().replace("AuthenticAMD", "GenuineIntel"))
    assert not compresses_slowly(path)
    assert not compresses_slowly(tmp_path / "absent")


def choice(path, before, **variables):
    """What a process of its own has in the environment afterwards."""
    program = (
        f"{before}\nimport os\nfrom pathlib import Path\n"
        "from ricci_flow.graphs.processor import choose_code\n"
        f"choose_code(Path({str(path)!r}))\nprint(os.environ.get({SWITCH!r}))"
    )
    environment = {k: v for k, v in os.environ.items() if k != SWITCH} | variables
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=SCRIPTS, env=environment,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return answer.stdout.strip()


def test_the_choice_is_made_in_time_or_not_at_all(tmp_path):
    path = cpuinfo(tmp_path)
    assert choice(path, "") == "X86_V4"
    assert choice(path, "import numpy") == "None"
    assert choice(path, "", **{SWITCH: "AVX512_ICL"}) == "AVX512_ICL"
    assert choice(cpuinfo(tmp_path, flags="avx2"), "") == "None"
    choose_code(path)  # numpy is here already
    assert SWITCH not in os.environ


def test_neighbours_are_the_same_to_the_bit(tmp_path):
    rng = np.random.default_rng(0)
    points = rng.normal(size=(2, 300, 4)).astype(np.float32)
    tied = rng.integers(0, 3, size=(2, 300, 3)).astype(np.float32)
    write_tensors(tmp_path / "layers", {"layer_1": points, "layer_2": tied})
    made = []
    for switch in ("", "X86_V4"):
        command = [sys.executable, "-m", "build_graphs", "--layers", tmp_path / "layers",
                   "--k", "40", "--names", "a", "b", "c", "--neighbours", tmp_path / f"n{switch}",
                   "--ties", tmp_path / f"t{switch}"]  # fmt: skip
        environment = {**os.environ, SWITCH: switch}
        subprocess.run(list(map(str, command)), cwd=SCRIPTS, env=environment, check=True)
        made.append([(tmp_path / f"{name}{switch}").read_bytes() for name in "nt"])
    assert made[0] == made[1]
