import shutil

import pytest

from tests.workflow.runner import Study


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The tiny study, run whole from nothing, once."""
    study = Study(tmp_path_factory.mktemp("tiny") / "study")
    study.first = study.tiny()
    assert study.first.status == 0, study.first.text
    return study


@pytest.fixture
def study(finished, tmp_path):
    """A copy of the finished tiny study (all times new, as in a fresh clone) to change at will."""
    copy = Study.__new__(Study)
    copy.folder = tmp_path / "study"
    shutil.copytree(finished.folder, copy.folder, copy_function=shutil.copy)
    return copy


@pytest.fixture
def empty(tmp_path):
    """A study's folder in which nothing has run yet."""
    return Study(tmp_path / "study")
