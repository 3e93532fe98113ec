"""The lock is complete, and the conda environment says the same."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from ricci_flow.graphs import kinds
from ricci_flow.libraries import DISTRIBUTIONS
from ricci_flow.measurement.catalogue import known_modules, module_of
from ricci_flow.study.code import imports_of, locked_versions
from tests.jobs import entry_names

LOCK = locked_versions(Path("requirements.lock"))
CONDA_NAMES = {"pytorch": "torch", "pypandoc": "pypandoc-binary"}


def requirements(name):
    """Return the names that an installed distribution needs here, without its extras."""
    from packaging.requirements import Requirement

    for text in importlib.metadata.requires(name) or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield re.sub(r"[-_.]+", "-", requirement.name).lower()


def test_every_requirement_of_every_locked_package_is_locked():
    # torch's CUDA build asks for packages that torch itself pins.
    missing = {
        (name, need)
        for name in LOCK
        for need in requirements(name)
        if need not in LOCK
        and need != "pip"
        and not need.startswith(("nvidia-", "cuda-", "triton"))
    }
    assert not missing


def test_what_is_installed_is_what_is_locked():
    for name, version in LOCK.items():
        assert importlib.metadata.version(name).split("+")[0] == version, name


def test_every_dependency_of_the_project_is_locked():
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    extras = [item for group in project["optional-dependencies"].values() for item in group]
    for text in project["dependencies"] + extras:
        assert re.match(r"[\w-]+", text)[0].lower() in LOCK


def test_conda_environment_has_what_the_jobs_import():
    dependencies = yaml.safe_load(Path("workflow/envs/study.yaml").read_text())["dependencies"]
    there = {CONDA_NAMES.get(name, name) for name in (line.split(" ")[0] for line in dependencies)}
    there |= {"llvmlite", "pydantic-core"}  # which come with numba and pydantic
    # No job: it merges configs as Snakemake does, where that is installed.
    for entry in sorted({*entry_names()} - {"write_atlas_page"}):
        for name in imports_of(Path(f"scripts/{entry}.py"))[1]:
            assert DISTRIBUTIONS[name] in there | {"referencing"}, entry


@pytest.mark.parametrize(
    "line", yaml.safe_load(Path("workflow/envs/study.yaml").read_text())["dependencies"]
)
def test_conda_environment_follows_the_lock(line):
    name, _, version = line.partition(" =")
    if "=" in line and not line.startswith("python "):
        assert LOCK[CONDA_NAMES.get(name, name)] == version


def test_what_measuring_takes_is_what_the_package_asks_for():
    loaded = ["ricci_flow.api.command", "ricci_flow.api.drawing", "ricci_flow.api.recording"]
    loaded += [*map(module_of, known_modules()), *map(kinds.module_of, kinds.kinds())]
    libraries = imports_of(Path("scripts/environment.py"), loaded)[1]
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    needed = {DISTRIBUTIONS[name] for name in libraries} - {"torch", "pydantic-core"}
    assert set(project["dependencies"]) == needed
