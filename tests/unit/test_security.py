"""No code comes out of data: what could unpickle, evaluate or hand text to a shell is not used."""

import ast
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ricci_flow.datasets.archives import read_arrays
from ricci_flow.errors import InputError
from tests.unit.files import save

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(path for name in ("scripts", "tests") for path in (ROOT / name).rglob("*.py"))
ALLOWED = {
    # The cells of the notebook of the guide.
    "tests/notebook.py": ["exec", "compile", "eval", "compile"],
    # The code of a page of the guide.
    "tests/unit/test_api_guide.py": ["exec"],
    # The source of a module of the package itself, run with another cache.
    "tests/unit/test_compiled.py": ["exec"],
    # The examples of the guide.
    "tests/unit/test_guide.py": ["exec"],
    # Runs commands of its own the way Snakemake runs a rule's.
    "tests/unit/test_machine.py": ["shell"],
}
# Modules that turn bytes into objects or run text.
MODULES = {"pickle", "_pickle", "cPickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"}
BUILT_IN = {"eval", "exec", "compile", "__import__"}
CALLS = {
    ("torch", "load"), ("torch", "save"), ("pandas", "read_pickle"), ("pd", "read_pickle"),
    ("os", "system"), ("os", "popen"), ("subprocess", "getoutput"),
    ("subprocess", "getstatusoutput"), ("yaml", "unsafe_load"), ("yaml", "full_load"),
}  # fmt: skip
SAFE_LOADERS = {"SafeLoader", "CSafeLoader", "_UniqueKeyLoader"}  # the last is a SafeLoader


def _is(node: ast.expr | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _imports(node: ast.AST) -> list[str]:
    names = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [node.module or "", *(alias.name for alias in node.names)]
    return [f"import of {name}" for name in names if name.split(".")[0] in MODULES]


def _call(node: ast.Call) -> list[str]:
    keys = {keyword.arg: keyword.value for keyword in node.keywords}
    found = []
    if isinstance(node.func, ast.Name) and node.func.id in BUILT_IN:
        found.append(node.func.id)
    if "allow_pickle" in keys and not _is(keys["allow_pickle"], False):
        found.append("allow_pickle")
    if "shell" in keys and not _is(keys["shell"], False):
        found.append("shell")
    if not isinstance(node.func, ast.Attribute):
        return found
    owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
    name = (owner, node.func.attr)
    if name in CALLS:
        found.append(".".join(name))
    # numpy.load refuses pickles by default; that it does is said all the same.
    if name in (("np", "load"), ("numpy", "load")) and "allow_pickle" not in keys:
        found.append("np.load without allow_pickle=False")
    if name in (("yaml", "load"), ("yaml", "load_all")):
        loader = keys.get("Loader", node.args[1] if len(node.args) > 1 else None)
        label = getattr(loader, "attr", getattr(loader, "id", None))
        if label not in SAFE_LOADERS:
            found.append("yaml.load without a safe loader")
    return found


def dangers(source: str) -> list[str]:
    """Return what of a source could run what it reads, as "line: what"."""
    found = []
    for node in ast.walk(ast.parse(source)):
        more = _imports(node) + (_call(node) if isinstance(node, ast.Call) else [])
        found += [f"{getattr(node, 'lineno', 0)}: {what}" for what in more]
    return found


DANGEROUS = [
    "import pickle",
    "import joblib.externals",
    "from shelve import open",
    "from sklearn.externals import joblib",
    "def f():\n    import marshal",
    "torch.load(path)",
    "torch.save(weights, path)",
    "np.load(path)",
    "numpy.load(path, allow_pickle=True)",
    "np.lib.format.read_array(file, allow_pickle=flag)",
    "yaml.load(text)",
    "yaml.load(text, yaml.Loader)",
    "yaml.unsafe_load(text)",
    "eval(text)",
    "exec(text)",
    "os.system(text)",
    "subprocess.run(text, shell=True)",
    "pd.read_pickle(path)",
]
HARMLESS = [
    "np.load(path, allow_pickle=False)",
    "yaml.safe_load(text)",
    "yaml.load(text, Loader=yaml.SafeLoader)",
    "yaml.load(text, Loader=_UniqueKeyLoader)",
    "re.compile(text)",
    "subprocess.run([program, text])",
    "json.load(file)",
]


@pytest.mark.parametrize("source", DANGEROUS)
def test_the_scan_finds(source):
    assert dangers(source)


@pytest.mark.parametrize("source", HARMLESS)
def test_the_scan_lets_pass(source):
    assert not dangers(source)


def test_nothing_in_the_tree_runs_what_it_reads():
    assert len(CODE) > 100
    found = {}
    for path in CODE:
        if what := [line.split(": ")[1] for line in dangers(path.read_text("utf-8"))]:
            found[path.relative_to(ROOT).as_posix()] = what
    assert found == ALLOWED


def test_the_rules_use_no_word_that_unpickles():
    rules = [ROOT / "workflow/Snakefile", *(ROOT / "workflow/rules").glob("*.smk")]
    assert len(rules) > 9
    for path in rules:
        for word in ("pickle", "joblib", "marshal", "torch.", "eval(", "exec(", "run:", "cache:"):
            assert word not in path.read_text("utf-8"), (path, word)


def test_no_file_of_the_repository_is_a_pickle():
    kinds = {".pkl", ".pickle", ".joblib", ".pt", ".pth", ".npy"}
    skipped = {".git", ".venv", ".snakemake", "results"}
    files = [path for path in ROOT.rglob("*") if not skipped & set(path.parts)]
    assert not [path for path in files if path.suffix in kinds]


def test_no_more_is_unpacked_than_the_archive_declares(tmp_path):
    """A directory that lies about a size: reading stops there, and the checksum tells."""
    path = save(tmp_path / "a.npz", X=np.zeros((100_000, 2)), y=np.zeros(4, int))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        at = archive.start_dir
    content[at + 24 : at + 28] = (4096).to_bytes(4, "little")  # the size of X.npy, unpacked
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.npz: array 'X' is damaged"):
        read_arrays(path, ["X", "y"], 10_000)
