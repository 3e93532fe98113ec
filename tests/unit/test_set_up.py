"""The environment: kept while it is as locked, replaced whole, moved with its clone."""

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import environment
from environment import prepare

CREATE = venv.create


def pip(folder, *arguments, quiet=False, version="1.0"):
    """Install a package of that name and version, as far as anybody looks."""
    packages = next(folder.glob("lib/python*/site-packages"))
    if "-r" in arguments:
        (packages / f"some_thing-{version}.dist-info").mkdir()
        script = folder / "bin" / "some-thing"
        script.write_text(f"#!{folder}/bin/python\nimport some_thing\n")
        script.chmod(0o755)
    return True


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone with a lock of one package, and no environment yet."""
    root = tmp_path / "clone"
    (root / "scripts").mkdir(parents=True)
    (root / "requirements.lock").write_text("some-thing==1.0\n")
    monkeypatch.setattr(venv, "create", lambda folder, with_pip, prompt: CREATE(folder))
    monkeypatch.setattr(environment, "_pip", pip)
    stand_in(root, monkeypatch)
    return root


def stand_in(root, monkeypatch):
    monkeypatch.setattr(environment, "ROOT", root)
    monkeypatch.setattr(environment, "SCRIPTS", root / "scripts")
    monkeypatch.setattr(environment, "ENVIRONMENT", root / ".venv")
    monkeypatch.setattr(environment, "PROGRAMS", root / ".venv/bin")
    monkeypatch.setattr(environment, "PYTHON", root / ".venv/bin/python")


def never(*arguments, **options):
    raise AssertionError("it is made anew")


def inode(clone):
    return (clone / ".venv").stat().st_ino


def test_it_is_made_once_and_says_with_which_python(clone, capsys, monkeypatch):
    prepare()
    said = capsys.readouterr().err
    assert "there is none yet" in said
    assert f"with Python {sys.version.split()[0]} ({sys.executable})" in said
    assert sorted(path.name for path in clone.glob(".venv*")) == [".venv", ".venv.lock"]
    monkeypatch.setattr(environment, "_make", never)
    prepare()
    assert capsys.readouterr().err == ""


def test_another_python_uses_the_one_that_is_there(clone, monkeypatch):
    prepare()
    monkeypatch.setattr(environment, "_make", never)
    monkeypatch.setattr(sys, "version", "3.14.0 (another)")
    monkeypatch.setattr(sys, "version_info", (3, 14, 0, "final", 0))
    monkeypatch.setattr(sys, "executable", "/usr/bin/another")
    prepare()
    # One that could not make it has it run the command.
    monkeypatch.setattr(sys, "version_info", (3, 9, 0, "final", 0))
    monkeypatch.setattr(os, "execv", lambda path, words: sys.exit(f"{path} {words}"))
    with pytest.raises(SystemExit, match=re.escape(f"{clone}/.venv/bin/python ['{clone}")):
        prepare()
    shutil.rmtree(clone / ".venv")
    with pytest.raises(SystemExit, match=r"^error: Python 3\.9\.0 is too old"):
        prepare()


def other_lock(text):
    return lambda clone: (clone / "requirements.lock").write_text(text)


def no_python(clone):
    (clone / ".venv/bin/python").write_text("#!/nowhere\n")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (other_lock("some-thing==2.0\n"), "has some-thing 1.0, and the lock 2.0"),
        (other_lock("other==2.0\n"), "has other not at all, and the lock 2.0"),
        (no_python, "does not start"),
    ],
)
@pytest.mark.parametrize("end", ["good", "without network", "interrupted"])
def test_it_is_replaced_whole_or_left_as_it_is(clone, capsys, monkeypatch, damage, reason, end):
    prepare()
    before = inode(clone)
    damage(clone)
    lock = (clone / "requirements.lock").read_text()

    def install(folder, *arguments, quiet=False):
        assert inode(clone) == before  # the old one is there as long as the new one is not
        if end == "interrupted":
            raise KeyboardInterrupt
        return end == "good" and pip(folder, *arguments, version=lock.strip()[-3:])

    monkeypatch.setattr(environment, "_pip", install)
    if end == "good":
        prepare()
        assert inode(clone) != before
    elif end == "without network":
        with pytest.raises(SystemExit, match=r"; .*/\.venv is as it was$"):
            prepare()
    else:
        with pytest.raises(KeyboardInterrupt):
            prepare()
    assert reason in capsys.readouterr().err
    assert (inode(clone) == before) == (end != "good")
    assert sorted(path.name for path in clone.glob(".venv*")) == [".venv", ".venv.lock"]


def test_a_python_without_its_module_for_environments_is_one_line(clone, monkeypatch):
    def fail(*arguments, **options):
        raise subprocess.CalledProcessError(1, ["ensurepip"])

    monkeypatch.setattr(venv, "create", fail)
    with pytest.raises(
        SystemExit, match=r"^error: Python .* could not make a virtual .*python3-venv"
    ):
        prepare()


@pytest.mark.parametrize("how", ["moved", "copied", "linked"])
def test_it_goes_with_a_clone_that_is_moved_or_copied(clone, monkeypatch, how):
    prepare()
    packages = next((clone / ".venv").glob("lib/python*/site-packages"))
    old = packages / "__editable__.ricci_flow-0.1.0.pth"  # how the project was once installed
    old.write_text(f"{clone}/scripts\n")
    before = {path: path.read_bytes() for path in (clone / ".venv").rglob("*") if path.is_file()}
    there = clone.parent / "another place"
    if how == "moved":
        clone.rename(there)
    else:
        link = os.link if how == "linked" else shutil.copy2
        shutil.copytree(clone, there, copy_function=link, symlinks=True)
    stand_in(there, monkeypatch)
    monkeypatch.setattr(environment, "_make", never)
    prepare()
    for path in (there / ".venv").rglob("*"):
        if path.is_file() and not path.is_symlink() and path.suffix not in (".pyc", ".so"):
            assert os.fsencode(f"{clone}/") not in path.read_bytes(), path
    assert (there / ".venv/bin/some-thing").read_text().startswith(f"#!{there}/.venv/bin/python")
    assert os.access(there / ".venv/bin/some-thing", os.X_OK)
    answer = subprocess.run(
        [there / ".venv/bin/python", "-I", "-c", "import sys; print(sys.path)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"{there}/scripts" in answer.stdout
    assert f"{clone}/" not in answer.stdout
    if how != "moved":  # and the first one has lost nothing
        assert {path: path.read_bytes() for path in before} == before


def test_an_environment_that_another_user_owns_is_used(clone, monkeypatch):
    prepare()
    monkeypatch.setattr(environment, "_make", never)

    def refuse(*arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(environment, "_settle", refuse)
    prepare()


@pytest.fixture
def running(tmp_path, monkeypatch):
    """Return a function that runs a module of this code in the environment of the tests."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "SCRIPTS", tmp_path / "scripts")
    monkeypatch.setattr(environment, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(environment, "PROGRAMS", Path(sys.executable).parent)
    (tmp_path / "scripts").mkdir()

    def run(code):
        (tmp_path / "scripts/module.py").write_text(code)
        assert environment.run("module") == 0

    return run


def test_nothing_of_the_users_stands_before_the_packages_of_the_lock(
    tmp_path, monkeypatch, running, capfd
):
    for folder in ("own/polars", "polars", "scripts/sub"):  # PYTHONPATH, where it runs
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "__init__.py").write_text("raise RuntimeError('the wrong polars')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "own"))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path / "own"))
    running("import polars, sys; print(polars.__file__)")
    assert str(Path(sys.executable).parents[1]) in capfd.readouterr().out


def test_who_has_no_name_and_no_home_gets_both(tmp_path, monkeypatch, running, capfd):
    code = (
        "import getpass, os, pathlib, platformdirs, tempfile\n"
        "print(getpass.getuser())\n"
        "home = pathlib.Path.home()\n"
        "assert home.is_dir() and os.access(home, os.W_OK), home\n"
        "cache = pathlib.Path(platformdirs.user_cache_dir('x'))\n"
        "(cache / 'y').mkdir(parents=True)\n"
        "print(home)\n"
    )

    def nobody():
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nobody)
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    for name in ("XDG_CACHE_HOME", "LOGNAME", "USER"):
        monkeypatch.delenv(name, raising=False)
    running(code)
    name, home = capfd.readouterr().out.split()
    assert name == f"user{os.getuid()}"
    assert not Path(home).exists()  # it is taken away after the run
    # Who has a home keeps it, and gets another place for what cannot be written there.
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    allowed = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: path != tmp_path / "home" and allowed(path, mode)
    )
    running(code.replace("(cache", "assert home not in cache.parents\n(cache"))
    assert capfd.readouterr().out.split()[1] == str(tmp_path / "home")
    monkeypatch.undo()


def test_a_good_home_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOGNAME", "me")
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "MPLCONFIGDIR"):
        monkeypatch.delenv(name, raising=False)
    assert environment._nobody(tmp_path / "other") == {}


@pytest.mark.parametrize("module", ["run_snakemake", "check_configs"])
def test_ctrl_c_while_a_program_starts_prints_nothing(tmp_path, module):
    """As it comes in the first second, while its libraries are imported."""
    (tmp_path / "yaml").mkdir()
    (tmp_path / "snakemake").mkdir()
    for name in ("yaml", "snakemake"):
        (tmp_path / name / "__init__.py").write_text(
            "import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(60)"
        )
    path = os.pathsep.join([str(tmp_path), str(Path("scripts").resolve())])
    result = subprocess.run(
        [sys.executable, "-P", "-m", module, "config/config.yaml"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (result.stdout, result.stderr, result.returncode) == ("", "", -2)
