import time

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
    """A copy of the finished tiny study to change at will."""
    return finished.copy(tmp_path / "study")


@pytest.fixture(scope="session")
def finished_mini(tmp_path_factory):
    """A study of one ensemble, run whole from nothing, once."""
    study = Study(tmp_path_factory.mktemp("mini") / "study", "tiny/mini.yaml")
    began = time.monotonic()
    result = study.tiny()
    study.seconds = time.monotonic() - began
    assert result.status == 0, result.text
    return study


@pytest.fixture
def mini(finished_mini, tmp_path):
    """A copy of the finished study of one ensemble to change at will."""
    return finished_mini.copy(tmp_path / "mini")


@pytest.fixture
def checkout(finished_mini, tmp_path):
    """The same with its own copy of the code, to edit it."""
    study = finished_mini.copy(tmp_path / "checkout")
    study.own_code()
    return study


@pytest.fixture
def empty(tmp_path):
    """A study's folder in which nothing has run yet."""
    return Study(tmp_path / "study")
