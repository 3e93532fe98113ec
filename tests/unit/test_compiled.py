"""Kernels that run without Numba give what their source says, and are made anew when it changes."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ricci_flow import compiled

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"

SOURCE = '''
import numba
import numpy as np

_kernel = numba.njit(_nrt=False)

@_kernel
def _scaled(row, factor):
    for i in range(row.shape[0]):
        row[i] *= factor

def fill(matrix, row, words, factor, negate):
    """Change the row and the matrix; return several numbers."""
    _scaled(row, factor)
    total = 0.0
    count = 0
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[1]):
            matrix[i, j] = -row[j] if negate else row[j] + i
            total += matrix[i, j]
            count += np.int64(words[i])
    return total, count

def nothing(row):
    row[0] = 7

def allocating(row):
    copy = row.copy()
    return copy[0]
'''


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "some_kernels.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "some_kernels", raising=False)
    yield tmp_path / "some_kernels.py"
    sys.modules.pop("some_kernels", None)


def make_arguments(dtype=np.float64):
    matrix = np.zeros((4, 6), dtype)[:, ::2]  # not contiguous
    return matrix, np.array([1, 2, 3.5], dtype), np.array([1, 2, 3, 250], np.uint8)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("negate", [False, True])
def test_results_and_arrays_are_those_of_the_source(module, dtype, negate):
    plain = {}
    exec(SOURCE, plain)
    plain["_kernel"] = plain["_scaled"] = plain["_scaled"].py_func
    expected, got = make_arguments(dtype), make_arguments(dtype)
    wanted = plain["fill"](*expected, 2.0, negate)
    assert compiled.Kernels("some_kernels").fill(*got, 2.0, negate) == wanted
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    assert wanted[1] == 3 * 256


def test_what_is_kept_serves_until_the_source_changes(module, monkeypatch):
    row = np.zeros(3)
    assert compiled.Kernels("some_kernels").nothing(row) is None
    assert row[0] == 7
    with monkeypatch.context() as patch:
        patch.setattr(compiled, "_compile", SimpleNamespace)  # fails if it is called
        compiled.Kernels("some_kernels").nothing(np.zeros(3))
        with pytest.raises(TypeError):  # another type
            compiled.Kernels("some_kernels").nothing(np.zeros(3, np.float32))
    module.write_text(SOURCE.replace("= 7", "= 8"))
    sys.modules.pop("some_kernels")
    compiled.Kernels("some_kernels").nothing(row)
    assert row[0] == 8
    # what the older source came to is gone; that of another type stays for its turn
    assert len(list(module.parent.glob("__pycache__/*.code"))) == 1


@pytest.mark.parametrize("home", ["writable", "a file"])
def test_a_folder_that_cannot_be_written_to_is_replaced(module, home, monkeypatch):
    (module.parent / "__pycache__").write_text("a file")
    monkeypatch.setenv("HOME", str(module.parent / home))
    if home == "a file":  # then it only costs time
        (module.parent / home).write_text("")
    for _ in range(2):
        row = np.zeros(3)
        compiled.Kernels("some_kernels").nothing(row)
        assert row[0] == 7
    assert len(list(module.parent.glob("*/.cache/ricci_flow/*.code"))) == (home == "writable")


def test_a_kernel_that_allocates_is_refused(module):
    with pytest.raises(Exception, match="NRT required"):
        compiled.Kernels("some_kernels").allocating(np.zeros(3))


def test_stages_run_their_kernels_without_numba():
    """Import of Numba would cost each job more than anything else does."""
    program = (
        "import sys\n"
        "import numpy as np\n"
        "from ricci_flow.coefficients.permutation import permutation_p\n"
        "from ricci_flow.graphs.graph import union_graphs\n"
        "from ricci_flow.graphs.neighbours import nearest_neighbours\n"
        "from ricci_flow.networks.trainers.fused.denormals import flushed_denormals\n"
        "from ricci_flow.networks.architecture import Architecture\n"
        "from ricci_flow.networks.draws import Streams\n"
        "from ricci_flow.networks.trainers import Task\n"
        "from ricci_flow.networks.trainers.fused.trainer import FusedTrainer\n"
        "from ricci_flow.networks.recipe import Recipe\n"
        "points = np.random.default_rng(0).normal(size=(40, 3))\n"
        "list(union_graphs(nearest_neighbours(points, 5), [3, 5]))\n"
        "permutation_p(points[:5, 0], points[:5, 1])\n"
        "X, labels = points.astype(np.float32), np.zeros((1, 40), np.uint8)\n"
        "trainer = FusedTrainer(Task(Architecture.dense(4), Recipe(), (3,), 1, "
        "Streams('a', 'b', 'c'), [0], X, labels))\n"
        "trainer.run_batches(np.arange(40)[None], 0)\n"
        "sys.exit('numba' in sys.modules)\n"
    )
    # The first run may compile; the second must not.
    subprocess.run([sys.executable, "-c", program], check=False, timeout=300)
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_sources_are_all_modules_that_the_kernels_import():
    """Whatever the form of the import; packages hold no kernels."""
    texts = [path.read_text("utf-8") for path in SCRIPTS.rglob("*.py")]
    modules = [name for text in texts for name in re.findall(r"[^`]\bKernels\(\"(.+?)\"\)", text)]
    assert len(modules) == 8
    for module in modules:
        sources = compiled.Kernels(module).sources
        for node in (node for path in sources for node in ast.walk(ast.parse(path.read_bytes()))):
            names = [alias.name for alias in getattr(node, "names", ())]
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{name}" for name in names] + [str(node.module)]
            paths = [SCRIPTS / f"{name.replace('.', '/')}.py" for name in names]
            assert {path for path in paths if path.exists()} <= set(sources), module
