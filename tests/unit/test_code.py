"""Fingerprints: what of a change in code or lock they see, and what they must not see."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ricci_flow.measurement.catalogue import known_modules, module_of
from ricci_flow.study import code
from ricci_flow.study.code import (
    _direct,
    _module_files,
    _parse,
    code_hash,
    imports_of,
    library_versions,
    locked_versions,
    normal_form,
    recall,
)
from tests.jobs import entry_names

SCRIPTS = Path("scripts")
ENTRIES = entry_names()


@pytest.fixture
def tree(tmp_path):
    """A script with a package of two modules, of which it uses one through the other."""
    room = tmp_path / "ricci_flow" / "room"
    room.mkdir(parents=True)
    (tmp_path / "ricci_flow" / "__init__.py").write_text("")
    (room / "__init__.py").write_text("")
    (room / "used.py").write_text('"""Doc."""\nimport numpy\n\ndef f(x):\n    return x + 1\n')
    (room / "unused.py").write_text("import torch\n")
    (room / "middle.py").write_text("from ricci_flow.room.used import f\n")
    (tmp_path / "go.py").write_text(
        "import sys\ndef main():\n    from ricci_flow.room import middle\n"
    )
    return tmp_path


def rehash(tree):
    forget()
    return code_hash(tree / "go.py")


def forget():
    for function in (_parse, _direct, _module_files):
        function.cache_clear()


def test_edits_that_matter_and_edits_that_do_not(tree):
    before = rehash(tree)
    used = tree / "ricci_flow" / "room" / "used.py"
    text = used.read_text()
    used.write_text(
        "# A comment.\n" + text.replace("Doc.", "Other words.").replace("x + 1", "(x  +  1)")
    )
    (tree / "ricci_flow" / "room" / "unused.py").write_text("import torch, polars\n")
    assert rehash(tree) == before
    used.write_text(text.replace("x + 1", "x + 2"))
    assert rehash(tree) != before


def test_a_docstring_more_or_less_is_no_change(tree):
    used = tree / "ricci_flow" / "room" / "used.py"
    with_docstring = 'def f(x):\n    """Say."""\n    return x\n\nclass A:\n    """Be."""\n'
    used.write_text(with_docstring)
    before = rehash(tree)
    used.write_text("def f(x):\n    return x\n\nclass A:\n    pass\n")
    assert rehash(tree) == before
    used.write_text('def f(x):\n    return x\n\nclass A:\n    x = """Be."""\n')
    assert rehash(tree) != before


# Left out: positions, contexts, empty fields (such as 3.12's type_params), how a text is quoted.
FORMS = {
    "x = u'x'": "Module(body=[Assign(targets=[Name(id='x')] value=Constant('x'))])",
    "x = 'é', b'1', 1, 1., None, ...": (
        "Module(body=[Assign(targets=[Name(id='x')] value=Tuple(elts=[Constant('\\xe9') "
        "Constant(b'1') Constant(1) Constant(1.0) Constant(None) Constant(Ellipsis)]))])"
    ),
    "def f(x): return {**x}, x[:1]": (
        "Module(body=[FunctionDef(args=arguments(args=[arg(arg='x')]) body=[Return(value="
        "Tuple(elts=[Dict(keys=[None] values=[Name(id='x')]) Subscript(slice=Slice("
        "upper=Constant(1)) value=Name(id='x'))]))] name='f')])"
    ),
    "x = f'a{x!r:>{3}}' 'b' f'' 'c'": (
        "Module(body=[Assign(targets=[Name(id='x')] value=JoinedStr(values=[Constant('a') "
        "FormattedValue(conversion=114 format_spec=JoinedStr(values=[Constant('>') "
        "FormattedValue(conversion=-1 value=Constant(3))]) value=Name(id='x')) "
        "Constant('bc')]))])"
    ),
}


@pytest.mark.parametrize("code", FORMS)
def test_normal_form_of_code(code):
    assert normal_form(ast.parse(code)) == FORMS[code]


def test_pieces_of_a_text_in_an_f_string_are_joined():
    """However a version of Python cuts them."""
    whole = ast.JoinedStr([ast.Constant("ab")])
    cut = ast.JoinedStr([ast.Constant(""), ast.Constant("a"), ast.Constant("b")])
    assert normal_form(cut) == normal_form(whole)
    assert normal_form(ast.JoinedStr([ast.Constant("")])) == normal_form(ast.JoinedStr([]))


def other_pythons():
    """Return one interpreter for every other minor version from 3.11 on that is at hand."""
    found = {}
    for minor in range(11, 20):
        name = f"python3.{minor}"
        folders = [path.parent for path in Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/py*")]
        path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
        if minor != sys.version_info.minor and (program := shutil.which(name, path=path)):
            found[name] = program
    return found


HASHES = """
import json, sys
from pathlib import Path
from ricci_flow.study.code import code_hash
print(json.dumps({name: code_hash(Path(f"scripts/{name}.py")) for name in sys.argv[1:]}))
"""


def test_code_hashes_do_not_depend_on_the_minor_version_of_python():
    pythons = other_pythons()
    if not pythons:
        pytest.skip("no other minor version of Python is at hand")
    here = {name: code_hash(SCRIPTS / f"{name}.py") for name in ENTRIES}
    for name, program in pythons.items():
        found = subprocess.run(
            [program, "-c", HASHES, *ENTRIES],
            env={**os.environ, "PYTHONPATH": "scripts", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert found.returncode == 0, f"{name}: {found.stderr}"
        assert json.loads(found.stdout) == here, name


def test_imports_are_followed_and_libraries_named(tree):
    files, libraries = imports_of(tree / "go.py")
    assert [path.relative_to(tree).as_posix() for path in files] == [
        "go.py",
        "ricci_flow/__init__.py",
        "ricci_flow/room/__init__.py",
        "ricci_flow/room/middle.py",
        "ricci_flow/room/used.py",
    ]
    assert libraries == ["numpy"]


def test_modules_loaded_by_name_count_too(tree):
    entry, late = tree / "go.py", "ricci_flow.room.unused"
    assert "torch" not in imports_of(entry)[1]
    assert imports_of(entry, [late])[1] == ["numpy", "torch"]
    before = code_hash(entry, [late])
    assert before != code_hash(entry)
    (tree / "ricci_flow" / "room" / "unused.py").write_text("import torch\nx = 1\n")
    forget()
    assert code_hash(entry, [late]) != before


def test_what_an_earlier_run_parsed_is_not_parsed_again(tree, tmp_path, monkeypatch):
    kept, entry = tmp_path / "kept" / "code.json", tree / "go.py"
    monkeypatch.setattr(code, "_KNOWN", {})
    before = rehash(tree)
    recall(tree, kept)
    forget()
    code._KNOWN.clear()
    monkeypatch.setattr(ast, "parse", None)
    recall(tree, kept)
    assert code_hash(entry) == before
    monkeypatch.undo()
    monkeypatch.setattr(code, "_KNOWN", {})
    (tree / "ricci_flow/room/used.py").write_text("import polars\n")
    forget()
    recall(tree, kept)
    assert code_hash(entry) == rehash(tree) != before
    assert imports_of(entry)[1] == ["polars"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"rules": "of another version"}', "damaged"])
def test_notes_of_an_earlier_run_that_do_not_serve_are_replaced(
    tree, tmp_path, monkeypatch, content
):
    kept = tmp_path / "code.json"
    monkeypatch.setattr(code, "_KNOWN", {})
    before = rehash(tree)
    kept.write_text(content)
    recall(tree, kept)
    assert json.loads(kept.read_text())["files"]
    assert rehash(tree) == before


def test_library_versions_come_from_the_lock(tree):
    lock = tree / "requirements.lock"
    lock.write_text("# comment\nNumPy==2.4.6\nscikit_learn==1.9.1 ; extra\n")
    assert library_versions(tree / "go.py", lock) == "numpy 2.4.6"
    assert locked_versions(lock)["scikit-learn"] == "1.9.1"


def test_every_library_a_stage_names_is_locked():
    measures = [module_of(name) for name in known_modules()]
    text = library_versions(SCRIPTS / "measure.py", Path("requirements.lock"), loaded=measures)
    assert "pot " in text
    assert "unlocked" not in text
    for entry in ENTRIES:
        text = library_versions(SCRIPTS / f"{entry}.py", Path("requirements.lock"))
        # Verifying and packing run on a bare Python.
        assert bool(text) == (entry not in ("verify_results", "archive_results"))
        assert "unlocked" not in text, entry


@pytest.mark.parametrize("entry", ENTRIES)
def test_declared_modules_are_the_ones_really_imported(entry):
    """Import a stage's whole code in a fresh interpreter and compare sys.modules."""
    files, _ = imports_of(SCRIPTS / f"{entry}.py")
    names = [
        path.relative_to(SCRIPTS).with_suffix("").as_posix().replace("/", ".") for path in files
    ]
    names = [name.removesuffix(".__init__") for name in names]
    script = (
        "import importlib, sys\n"
        f"[importlib.import_module(name) for name in {names!r}]\n"
        "print(*sorted(m for m in sys.modules if m.split('.')[0] == 'ricci_flow'))"
    )
    output = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert output.split() == sorted(name for name in names if name.startswith("ricci_flow"))
