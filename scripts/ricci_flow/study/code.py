"""Fingerprints of the code and libraries that a stage computes with.

Snakemake sees neither edits in imported modules nor changed library versions. A rule therefore
has two parameters from here: a hash of its entry script and of every module of this package
that it imports, directly or not, and the locked versions of the other libraries these import.
Parameters are compared by value, so touched files and fresh clones change nothing; the hash is
taken of the syntax tree without docstrings, so comments and layout change nothing either, nor
does another minor version of Python.
"""

import ast
import contextlib
import hashlib
import json
import re
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ricci_flow.disk import staged
from ricci_flow.errors import InputError
from ricci_flow.libraries import DISTRIBUTIONS, normal

PACKAGE = "ricci_flow"


# What a syntax tree says of how it was written, or says twice: `u"..."`, Load or Store.
_ASIDE = ("kind", "type_comment", "ctx")


# Content of a file, as a hash -> what `_parse` found there; `recall` fills it.
_KNOWN: dict[str, tuple[str, frozenset[str]]] = {}


def recall(root: Path, kept: Path) -> None:
    """Take what an earlier run found in the files below a folder, so that none is parsed twice.

    root: the folder of scripts; kept: a JSON file for it, brought up to date where code changed.
    Results are the same with and without it: a file is known by its content.
    """
    rules = _digest(Path(__file__).read_bytes())  # of this module: other rules find other things
    try:
        found = json.loads(kept.read_text("utf-8"))
        if found["rules"] == rules:
            _KNOWN.update({key: (form, frozenset(names)) for key, (form, names) in found["files"]})
    except (OSError, ValueError, KeyError, TypeError):
        pass  # none yet, or a damaged one
    files = {_digest(path.read_bytes()): _parse(path) for path in sorted(root.rglob("*.py"))}
    if files.keys() <= _KNOWN.keys():
        return
    _KNOWN.update(files)
    content = [(key, (form, sorted(names))) for key, (form, names) in sorted(files.items())]
    with contextlib.suppress(OSError, InputError), staged(kept) as part:  # only time is lost
        part.write_text(json.dumps({"rules": rules, "files": content}), "utf-8")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@cache
def _parse(path: Path) -> tuple[str, frozenset[str]]:
    """Return (hash of the code without docstrings and comments, the dotted names it imports)."""
    content = path.read_bytes()
    if known := _KNOWN.get(_digest(content)):
        return known
    tree = ast.parse(content)
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return _digest(normal_form(tree).encode()), frozenset(names)


def form_hash(path: Path) -> str:
    """Return a short hash of the code in one file; comments and layout change nothing."""
    return _parse(path)[0][:16]


def normal_form(node: object) -> str:
    """Return a syntax tree as text, the same in every minor version of Python from 3.11 on.

    Left out: docstrings, those of fields too, `pass`, and fields that are empty, as those are that
    a later version of Python adds to nodes. The pieces of text in an f-string are joined, as
    versions cut them differently. `ast.unparse` and `ast.dump` do not serve: their text differs
    between versions.
    """
    if isinstance(node, list):
        return "[" + " ".join(normal_form(item) for item in node) + "]"
    if not isinstance(node, ast.AST):
        return ascii(node)
    fields = dict(ast.iter_fields(node))
    if isinstance(node, ast.Constant):
        return f"Constant({node.value!a})"
    if isinstance(node, ast.JoinedStr):
        fields["values"] = _join_texts(node.values)
    words = []
    for name, value in sorted(fields.items()):
        if isinstance(value, list):
            value = [item for item in value if not (isinstance(item, ast.Pass) or _is_text(item))]
        if name not in _ASIDE and value is not None and value != []:
            words.append(f"{name}={normal_form(value)}")
    return f"{type(node).__name__}({' '.join(words)})"


