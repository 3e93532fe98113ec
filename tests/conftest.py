"""The quick set of tests, and everything with `--full` or where files of tests are named."""

import pytest

left_out = 0
# Whole runs, which take longest, begin first, that which mostly waits before all others.
FIRST = ("test_slurm.py", "test_incremental.py", "test_interruption.py", "test_default_study.py")


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="run the slow tests too")


def pytest_configure(config):
    if hasattr(config, "workerinput"):
        config.option.full = config.workerinput["full"]
    elif config.args_source is pytest.Config.ArgsSource.ARGS:
        config.option.full = True


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    # A worker sees the files but not where they come from.
    node.workerinput["full"] = node.config.option.full


def pytest_collection_modifyitems(config, items):
    global left_out
    if config.getoption("--full"):
        items.sort(key=_place)  # of one file as before
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    items[:] = [item for item in items if not item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    left_out = len(slow)
    if hasattr(config, "workerinput"):
        config.workeroutput["left_out"] = left_out


def _place(item):
    name = item.path.name
    return FIRST.index(name) if name in FIRST else len(FIRST) + (item.path.parent.name == "unit")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    global left_out
    left_out = max(left_out, getattr(node, "workeroutput", {}).get("left_out", 0))


def pytest_terminal_summary(terminalreporter):
    if left_out:
        terminalreporter.write_line(f"{left_out} slow tests were left out; --full runs them")
