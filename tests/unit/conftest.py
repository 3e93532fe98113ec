"""What one test must not leave to the next, whichever runs next."""

import sys

import pytest


@pytest.fixture(autouse=True)
def _denormals_as_they_were():
    """The stacked trainer flushes denormals in its whole process, where a job has just one."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
