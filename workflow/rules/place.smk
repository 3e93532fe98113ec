# First. Where this checkout is, and what its jobs run with. Requires and makes nothing.
import os
import sys
from pathlib import Path

# Not `workflow.basedir`, which is another workflow's where this one is a module of it.
ROOT = Path(f"{workflow.current_basedir}").parents[1]
if not (ROOT / "scripts" / "ricci_flow").is_dir():
    sys.exit(
        "error: this workflow needs the package in its scripts/; name the Snakefile of a clone"
    )
SCRIPTS = f"{ROOT / 'scripts'}"

# The package of this checkout: an environment that was copied from another clone may hold the other package.
if not getattr(sys.modules.get("ricci_flow"), "__file__", SCRIPTS).startswith(SCRIPTS):
    for name in [name for name in sys.modules if name.split(".")[0] == "ricci_flow"]:
        del sys.modules[name]
sys.path.insert(0, SCRIPTS)

# Jobs run with the Python that Snakemake runs with, though it was called by its path. What a user has
# in PYTHONPATH comes behind the packages of its environment, and what lies in the working folder not
# at all.
PROGRAMS = os.path.dirname(sys.executable)
FOREIGN = os.environ.get("PYTHONPATH", "").split(os.pathsep)
FOREIGN = [path for path in FOREIGN if path and os.path.abspath(path) != SCRIPTS]
os.environ.update(
    PATH=os.pathsep.join([PROGRAMS, os.environ.get("PATH", os.defpath)]),
    PYTHONPATH=SCRIPTS,
    PYTHONSAFEPATH="1",
    RICCI_FLOW_PATH=os.pathsep.join([*filter(None, [os.environ.get("RICCI_FLOW_PATH")]), *FOREIGN]),
)


# As a module of another workflow this one gets a whole config from there, without its own file below;
# folders of the same names are the other one's.
IS_MODULE = Path(workflow.basedir).resolve() != ROOT.resolve() / "workflow"


def of_checkout(path):
    """Return a path from the working folder, or else from the checkout of this workflow."""
    return path if os.path.exists(path) and not IS_MODULE else f"{ROOT / path}"


CONFIG_FILES = [] if IS_MODULE else [Path(of_checkout("config/config.yaml"))]