def _join_texts(values: list[ast.expr]) -> list[ast.expr]:
    """Return the pieces of an f-string, neighbouring texts joined and empty ones left out."""
    joined: list[ast.expr] = []
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            last = joined[-1] if joined else None
            if isinstance(last, ast.Constant) and isinstance(last.value, str):
                joined[-1] = ast.Constant(last.value + value.value)
            elif value.value:
                joined.append(value)
        else:
            joined.append(value)
    return joined


def _is_text(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@cache
def _module_files(name: str, root: Path) -> tuple[Path, ...]:
    """Return the files that importing a dotted name of this package runs, if it is a module."""
    parts = name.split(".")
    base = root.joinpath(*parts)
    if base.with_suffix(".py").is_file():
        files = [base.with_suffix(".py")]
    elif (base / "__init__.py").is_file():
        files = [base / "__init__.py"]
    else:
        return ()
    # Importing a.b.c runs a/__init__.py and a/b/__init__.py too.
    for depth in range(1, len(parts)):
        parent = root.joinpath(*parts[:depth]) / "__init__.py"
        if parent.is_file():
            files.append(parent)
    return tuple(files)


@cache
def _direct(path: Path, root: Path) -> tuple[frozenset[Path], frozenset[str]]:
    """Return (files of this package, other libraries) that a file names itself."""
    files: set[Path] = set()
    libraries: set[str] = set()
    for name in _parse(path)[1]:
        top = name.split(".")[0]
        if top == PACKAGE:
            files.update(_module_files(name, root))
        elif top not in sys.stdlib_module_names:
            libraries.add(top)
    return frozenset(files), frozenset(libraries)


def imports_of(entry: Path, loaded: Sequence[str] = ()) -> tuple[list[Path], list[str]]:
    """Return (the entry and all modules of this package it needs, the other libraries they name).

    entry: a script in the folder that also holds the package; loaded: dotted names of modules of
    this package that it imports by name at run time. Both sorted; the standard library left out.
    """
    root = entry.parent
    files: set[Path] = set()
    libraries: set[str] = set()
    queue = {entry, *(file for name in loaded for file in _module_files(name, root))}
    while queue:
        path = queue.pop()
        files.add(path)
        modules, others = _direct(path, root)
        libraries |= others
        queue |= modules - files
    return sorted(files), sorted(libraries)


@cache
def fingerprint(entry: Path, lock: Path, loaded: tuple[str, ...] = ()) -> str:
    """Return "HASH NAME VERSION, ..." of an entry script: its code, and its locked libraries."""
    files, libraries = imports_of(entry, loaded)
    return f"{_code_hash(files, entry.parent)} {_versions(libraries, lock)}"


def code_hash(entry: Path, loaded: Sequence[str] = ()) -> str:
    """Return a short hash of all code that an entry script runs; see `imports_of`."""
    return _code_hash(imports_of(entry, loaded)[0], entry.parent)


def _code_hash(files: Sequence[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(_parse(path)[0].encode() + b"\0")
    return digest.hexdigest()[:16]


@cache
def locked_versions(lock: Path) -> dict[str, str]:
    """Return name -> version of a pip lock file (lines `name==version`), names normalised.

    Raises InputError where the file cannot be read.
    """
    versions = {}
    try:
        text = lock.read_text("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{lock}: cannot be read ({reason}); give the lock file") from None
    for line in text.splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)==([^\s;#\\]+)", line)
        if match:
            versions[normal(match[1])] = match[2]
    return versions


def library_versions(entry: Path, lock: Path, loaded: Sequence[str] = ()) -> str:
    """Return "name version, ..." of the locked libraries that an entry script imports."""
    return _versions(imports_of(entry, loaded)[1], lock)


def _versions(libraries: Sequence[str], lock: Path) -> str:
    versions = locked_versions(lock)
    names = sorted(normal(DISTRIBUTIONS.get(name, name)) for name in libraries)
    return ", ".join(f"{name} {versions.get(name, 'unlocked')}" for name in names)
