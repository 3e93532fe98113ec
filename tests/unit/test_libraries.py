"""Which libraries ran: by the files that were loaded, not by what a list says."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

from ricci_flow.libraries import DISTRIBUTIONS, installed, normal, versions
from ricci_flow.study.code import imports_of

SCRIPTS = Path("scripts").resolve()


def entry(code: str, folder: Path, **variables: str) -> subprocess.CompletedProcess:
    """Run an entry whose body is `code`; its log is in the folder."""
    text = (
        "import pathlib, sys\n"
        "from ricci_flow.process import run\n"
        f"def body(progress):\n    {code}\n"
        f"sys.exit(run(body, 'x', log=pathlib.Path({str(folder / 'log')!r})))\n"
    )
    return subprocess.run(
        [sys.executable, "-P", "-c", text],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS), **variables},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def fake(folder: Path, name: str, content: str = "") -> Path:
    package = folder / name
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(content)
    return folder


def ran_with(folder: Path) -> dict[str, str]:
    line = (folder / "log").read_text().splitlines()[-1]
    return dict(part.split(" ") for part in line.split(" ran with ")[1].split(", "))


def test_every_library_that_the_code_imports_is_known_by_its_name():
    named = {name for file in SCRIPTS.rglob("*.py") for name in imports_of(file)[1]}
    # Entries and checks may also use what drives them.
    assert named - {"environment", "importlinter", "run_study", "snakemake"} == set(DISTRIBUTIONS)


def test_versions_are_those_installed_here():
    found = versions()
    assert set(found) == set(DISTRIBUTIONS.values())
    for name, version in found.items():
        assert version == importlib.metadata.version(name)


def test_names_and_versions_are_read_from_metadata_of_all_forms(tmp_path):
    for name in ("POT-0.9.7.dist-info", "torch-2.1+cpu.dist-info", "a_b-1-py3.11.egg-info", "x"):
        (tmp_path / name).mkdir()
    assert installed(tmp_path) == {"pot": "0.9.7", "torch": "2.1+cpu", "a-b": "1"}
    assert installed(tmp_path / "none") == {}
    assert normal("A.b__C") == "a-b-c"


def test_a_job_writes_down_what_it_ran_with(tmp_path):
    fake(tmp_path / "first", "numpy", "__version__ = '0.1'")
    (tmp_path / "first" / "numpy-9.9.dist-info").mkdir()
    fake(tmp_path / "first", "yaml")
    first = os.pathsep.join([str(tmp_path / "first"), str(SCRIPTS)])
    assert entry("import numpy", tmp_path, PYTHONPATH=first).returncode == 0
    found = ran_with(tmp_path)
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert found["numpy"] == "9.9"
    assert found["pyyaml"] == "unknown"
    assert found["polars"] == importlib.metadata.version("polars")


def test_what_was_in_pythonpath_comes_behind_the_packages_of_the_environment(tmp_path):
    fake(tmp_path / "own", "numpy", "raise RuntimeError('the wrong numpy')")
    fake(tmp_path / "own", "only_here")
    result = entry(
        "import numpy, only_here", tmp_path, RICCI_FLOW_PATH=str(tmp_path / "own")
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert ran_with(tmp_path)["numpy"] == importlib.metadata.version("numpy")
