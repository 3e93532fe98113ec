"""Slow tests are left out of the quick set, counted there, and run with `--full` or when named."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
TESTS = """
import pytest

def test_quick(): pass

@pytest.mark.slow
def test_slow(): pass
"""


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [([], 1), (["--full"], 2), (["test_both.py"], 2), (["-n", "2"], 1), (["-n", "2", "--full"], 2)],
)
def test_which_tests_run(tmp_path, arguments, passed):
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "test_both.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\ntestpaths = .\n")
    command = [sys.executable, "-m", "pytest", *arguments]
    text = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    assert f"{passed} passed" in text
    assert ("1 slow tests were left out" in text) == (passed == 1)
